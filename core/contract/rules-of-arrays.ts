/** Rules for keywords of arrays: items by their place, lengths, `uniqueItems`, `contains`. */
import { hold, lift, undecided, type Comparison } from './comparison.ts'
import { itemAt, least, most, prefixOf, typesOf } from './facts.ts'
import { arrayOf } from './samples.ts'
import { has, listOf, numberOf, ownValue, type Node } from './schema-node.ts'
import type { Verdict } from './verdict.ts'

export function* rulesOfArrays(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  if (!typesOf(list).has('array')) return
  const longest = longestOf(c, list)
  const [min, max] = [numberOf(to, 'minItems'), numberOf(to, 'maxItems')]
  if (min !== undefined) {
    yield hold(c, list, to, { keyword: 'minItems', isProven: least(list, 'minItems') >= min })
  }
  if (max !== undefined) yield hold(c, list, to, { keyword: 'maxItems', isProven: longest <= max })
  yield* items(c, list, to)
  if (ownValue(to.schema, 'uniqueItems') === true) {
    const isUnique = list.some(node => ownValue(node.schema, 'uniqueItems') === true)
    yield hold(c, list, to, { keyword: 'uniqueItems', isProven: isUnique || longest <= 1 })
  }
  if (has(to, 'contains')) yield* containing(c, list, to)
  if (has(to, 'unevaluatedItems')) {
    yield ownValue(to.schema, 'unevaluatedItems') === true
      ? hold(c, list, to, { keyword: 'unevaluatedItems', isProven: true })
      : undecided(list, to, 'unevaluatedItems')
  }
}

/** The greatest length, where `maxItems` or items that can't be say one. */
function longestOf(c: Comparison, list: readonly Node[]): number {
  const limit = most(list, 'maxItems')
  const end = prefixOf(list)
  for (let i = 0; i <= end && i < limit; i++) {
    if (c.isEmpty(itemAt(c.work, list, i))) return i
  }
  return limit
}

function* items(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const prefix = listOf(to, 'prefixItems').length
  if (prefix === 0 && !has(to, 'items')) return
  const longest = longestOf(c, list)
  const end = Math.max(prefixOf(list), prefix)
  for (let i = 0; i <= end && i < longest; i++) {
    const [target] = itemAt(c.work, [to], i)
    if (!target) continue
    const verdict = c.below(itemAt(c.work, list, i), target)
    yield lift(c, verdict, i, {
      list,
      to,
      of: part => {
        const lengths = new Set([i + 1, least(list, 'minItems')].filter(n => n > i && n <= 64))
        return [...lengths].flatMap(n => {
          const array = arrayOf(c.work, list, { length: n, given: { [i]: part } })
          return array ? [array] : []
        })
      },
    })
  }
}

function* containing(c: Comparison, list: readonly Node[], to: Node): Generator<Verdict> {
  const wanted = c.work.child(to, 'contains')
  const [min, max] = [numberOf(to, 'minContains') ?? 1, numberOf(to, 'maxContains')]
  const places = Array.from({ length: prefixOf(list) + 1 }, (_, i) => itemAt(c.work, list, i))
  const everyItem = () => places.every(place => c.below(place, wanted).answer === 'yes')
  const isSame = list.some(
    node =>
      has(node, 'contains') &&
      (numberOf(node, 'minContains') ?? 1) >= min &&
      c.below([c.work.child(node, 'contains')], wanted).answer === 'yes',
  )
  const isProven = min === 0 || isSame || (least(list, 'minItems') >= min && everyItem())
  yield hold(c, list, to, { keyword: 'contains', isProven })
  if (max === undefined) return
  const isFew =
    most(list, 'maxItems') <= max || places.every(place => c.isEmpty([...place, wanted]))
  yield hold(c, list, to, { keyword: 'maxContains', isProven: isFew })
}
