/**
 * What is known of a value that is valid for several schemas at once. References and `allOf` are followed, so that the list is
 * flat; of `anyOf`, `oneOf`, `if` and `not` nothing is taken here. Each fact holds for every such value: leaving one
 * out makes a proof fail, never wrong.
 */
import { mayEvaluate, unnamed } from './evaluated.ts'
import { matches } from './safe-pattern.ts'
import { has, isObject, listOf, mapOf, numberOf, type Node, type Work } from './schema-node.ts'
import { typesOfValue, validates, validForAll } from './validates.ts'

/** JSON's types, with numbers told apart by whether they are whole. */
export const atoms = [
  'null',
  'boolean',
  'integer',
  'fraction',
  'string',
  'array',
  'object',
] as const
export type Atom = (typeof atoms)[number]

/** The schemas with all that they refer to and all parts of each `allOf`, each once. */
export function flatten(work: Work, nodes: readonly Node[]): Node[] {
  const found = new Map<number, Node>()
  const add = (node: Node) => {
    work.spend()
    if (found.has(node.id)) return
    found.set(node.id, node)
    if (!isObject(node.schema)) return
    const target = has(node, '$ref') ? work.target(node) : undefined
    if (target) add(target)
    listOf(node, 'allOf').forEach((_, i) => add(work.child(node, 'allOf', i)))
  }
  nodes.forEach(add)
  return [...found.values()]
}

export function typesOf(list: readonly Node[]): Set<Atom> {
  let types: Atom[] = [...atoms]
  for (const node of list) {
    if (node.schema === false) return new Set()
    if (!isObject(node.schema) || !has(node, 'type')) continue
    const { type } = node.schema
    const names = Array.isArray(type) ? (type as unknown[]) : [type]
    types = types.filter(
      atom => names.includes(atom) || (isNumber(atom) && names.includes('number')),
    )
  }
  const isWhole = list.some(node => Number.isInteger(numberOf(node, 'multipleOf')))
  return new Set(types.filter(atom => !isWhole || atom !== 'fraction'))
}

function isNumber(atom: Atom): boolean {
  return atom === 'integer' || atom === 'fraction'
}

export function atomOf(value: unknown): Atom {
  const [type] = typesOfValue(value)
  return type === 'number' ? 'fraction' : (type as Atom)
}

const maxListed = 300

/** All values, where they are few: those of an `enum` or `const`, of booleans and null, of a short range of integers. */
export function valuesOf(work: Work, list: readonly Node[]): unknown[] | undefined {
  const node = list.find(each => has(each, 'const')) ?? list.find(each => has(each, 'enum'))
  const types = typesOf(list)
  let values: unknown[] | undefined
  if (node && isObject(node.schema)) {
    values = has(node, 'const') ? [node.schema.const] : [...listOf(node, 'enum')]
  } else if (types.size > 0) {
    values = []
    if (types.has('null')) values.push(null)
    if (types.has('boolean')) values.push(false, true)
    if (types.has('integer')) {
      const { least, most } = rangeOf(list)
      if (most - least < maxListed) for (let i = Math.ceil(least); i <= most; i++) values.push(i)
      else return undefined
    }
    if (types.has('fraction') || types.has('string') || types.has('array') || types.has('object'))
      return undefined
  }
  return values?.filter(value => validForAll(work, list, value) !== false)
}

/** Bounds of numbers; an exclusive one counts as the number itself, and `isOpen…` says so. */
export function rangeOf(list: readonly Node[]) {
  const range = { least: -Infinity, most: Infinity, isOpenLeast: false, isOpenMost: false }
  for (const node of list) {
    const [least, above] = [numberOf(node, 'minimum'), numberOf(node, 'exclusiveMinimum')]
    const [most, below] = [numberOf(node, 'maximum'), numberOf(node, 'exclusiveMaximum')]
    if (least !== undefined && least > range.least)
      [range.least, range.isOpenLeast] = [least, false]
    if (above !== undefined && above >= range.least)
      [range.least, range.isOpenLeast] = [above, true]
    if (most !== undefined && most < range.most) [range.most, range.isOpenMost] = [most, false]
    if (below !== undefined && below <= range.most) [range.most, range.isOpenMost] = [below, true]
  }
  return range
}

/** The greatest of a lower bound, the least of an upper one. */
export function least(list: readonly Node[], keyword: string): number {
  return Math.max(0, ...list.map(node => numberOf(node, keyword) ?? 0))
}

export function most(list: readonly Node[], keyword: string): number {
  return Math.min(Infinity, ...list.map(node => numberOf(node, keyword) ?? Infinity))
}

export function requiredOf(work: Work, list: readonly Node[]): Set<string> {
  const found = new Set<string>()
  for (const node of list) {
    const names = listOf(node, 'required')
    work.spend(names.length)
    for (const name of names) if (typeof name === 'string') found.add(name)
  }
  return found
}

/** Names that the schemas list under `properties` or require. */
export function namesOf(work: Work, list: readonly Node[]): Set<string> {
  const found = requiredOf(work, list)
  for (const node of list)
    for (const name of Object.keys(mapOf(node, 'properties'))) found.add(name)
  work.spend(found.size)
  return found
}

/** What is known of the value of that property, where it is there. */
export function valueAt(work: Work, list: readonly Node[], key: string): Node[] {
  const found: Node[] = []
  for (const node of list) {
    work.spend()
    if (has(node, 'propertyNames')) {
      const names = work.child(node, 'propertyNames')
      if (validates(work, names, key) === false)
        return [work.node(false, node.document, names.path)]
    }
    let isCovered = Object.hasOwn(mapOf(node, 'properties'), key)
    if (isCovered) found.push(work.child(node, 'properties', key))
    for (const pattern of Object.keys(mapOf(node, 'patternProperties'))) {
      const isMatch = matches(pattern, key)
      if (isMatch === true) found.push(work.child(node, 'patternProperties', pattern))
      isCovered ||= isMatch !== false
    }
    if (!isCovered) found.push(...restOf(work, node, key))
  }
  return found
}

/** What is known of the value of a property that no schema names; with a pattern, of one whose name matches it. */
export function otherValue(work: Work, list: readonly Node[], pattern?: string): Node[] {
  return list.flatMap(node => {
    const patterns = Object.keys(mapOf(node, 'patternProperties'))
    if (pattern === undefined || patterns.length === 0) return restOf(work, node, unnamed)
    return patterns.includes(pattern) ? [work.child(node, 'patternProperties', pattern)] : []
  })
}

function restOf(work: Work, node: Node, key: string): Node[] {
  if (has(node, 'additionalProperties')) return [work.child(node, 'additionalProperties')]
  const isLeft = has(node, 'unevaluatedProperties') && !mayEvaluate(work, node, key)
  return isLeft ? [work.child(node, 'unevaluatedProperties')] : []
}

/** What is known of the item at that place, where it is there. */
export function itemAt(work: Work, list: readonly Node[], index: number): Node[] {
  return list.flatMap(node => {
    if (index < listOf(node, 'prefixItems').length) return [work.child(node, 'prefixItems', index)]
    return has(node, 'items') ? [work.child(node, 'items')] : []
  })
}

/** From here on every item is of the same schemas. */
export function prefixOf(list: readonly Node[]): number {
  return Math.max(0, ...list.map(node => listOf(node, 'prefixItems').length))
}
