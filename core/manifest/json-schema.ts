/**
 * Whether a JSON Schema of a tool is one: it is held against the meta-schema, its references and patterns are tried, and
 * a keyword that is nearly one is taken for a mistake, since JSON Schema itself would pass over it in silence.
 */
import type { ErrorObject } from 'ajv'
import { validators } from '../model/generated/validators.ts'
import { faultOf, type Fault, type Path } from './fault.ts'
import { valueAt, type SchemaNode } from './record.ts'
import { keywords, subschemas } from './schema-walk.ts'
import { lists, quoted } from './shape-words.ts'
import { editDistance, nearest } from './suggest.ts'

const dialect = 'https://json-schema.org/draft/2020-12/schema'
const typeNames = ['object', 'string', 'number', 'integer', 'boolean', 'array', 'null']
/** Keywords of other dialects, which are near to one of ours and yet meant. */
const foreign = new Set([
  'example',
  'nullable',
  'definition',
  'id',
  'enumNames',
  'dependencies',
  'discriminator',
])

/** The faults of the schema that stands at `path` of its manifest. */
export function schemaFaults(schema: SchemaNode, path: Path): Fault[] {
  const faults = [...metaFaults(schema, path), ...walk(schema, path, schema)]
  const seen = new Set<string>()
  return faults.filter(fault => {
    const key = JSON.stringify(fault.path)
    return !seen.has(key) && seen.add(key)
  })
}

function walk(schema: SchemaNode, path: Path, root: SchemaNode): Fault[] {
  return [
    ...keywordFaults(schema, path),
    ...referenceFaults(schema, path, root),
    ...patternFaults(schema, path),
    ...subschemas(schema).flatMap(([steps, child]) => walk(child, [...path, ...steps], root)),
  ]
}

function metaFaults(schema: SchemaNode, path: Path): Fault[] {
  // What the schema says of itself does not choose the dialect; keywordFaults speaks of it.
  if (validators.JsonSchema(schema)) return []
  const errors = (validators.JsonSchema.errors ?? []).filter(
    error => !/^(anyOf|allOf|\$ref)$/.test(error.keyword),
  )
  return errors.map(error => metaFault(error, schema, path))
}

function metaFault(error: ErrorObject, schema: SchemaNode, path: Path): Fault {
  const steps = error.instancePath.split('/').slice(1)
  const inner = steps.map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const indexed = inner.map((part, i) =>
    Array.isArray(valueAt(schema, inner.slice(0, i))) ? Number(part) : part,
  )
  const at = [...path, ...indexed]
  const keyword = [...indexed].reverse().find(part => typeof part === 'string') ?? ''
  const value: unknown = error.data
  if (keyword === 'type') {
    const near = typeof value === 'string' ? nearest(value, typeNames) : undefined
    const message = `${quoted(value)} is no type of JSON Schema`
    const mend = near ? `write ${near}` : `write one of ${lists(typeNames)}`
    return faultOf('MESH_SCHEMA_INVALID', at, message, { mend })
  }
  if (keyword === 'required' && typeof value === 'boolean') {
    const mend = 'write a list of names beside properties: required: [name]'
    return faultOf('MESH_SCHEMA_INVALID', at, `required is ${value}; it takes a list of names`, {
      mend,
    })
  }
  const wanted = (error.message ?? 'must be otherwise').replace(/^must /, '')
  return faultOf(
    'MESH_SCHEMA_INVALID',
    at,
    `${keyword} is ${quoted(value)}; in JSON Schema it must ${wanted}`,
    {
      mend: `write a value of ${keyword} that JSON Schema 2020-12 takes`,
    },
  )
}

function keywordFaults(schema: SchemaNode, path: Path): Fault[] {
  const faults: Fault[] = []
  for (const key of Object.keys(schema)) {
    if (keywords.includes(key) || foreign.has(key) || /^x-/i.test(key) || key.length < 4) continue
    const near = nearest(key, keywords)
    const isNear = near !== undefined && editDistance(key.toLowerCase(), near.toLowerCase()) <= 1
    if (!isNear) continue
    const message = `"${key}" is no keyword of JSON Schema, which would pass over it in silence`
    faults.push(
      faultOf('MESH_SCHEMA_INVALID', [...path, key], message, { at: 'key', mend: `write ${near}` }),
    )
  }
  const { $schema } = schema
  if (typeof $schema === 'string' && $schema.replace(/#$/, '') !== dialect) {
    const message = `the schema is of another dialect, ${quoted($schema)}`
    const mend = `write ${dialect}, or remove $schema`
    faults.push(faultOf('MESH_SCHEMA_INVALID', [...path, '$schema'], message, { mend }))
  }
  return faults
}

function referenceFaults(schema: SchemaNode, path: Path, root: SchemaNode): Fault[] {
  return ['$ref', '$dynamicRef'].flatMap(key => {
    const reference = schema[key]
    if (typeof reference !== 'string') return []
    const at = [...path, key]
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(reference)) {
      const message = `${quoted(reference)} would be fetched, and no schema is fetched from anywhere`
      const mend = 'put the schema beside the manifest and write $ref: ./schema.json'
      return [faultOf('MESH_SCHEMA_REMOTE', at, message, { mend })]
    }
    if (!reference.startsWith('#')) {
      const message = `${quoted(reference)} refers to a file, which can be read only from beside the manifest`
      return [faultOf('MESH_SCHEMA_INVALID', at, message, { mend: 'write the schema inline' })]
    }
    if (leadsSomewhere(reference, root)) return []
    const names = Object.keys(root.$defs ?? {})
    const near = nearest(reference.split('/').at(-1) ?? '', names)
    const mend = near
      ? `write "#/$defs/${near}"`
      : 'write "#/$defs/name", and define the name there'
    return [
      faultOf('MESH_SCHEMA_INVALID', at, `${quoted(reference)} leads to nothing in this schema`, {
        mend,
      }),
    ]
  })
}

function leadsSomewhere(reference: string, root: SchemaNode): boolean {
  if (reference === '#') return true
  if (!reference.startsWith('#/')) return hasAnchor(root, reference.slice(1))
  const steps = reference.slice(2).split('/')
  const path = steps.map(step => decoded(step).replaceAll('~1', '/').replaceAll('~0', '~'))
  const target = valueAt(root, path)
  return typeof target === 'boolean' || (typeof target === 'object' && target !== null)
}

function decoded(step: string): string {
  return /%(?![0-9a-f]{2})/i.test(step) ? step : decodeURIComponent(step)
}

function hasAnchor(schema: SchemaNode, name: string): boolean {
  if (schema.$anchor === name || schema.$dynamicAnchor === name) return true
  return subschemas(schema).some(([, child]) => hasAnchor(child, name))
}

function patternFaults(schema: SchemaNode, path: Path): Fault[] {
  const faults: Fault[] = []
  const check = (pattern: string, at: Path, where: 'key' | 'value') => {
    try {
      new RegExp(pattern, 'u')
    } catch (error) {
      const reason = (error as Error).message.replace(/^.*: /s, '')
      const message = `the pattern ${quoted(pattern)} is no regular expression: ${reason}`
      const mend = 'write a regular expression as JavaScript knows it, with the flag u'
      faults.push(faultOf('MESH_SCHEMA_INVALID', at, message, { mend, at: where }))
    }
  }
  if (typeof schema.pattern === 'string') check(schema.pattern, [...path, 'pattern'], 'value')
  for (const pattern of Object.keys(schema.patternProperties ?? {})) {
    check(pattern, [...path, 'patternProperties', pattern], 'key')
  }
  return faults
}
