/** Schemas that no value is valid for all of, as far as their own keywords show it: false where that could not be shown. */
import {
  flatten,
  itemAt,
  least,
  most,
  prefixOf,
  rangeOf,
  requiredOf,
  typesOf,
  valueAt,
  valuesOf,
  type Atom,
} from './facts.ts'
import type { Node, Work } from './schema-node.ts'

const maxDepth = 3

export function isEmptyShape(work: Work, list: readonly Node[], depth = 0): boolean {
  const types = typesOf(list)
  if (types.size === 0 || list.some(node => node.schema === false)) return true
  const values = valuesOf(work, list)
  if (values) return values.length === 0
  return [...types].every(type => isImpossible(work, list, type, depth))
}

function isImpossible(work: Work, list: readonly Node[], type: Atom, depth: number): boolean {
  const isNone = (nodes: readonly Node[]) =>
    depth < maxDepth && isEmptyShape(work, flatten(work, nodes), depth + 1)
  switch (type) {
    case 'null':
    case 'boolean':
      return false
    case 'integer':
    case 'fraction': {
      const range = rangeOf(list)
      if (range.least > range.most) return true
      return range.least === range.most && (range.isOpenLeast || range.isOpenMost)
    }
    case 'string':
      return least(list, 'minLength') > most(list, 'maxLength')
    case 'array': {
      const fewest = least(list, 'minItems')
      if (fewest > most(list, 'maxItems')) return true
      const end = Math.min(fewest, prefixOf(list) + 1)
      for (let i = 0; i < end; i++) if (isNone(itemAt(work, list, i))) return true
      return false
    }
    case 'object': {
      const required = requiredOf(work, list)
      if (Math.max(required.size, least(list, 'minProperties')) > most(list, 'maxProperties'))
        return true
      return [...required].some(key => isNone(valueAt(work, list, key)))
    }
  }
}
