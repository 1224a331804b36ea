/** The schemas inside a JSON Schema, which data such as `default`, `const` and `examples` is not. */
import type { Path } from './fault.ts'
import { isRecord, type SchemaNode } from './record.ts'

const inMaps = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
const inLists = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const single = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
]

/** The keywords of JSON Schema 2020-12 and its annotations. */
export const keywords: readonly string[] = [
  ...inMaps,
  ...inLists,
  ...single,
  ...[
    '$schema',
    '$id',
    '$ref',
    '$anchor',
    '$dynamicRef',
    '$dynamicAnchor',
    '$vocabulary',
    '$comment',
  ],
  ...[
    'type',
    'enum',
    'const',
    'multipleOf',
    'maximum',
    'exclusiveMaximum',
    'minimum',
    'exclusiveMinimum',
  ],
  ...[
    'maxLength',
    'minLength',
    'pattern',
    'maxItems',
    'minItems',
    'uniqueItems',
    'maxContains',
    'minContains',
  ],
  ...[
    'maxProperties',
    'minProperties',
    'required',
    'dependentRequired',
    'title',
    'description',
    'default',
  ],
  ...[
    'deprecated',
    'readOnly',
    'writeOnly',
    'examples',
    'format',
    'contentEncoding',
    'contentMediaType',
  ],
]

/** The schemas one step below, each with its path from here. */
export function subschemas(schema: SchemaNode): [Path, SchemaNode][] {
  const found: [Path, SchemaNode][] = []
  const add = (path: Path, value: unknown) => {
    if (isRecord(value)) found.push([path, value])
  }
  for (const [key, value] of Object.entries(schema)) {
    if (inMaps.includes(key) && isRecord(value)) {
      for (const [name, child] of Object.entries(value)) add([key, name], child)
    } else if (inLists.includes(key) && Array.isArray(value)) {
      value.forEach((child, index) => add([key, index], child))
    } else if (single.includes(key)) add([key], value)
  }
  return found
}
