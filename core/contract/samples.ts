/**
 * A few values that are valid for several schemas at once, near the limits that those and another schema draw: where one
 * schema allows what another does not, one of them usually shows it. Each is checked; none is guessed.
 */
import {
  flatten,
  itemAt,
  least,
  namesOf,
  otherValue,
  requiredOf,
  typesOf,
  valueAt,
  valuesOf,
} from './facts.ts'
import { exampleOf } from './safe-pattern.ts'
import { has, isObject, listOf, mapOf, numberOf, type Node, type Work } from './schema-node.ts'
import { hasTwins, validForAll } from './validates.ts'

const maxSamples = 12
const maxDepth = 8
const maxItems = 64
const maxLength = 1_000

/** Samples of what is valid for all nodes, with an eye on the limits of `other`. */
export function samplesOf(work: Work, nodes: readonly Node[], other?: Node, depth = 0): unknown[] {
  if (depth > maxDepth) return []
  const list = flatten(work, nodes)
  const listed = valuesOf(work, list)
  const near = other ? [...list, ...flatten(work, [other])] : list
  const found: unknown[] = []
  const take = (values: Iterable<unknown>) => {
    for (const value of values) {
      if (found.length >= maxSamples * (other ? 4 : 1)) return
      if (validForAll(work, list, value) === true) found.push(value)
    }
  }
  if (listed) take(listed.slice(0, 100))
  else {
    const types = typesOf(list)
    if (types.has('null')) take([null])
    if (types.has('boolean')) take([false, true])
    if (types.has('string')) take(texts(near))
    if (types.has('integer') || types.has('fraction')) take(numbers(near))
    take(list.flatMap(shownValues))
    if (types.has('array')) take(arrays(work, list, near, depth))
    if (types.has('object')) take(objects(work, list, depth))
  }
  if (found.length > 0 && depth > 0) return found
  for (const node of list) {
    for (const keyword of ['anyOf', 'oneOf']) {
      const parts = listOf(node, keyword).map((_, i) => work.child(node, keyword, i))
      if (parts.some(part => list.includes(part))) continue
      for (const part of parts) take(samplesOf(work, [...list, part], undefined, depth + 1))
    }
  }
  return found
}

/** What the author of the schema shows. */
function shownValues({ schema }: Node): unknown[] {
  if (!isObject(schema)) return []
  const { examples, default: fallback } = schema
  return [...(Array.isArray(examples) ? (examples as unknown[]) : []), fallback].slice(0, 10)
}

function limits(near: readonly Node[], keywords: readonly string[]): number[] {
  return near.flatMap(node => keywords.flatMap(keyword => numberOf(node, keyword) ?? []))
}

function numbers(near: readonly Node[]): Set<number> {
  const bounds = limits(near, ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'])
  const steps = limits(near, ['multipleOf'])
  const around = [0, ...bounds].flatMap(n => [n, n + 1, n - 1, n + 0.5, n - 0.5])
  const whole = around.flatMap(n => [n, Math.ceil(n), Math.floor(n)])
  const multiples = steps.flatMap(step =>
    around.flatMap(n => [Math.ceil(n / step) * step, Math.floor(n / step) * step + 3 * step]),
  )
  return new Set([...whole, ...multiples, ...steps].filter(Number.isFinite))
}

function texts(near: readonly Node[]): Set<string> {
  const lengths = limits(near, ['minLength', 'maxLength'])
    .flatMap(n => [n, n - 1, n + 1])
    .filter(n => n >= 0 && n <= maxLength)
  const patterns = near.flatMap(({ schema }) =>
    isObject(schema) && typeof schema.pattern === 'string' ? (exampleOf(schema.pattern) ?? []) : [],
  )
  const words = ['', 'a', 'text', '0', 'A b', '-', 'é🙂']
  return new Set([...words, ...patterns, ...lengths.map(n => 'x'.repeat(n))])
}

function* arrays(
  work: Work,
  list: readonly Node[],
  near: readonly Node[],
  depth: number,
): Generator<unknown[]> {
  const lengths = limits(near, ['minItems', 'maxItems', 'minContains', 'maxContains'])
  const wanted = [0, 1, 2, ...lengths.flatMap(n => [n, n - 1, n + 1])]
  for (const length of new Set(wanted.filter(n => n >= 0 && n <= maxItems).sort((a, b) => a - b))) {
    const array = arrayOf(work, list, { length, depth })
    if (array) yield array
    const [first] = samplesOf(work, itemAt(work, list, length), undefined, depth + 1)
    if (first !== undefined) yield Array.from({ length }, () => first)
  }
}

interface ArrayShape {
  length: number
  /** Items that are settled, by their place. */
  given?: Readonly<Record<number, unknown>>
  depth?: number
}

/** An array of that length with these items in their places; undefined where none was found. */
export function arrayOf(
  work: Work,
  list: readonly Node[],
  { length, given = {}, depth = 0 }: ArrayShape,
): unknown[] | undefined {
  const array: unknown[] = []
  const contains = list.filter(node => has(node, 'contains'))
  for (let i = 0; i < length; i++) {
    work.spend()
    const conj = itemAt(work, list, i)
    const inside = contains.map(node => work.child(node, 'contains'))
    const options = [
      ...(i in given ? [given[i]] : []),
      ...(contains.length > 0 ? samplesOf(work, [...conj, ...inside], undefined, depth + 1) : []),
      ...samplesOf(work, conj, undefined, depth + 1),
      `item ${i}`,
      i,
    ]
    const isUsable = (option: unknown) =>
      validForAll(work, conj, option) === true && !hasTwins(work, [...array, option])
    const item = i in given ? options[0] : (options.find(isUsable) ?? options[0])
    array.push(item)
  }
  return array
}

function* objects(work: Work, list: readonly Node[], depth: number): Generator<object> {
  const bare = objectWith(work, list, {}, depth)
  if (!bare) return
  yield bare
  const names = [...namesOf(work, list)].filter(name => !Object.hasOwn(bare, name)).slice(0, 24)
  const full: [string, unknown][] = []
  for (const name of names) {
    const [value] = samplesOf(work, valueAt(work, list, name), undefined, depth + 1)
    if (value === undefined) continue
    yield { ...bare, [name]: value }
    full.push([name, value])
  }
  yield { ...bare, ...Object.fromEntries(full) }
  const name = freshName(work, list)
  const [other] = samplesOf(work, otherValue(work, list), undefined, depth + 1)
  if (other !== undefined) yield { ...bare, [name]: other }
}

/** An object with these properties and those that are required; undefined where none was found. */
export function objectWith(
  work: Work,
  list: readonly Node[],
  given: Readonly<Record<string, unknown>>,
  depth = 0,
): Record<string, unknown> | undefined {
  const entries: [string, unknown][] = Object.entries(given)
  const has = new Set(Object.keys(given))
  const add = (key: string, conj: readonly Node[]) => {
    const [value] = samplesOf(work, conj, undefined, depth + 1)
    if (value === undefined || has.has(key)) return value !== undefined
    has.add(key)
    entries.push([key, value])
    return true
  }
  for (const key of requiredOf(work, list)) {
    if (!add(key, valueAt(work, list, key))) return undefined
  }
  for (const [key, others] of list.flatMap(node =>
    Object.entries(mapOf(node, 'dependentRequired')),
  )) {
    if (!has.has(key) || !Array.isArray(others)) continue
    for (const other of others) add(String(other), valueAt(work, list, String(other)))
  }
  const missing = least(list, 'minProperties') - entries.length
  if (missing > maxItems) return undefined
  const names = missing > 0 ? [...namesOf(work, list)] : []
  for (const name of names.filter(each => !has.has(each)).slice(0, missing)) {
    add(name, valueAt(work, list, name))
  }
  for (let i = 0; i < missing; i++) {
    if (entries.length >= least(list, 'minProperties')) break
    add(`other${i}`, otherValue(work, list))
  }
  return Object.fromEntries(entries)
}

/** A name that no schema lists, and one that matches the pattern if one is given. */
export function freshName(work: Work, list: readonly Node[], pattern?: string): string {
  const names = namesOf(work, list)
  if (pattern !== undefined) return exampleOf(pattern) ?? 'other'
  return ['other', 'another', 'x', '_other'].find(name => !names.has(name)) ?? `other${names.size}`
}
