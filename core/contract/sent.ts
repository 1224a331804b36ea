/**
 * A schema as the one reads it who sends what it describes: an object has the properties that the schema names and no
 * others, unless it says so itself (`additionalProperties`, `unevaluatedProperties`). JSON Schema leaves objects
 * open, and taken by the letter a consumer that names its two arguments also sends a third of any type, which no provider
 * with a third, typed parameter takes: every new optional parameter would break every consumer (ADR 0010).
 */
import type { JsonSchema } from '../model/agent.ts'
import { isObject } from './schema-node.ts'

const inMaps = ['properties', 'patternProperties']
const single = ['items', 'additionalProperties', 'unevaluatedProperties', 'contains']
const inPlaceLists = ['allOf', 'anyOf', 'oneOf']
const inPlace = ['then', 'else']
const definitions = ['$defs', 'definitions']

export function asSent(schema: JsonSchema): JsonSchema {
  const close = (node: unknown, isWhole: boolean): unknown => {
    if (!isObject(node)) return node
    const copy: Record<string, unknown> = { ...node }
    const map = (key: string, isInnerWhole: boolean) => {
      const value = node[key]
      if (!isObject(value)) return
      copy[key] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, close(child, isInnerWhole)]),
      )
    }
    const list = (key: string, isInnerWhole: boolean) => {
      const value = node[key]
      if (Array.isArray(value)) copy[key] = value.map(child => close(child, isInnerWhole))
    }
    for (const key of inMaps) map(key, true)
    // What a reference leads to is a part: the place that refers to it is the whole.
    for (const key of [...definitions, 'dependentSchemas']) map(key, false)
    for (const key of single) if (isObject(node[key])) copy[key] = close(node[key], true)
    for (const key of inPlace) if (isObject(node[key])) copy[key] = close(node[key], false)
    list('prefixItems', true)
    for (const key of inPlaceLists) list(key, false)
    const says = isWhole ? saysOfNames(node, schema, new Set()) : { names: false, others: false }
    return says.names && !says.others ? { ...copy, unevaluatedProperties: false } : copy
  }
  return close(schema, true) as JsonSchema
}

/** Whether the schema or a part in its place names properties, and whether it speaks of others. */
function saysOfNames(
  node: unknown,
  root: JsonSchema,
  seen: Set<unknown>,
): { names: boolean; others: boolean } {
  const says = { names: false, others: false }
  if (!isObject(node) || seen.has(node)) return says
  seen.add(node)
  says.names = isObject(node.properties)
  says.others = 'additionalProperties' in node || 'unevaluatedProperties' in node
  const parts = [
    ...inPlaceLists.flatMap(key => (Array.isArray(node[key]) ? (node[key] as unknown[]) : [])),
    ...inPlace.map(key => node[key]),
    ...(isObject(node.dependentSchemas) ? Object.values(node.dependentSchemas) : []),
    targetOf(node.$ref, root),
  ]
  for (const part of parts) {
    const inner = saysOfNames(part, root, seen)
    says.names ||= inner.names
    says.others ||= inner.others
  }
  return says
}

function targetOf(reference: unknown, root: JsonSchema): unknown {
  if (reference === '#') return root
  const name = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(
    typeof reference === 'string' ? reference : '',
  )
  const [, key = '', inner = ''] = name ?? []
  const map = root[key]
  return isObject(map) && Object.hasOwn(map, inner) ? map[inner] : undefined
}
