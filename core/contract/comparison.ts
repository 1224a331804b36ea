/** What the rules of each keyword share: the state of one comparison, and the step from "not proven" to a value that refutes. */
import type { JsonSchema } from '../model/agent.ts'
import { isObject, type Node, type Path, type Work } from './schema-node.ts'
import { samplesOf } from './samples.ts'
import { validates, validForAll } from './validates.ts'
import { shown, type Verdict, yes } from './verdict.ts'

export interface Comparison {
  readonly work: Work
  /** Whether every value that is valid for all of `from` is valid for `to`. */
  subset(from: readonly Node[], to: Node): Verdict
  /** The same, of values one level below: a property, an item. */
  below(from: readonly Node[], to: Node): Verdict
  /** True where no value is valid for all; false also where that could not be shown. */
  isEmpty(nodes: readonly Node[]): boolean
  /** `{ type }`, always the same node. */
  typeNode(type: string): Node
  /** `{ not }` of it, always the same node. */
  notNode(refused: Node): Node
}

/** One constraint: proven, or else refuted by a candidate, or else unknown. */
export function hold(
  { work }: Comparison,
  list: readonly Node[],
  to: Node,
  rule: { keyword: string; isProven: boolean; candidates?: readonly unknown[]; reason?: string },
): Verdict {
  if (rule.isProven) return yes
  const only = restricted(work, to, rule.keyword)
  const candidates = [...(rule.candidates ?? []), ...samplesOf(work, list, only)]
  const value = refuting(work, list, only, candidates)
  const place = { at: [], from: list[0]?.path ?? [], to: [...to.path, rule.keyword] }
  const limit = isObject(to.schema) ? to.schema[rule.keyword] : undefined
  if (value === undefined) {
    const reason = `may break ${rule.keyword}: ${shown(limit)}, which can't be decided`
    return { answer: 'unknown', ...place, reason }
  }
  const reason =
    rule.reason ?? `may be ${shown(value.of)}, which breaks ${rule.keyword}: ${shown(limit)}`
  return { answer: 'no', ...place, reason, value: value.of }
}

/** The first candidate that is certainly valid for all of the list, and certainly not for the schema. */
export function refuting(
  work: Work,
  list: readonly Node[],
  to: Node,
  candidates: readonly unknown[],
): { of: unknown } | undefined {
  for (const value of candidates) {
    if (validates(work, to, value) !== false) continue
    if (validForAll(work, list, value) === true) return { of: value }
  }
  return undefined
}

/** A verdict of a property or item as one of what holds it; without a whole value that shows it a no is unknown. */
export function lift(
  { work }: Comparison,
  verdict: Verdict,
  step: string | number,
  whole: { list: readonly Node[]; to: Node; of: (part: unknown) => readonly unknown[] },
): Verdict {
  if (verdict.answer === 'yes') return verdict
  const at: Path = [step, ...verdict.at]
  if (verdict.answer === 'unknown') return { ...verdict, at }
  const value = refuting(work, whole.list, whole.to, whole.of(verdict.value))
  if (value) return { ...verdict, at, value: value.of }
  const { from, to, reason } = verdict
  return { answer: 'unknown', at, from, to, reason: `${reason}, if there is such a value` }
}

/** A constraint that the mesh does not decide. */
export function undecided(list: readonly Node[], to: Node, keyword: string): Verdict {
  const reason = `is held to ${keyword}, which can't be decided`
  return { answer: 'unknown', at: [], from: list[0]?.path ?? [], to: [...to.path, keyword], reason }
}

/** The schema with one keyword only, so that a value that breaks it breaks that one. */
function restricted(work: Work, { schema, document, path }: Node, keyword: string): Node {
  if (!isObject(schema)) return work.node(schema, document, path)
  const only: JsonSchema = { [keyword]: schema[keyword] }
  const companions: Record<string, string[]> = {
    contains: ['minContains', 'maxContains'],
    maxContains: ['contains', 'minContains'],
    if: ['then', 'else'],
    unevaluatedProperties: Object.keys(schema),
    unevaluatedItems: Object.keys(schema),
  }
  const more = (companions[keyword] ?? []).filter(key => Object.hasOwn(schema, key))
  return work.node(
    { ...only, ...Object.fromEntries(more.map(key => [key, schema[key]])) },
    document,
    path,
  )
}
