/** Rules for keywords of plain values: types, lists of values, numbers, texts. Each yields one verdict a constraint. */
import { hold, type Comparison } from './comparison.ts'
import { atoms, least, most, rangeOf, typesOf } from './facts.ts'
import { has, isObject, listOf, numberOf, type Node } from './schema-node.ts'
import type { Verdict } from './verdict.ts'

export function* ruleOfTypes(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const types = typesOf(list)
  if (has(to, 'type')) {
    const wanted = typesOf([to])
    const isProven = [...types].every(type => wanted.has(type))
    const found = namesOf(atoms.filter(atom => types.has(atom)))
    const taken = namesOf(atoms.filter(atom => wanted.has(atom)))
    const reason = `may be ${found}, and ${taken} is taken`
    yield hold(c, list, to, { keyword: 'type', isProven, reason })
  }
  // A list of values that is all of `enum` was compared value by value before.
  if (has(to, 'const')) yield hold(c, list, to, { keyword: 'const', isProven: false })
  if (has(to, 'enum')) {
    const candidates = Array.from({ length: 8 }, (_, i) => i + listOf(to, 'enum').length)
    yield hold(c, list, to, { keyword: 'enum', isProven: false, candidates })
  }
  if (types.has('integer') || types.has('fraction')) yield* numberRules(c, list, to)
  if (types.has('string')) yield* textRules(c, list, to)
}

function namesOf(found: readonly string[]): string {
  const isAny = found.includes('integer') && found.includes('fraction')
  const names = found.filter(name => !(isAny && name === 'integer'))
  return names.map(name => (name === 'fraction' ? 'number' : name)).join(' or ')
}

function* numberRules(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const range = rangeOf(list)
  const isWhole = !typesOf(list).has('fraction')
  const [low, high] = isWhole
    ? [
        range.isOpenLeast ? Math.floor(range.least) + 1 : Math.ceil(range.least),
        range.isOpenMost ? Math.ceil(range.most) - 1 : Math.floor(range.most),
      ]
    : [range.least, range.most]
  const isOpenLow = !isWhole && range.isOpenLeast
  const isOpenHigh = !isWhole && range.isOpenMost
  const rules: Record<string, (limit: number) => boolean> = {
    minimum: limit => low >= limit,
    maximum: limit => high <= limit,
    exclusiveMinimum: limit => low > limit || (low === limit && isOpenLow),
    exclusiveMaximum: limit => high < limit || (high === limit && isOpenHigh),
    multipleOf: limit => {
      const steps = list.flatMap(node => numberOf(node, 'multipleOf') ?? [])
      if (steps.includes(limit) || (limit === 1 && isWhole)) return true
      // Of fractions, what is a multiple is a matter of rounding: nothing is proven of them.
      return (
        Number.isSafeInteger(limit) && steps.some(s => Number.isSafeInteger(s) && s % limit === 0)
      )
    },
  }
  for (const [keyword, test] of Object.entries(rules)) {
    const limit = numberOf(to, keyword)
    if (limit !== undefined) yield hold(c, list, to, { keyword, isProven: test(limit) })
  }
}

function* textRules(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const [min, max] = [numberOf(to, 'minLength'), numberOf(to, 'maxLength')]
  if (min !== undefined) {
    yield hold(c, list, to, { keyword: 'minLength', isProven: least(list, 'minLength') >= min })
  }
  if (max !== undefined) {
    yield hold(c, list, to, { keyword: 'maxLength', isProven: most(list, 'maxLength') <= max })
  }
  const pattern = isObject(to.schema) ? to.schema.pattern : undefined
  if (typeof pattern !== 'string') return
  const isProven = list.some(({ schema }) => isObject(schema) && schema.pattern === pattern)
  yield hold(c, list, to, { keyword: 'pattern', isProven })
}
