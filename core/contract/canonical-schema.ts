/** What a schema says, as one text: equal for schemas that differ in the order of keys or in annotations for people only. */
import { isObject } from './schema-node.ts'

const annotations = new Set([
  ...['title', 'description', 'examples', 'default', '$comment', '$schema', 'deprecated'],
])
const maps = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
])
const values = new Set(['const', 'enum'])
/** Lists whose order says nothing. */
const sets = new Set(['required', 'type', 'enum'])

export function canonicalSchema(schema: unknown): string {
  return JSON.stringify(canonical(schema))
}

function canonical(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(canonical)
  if (!isObject(schema)) return schema
  return sorted(schema, key => !annotations.has(key), keyword)
}

function keyword(key: string, value: unknown): unknown {
  if (maps.has(key) && isObject(value))
    return sorted(
      value,
      () => true,
      (_, child) => canonical(child),
    )
  if (key === 'type' && typeof value === 'string') return keyword(key, [value])
  if (sets.has(key) && Array.isArray(value)) {
    return value.map(each => JSON.stringify(data(each))).sort()
  }
  if (key === 'dependentRequired' && isObject(value)) {
    return sorted(
      value,
      () => true,
      (_, names) => keyword('required', names),
    )
  }
  return values.has(key) ? data(value) : canonical(value)
}

/** A value, in which nothing is an annotation. */
function data(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(data)
  return isObject(value)
    ? sorted(
        value,
        () => true,
        (_, child) => data(child),
      )
    : value
}

function sorted(
  map: Readonly<Record<string, unknown>>,
  isKept: (key: string) => boolean,
  make: (key: string, value: unknown) => unknown,
): [string, unknown][] {
  return Object.entries(map)
    .filter(([key]) => isKept(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, make(key, value)])
}
