/** Rules for keywords that hold whole schemas against the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `if`. */
import { hold, undecided, type Comparison } from './comparison.ts'
import { atoms, typesOf } from './facts.ts'
import { samplesOf } from './samples.ts'
import { has, listOf, type Node } from './schema-node.ts'
import type { Verdict } from './verdict.ts'

export function* rulesOfParts(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const { work } = c
  if (has(to, '$dynamicRef')) yield undecided(list, to, '$dynamicRef')
  if (has(to, '$ref')) {
    const target = work.target(to)
    yield target ? c.subset(list, target) : undecided(list, to, '$ref')
  }
  for (const i of listOf(to, 'allOf').keys()) yield c.subset(list, work.child(to, 'allOf', i))
  if (has(to, 'anyOf')) yield ruleOfAny(c, list, to)
  if (has(to, 'oneOf')) yield ruleOfOne(c, list, to)
  if (has(to, 'not')) {
    const refused = work.child(to, 'not')
    const isProven = c.isEmpty([...list, refused])
    const candidates = isProven ? [] : samplesOf(work, [...list, refused])
    yield hold(c, list, to, { keyword: 'not', isProven, candidates })
  }
  if (has(to, 'if') && (has(to, 'then') || has(to, 'else'))) yield ruleOfIf(c, list, to)
}

function ruleOfAny(c: Comparison, list: readonly Node[], to: Node): Verdict {
  const parts = listOf(to, 'anyOf').map((_, i) => c.work.child(to, 'anyOf', i))
  const candidates: unknown[] = []
  for (const part of parts) {
    const verdict = c.subset(list, part)
    if (verdict.answer === 'yes') return verdict
    if (verdict.answer === 'no') candidates.push(verdict.value)
  }
  return byType(c, list, to) ?? hold(c, list, to, { keyword: 'anyOf', isProven: false, candidates })
}

function ruleOfOne(c: Comparison, list: readonly Node[], to: Node): Verdict {
  const parts = listOf(to, 'oneOf').map((_, i) => c.work.child(to, 'oneOf', i))
  const candidates: unknown[] = []
  for (const part of parts) {
    const others = parts.filter(other => other !== part)
    const verdict = c.subset(list, part)
    if (verdict.answer === 'no') candidates.push(verdict.value)
    if (verdict.answer !== 'yes') continue
    if (others.every(other => c.isEmpty([...list, other]))) return verdict
    for (const other of others) candidates.push(...samplesOf(c.work, [...list, other]))
    return hold(c, list, to, { keyword: 'oneOf', isProven: false, candidates })
  }
  return byType(c, list, to) ?? hold(c, list, to, { keyword: 'oneOf', isProven: false, candidates })
}

/** Where the first schema allows several types, each is compared alone; undefined where it allows one. */
function byType(c: Comparison, list: readonly Node[], to: Node): Verdict | undefined {
  const types = typesOf(list)
  const names = atoms
    .filter(atom => types.has(atom) && !(atom === 'integer' && types.has('fraction')))
    .map(atom => (atom === 'fraction' ? 'number' : atom))
  if (names.length < 2) return undefined
  let unknown: Verdict | undefined
  for (const name of names) {
    const verdict = c.subset([...list, c.typeNode(name)], to)
    if (verdict.answer === 'no') return verdict
    if (verdict.answer === 'unknown') unknown ??= verdict
  }
  return unknown ?? { answer: 'yes' }
}

function ruleOfIf(c: Comparison, list: readonly Node[], to: Node): Verdict {
  const test = c.work.child(to, 'if')
  const isProven = () => {
    const branch = (keyword: string, from: readonly Node[]) =>
      !has(to, keyword) || c.subset(from, c.work.child(to, keyword)).answer === 'yes'
    const never = c.isEmpty([...list, test])
    const always = never ? false : c.subset(list, test).answer === 'yes'
    return (
      (never || branch('then', [...list, test])) &&
      (always || branch('else', [...list, c.notNode(test)]))
    )
  }
  return hold(c, list, to, { keyword: 'if', isProven: isProven() })
}
