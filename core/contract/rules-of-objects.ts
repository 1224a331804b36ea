/**
 * Rules for keywords of objects. Names fall into those that either schema lists, those that match a pattern, and all
 * others; what is known of the value of each is held against what the second schema says of such a name.
 */
import { hold, lift, undecided, type Comparison } from './comparison.ts'
import { inPlaceOf } from './evaluated.ts'
import { least, most, namesOf, otherValue, requiredOf, typesOf, valueAt } from './facts.ts'
import { matches } from './safe-pattern.ts'
import { freshName, objectWith, samplesOf } from './samples.ts'
import { has, isObject, listOf, mapOf, numberOf, type Node } from './schema-node.ts'
import { validates } from './validates.ts'
import type { Verdict } from './verdict.ts'

export function* rulesOfObjects(
  c: Comparison,
  list: readonly Node[],
  to: Node,
): Generator<Verdict> {
  if (!isObject(to.schema) || !typesOf(list).has('object')) return
  const { work } = c
  const required = requiredOf(work, list)
  for (const key of listOf(to, 'required')) {
    if (typeof key !== 'string') continue
    const isProven = required.has(key)
    if (!isProven) {
      yield hold(c, list, only(c, to, 'required', [key]), {
        keyword: 'required',
        isProven,
        reason: `may lack ${JSON.stringify(key)}`,
      })
    }
  }
  const isSimple = inPlaceOf(work, to).length === 0
  const rest = ['additionalProperties', ...(isSimple ? ['unevaluatedProperties'] : [])].find(
    keyword => has(to, keyword),
  )
  if (has(to, 'unevaluatedProperties') && !isSimple) {
    yield undecided(list, to, 'unevaluatedProperties')
  }
  const names = new Set([...namesOf(work, list), ...namesOf(work, [to])])
  yield* namedValues(c, list, to, { names, rest })
  yield* otherValues(c, list, to, rest)
  if (has(to, 'propertyNames')) yield* nameRules(c, list, to, names)
  yield* counts(c, list, to, names)
  yield* dependents(c, list, to, required)
}

/** What the second schema says of the value of a name, where it is sure or possible that it says it. */
function* namedValues(
  c: Comparison,
  list: readonly Node[],
  to: Node,
  { names, rest }: { names: ReadonlySet<string>; rest: string | undefined },
): Generator<Verdict> {
  const { work } = c
  const patterns = Object.keys(mapOf(to, 'patternProperties'))
  for (const key of names) {
    work.spend()
    const targets: Node[] = []
    let isCovered = Object.hasOwn(mapOf(to, 'properties'), key)
    if (isCovered) targets.push(work.child(to, 'properties', key))
    for (const pattern of patterns) {
      const isMatch = matches(pattern, key)
      if (isMatch !== false) targets.push(work.child(to, 'patternProperties', pattern))
      isCovered ||= isMatch === true
    }
    if (rest !== undefined && !isCovered) targets.push(work.child(to, rest))
    if (targets.length === 0) continue
    const conj = valueAt(work, list, key)
    for (const target of targets) {
      yield property(c, c.below(conj, target), key, { list, to })
    }
  }
}

function* otherValues(
  c: Comparison,
  list: readonly Node[],
  to: Node,
  rest: string | undefined,
): Generator<Verdict> {
  const { work } = c
  const patterns = Object.keys(mapOf(to, 'patternProperties'))
  for (const pattern of patterns) {
    const target = work.child(to, 'patternProperties', pattern)
    const verdict = c.below(otherValue(work, list, pattern), target)
    yield property(c, verdict, freshName(work, list, pattern), { list, to })
  }
  if (rest === undefined) return
  const target = work.child(to, rest)
  for (const pattern of patternsOf(list)) {
    if (patterns.includes(pattern)) continue
    const verdict = c.below(otherValue(work, list, pattern), target)
    yield property(c, verdict, freshName(work, list, pattern), { list, to })
  }
  const verdict = c.below(otherValue(work, list), target)
  yield property(c, verdict, freshName(work, [...list, to]), { list, to })
}

function patternsOf(list: readonly Node[]): Set<string> {
  return new Set(list.flatMap(node => Object.keys(mapOf(node, 'patternProperties'))))
}

function property(
  c: Comparison,
  verdict: Verdict,
  key: string,
  { list, to }: { list: readonly Node[]; to: Node },
): Verdict {
  return lift(c, verdict, key, {
    list,
    to,
    of: part => {
      const whole = objectWith(c.work, list, { [key]: part })
      return whole ? [whole] : []
    },
  })
}

function* nameRules(
  c: Comparison,
  list: readonly Node[],
  to: Node,
  names: ReadonlySet<string>,
): Generator<Verdict> {
  const { work } = c
  const wanted = work.child(to, 'propertyNames')
  for (const key of names) {
    if (validates(work, wanted, key) === true) continue
    const conj = valueAt(work, list, key)
    if (c.isEmpty(conj)) continue
    const candidates = samplesOf(work, conj).flatMap(
      value => objectWith(work, list, { [key]: value }) ?? [],
    )
    const reason = `may have a property ${JSON.stringify(key)}`
    yield hold(c, list, to, { keyword: 'propertyNames', isProven: false, candidates, reason })
  }
  const known = list
    .filter(node => has(node, 'propertyNames'))
    .map(node => work.child(node, 'propertyNames'))
  const kinds: [Node[], Node[]][] = [...patternsOf(list)].map(pattern => [
    [only(c, to, 'pattern', pattern)],
    otherValue(work, list, pattern),
  ])
  for (const [kind, values] of [...kinds, [[], otherValue(work, list)] as const]) {
    if (c.isEmpty(values)) continue
    const text = only(c, to, 'type', 'string')
    const isProven = c.below([text, ...kind, ...known], wanted).answer === 'yes'
    yield hold(c, list, to, { keyword: 'propertyNames', isProven })
  }
}

function* counts(
  c: Comparison,
  list: readonly Node[],
  to: Node,
  names: ReadonlySet<string>,
): Generator<Verdict> {
  const [min, max] = [numberOf(to, 'minProperties'), numberOf(to, 'maxProperties')]
  if (min !== undefined) {
    const fewest = Math.max(least(list, 'minProperties'), requiredOf(c.work, list).size)
    yield hold(c, list, to, { keyword: 'minProperties', isProven: fewest >= min })
  }
  if (max !== undefined) {
    const isClosed = patternsOf(list).size === 0 && c.isEmpty(otherValue(c.work, list))
    const all = isClosed ? names.size : Infinity
    const isProven = Math.min(all, most(list, 'maxProperties')) <= max
    yield hold(c, list, to, { keyword: 'maxProperties', isProven })
  }
}

function* dependents(
  c: Comparison,
  list: readonly Node[],
  to: Node,
  required: ReadonlySet<string>,
): Generator<Verdict> {
  const { work } = c
  for (const [key, others] of Object.entries(mapOf(to, 'dependentRequired'))) {
    if (!Array.isArray(others) || c.isEmpty(valueAt(work, list, key))) continue
    const known = new Set(list.flatMap(node => ownList(mapOf(node, 'dependentRequired'), key)))
    const isProven = others.every(other => required.has(String(other)) || known.has(other))
    const candidates = samplesOf(work, valueAt(work, list, key)).flatMap(
      value => objectWith(work, list, { [key]: value }) ?? [],
    )
    yield hold(c, list, to, { keyword: 'dependentRequired', isProven, candidates })
  }
  for (const key of Object.keys(mapOf(to, 'dependentSchemas'))) {
    if (c.isEmpty(valueAt(work, list, key))) continue
    const known = list
      .filter(node => Object.hasOwn(mapOf(node, 'dependentSchemas'), key))
      .map(node => work.child(node, 'dependentSchemas', key))
    const present = only(c, to, 'required', [key])
    const object = only(c, to, 'type', 'object')
    yield c.subset([...list, object, present, ...known], work.child(to, 'dependentSchemas', key))
  }
}

function ownList(map: Readonly<Record<string, unknown>>, key: string): unknown[] {
  const value = Object.hasOwn(map, key) ? map[key] : undefined
  return Array.isArray(value) ? (value as unknown[]) : []
}

/** A schema of one keyword. */
function only({ work }: Comparison, at: Node, keyword: string, value: unknown): Node {
  return work.node({ [keyword]: value }, at.document, at.path)
}
