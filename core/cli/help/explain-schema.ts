/**
 * A field of a manifest as its schema describes it, by its path: `agent.spec.tools.dependencies.retries`. Lists and maps are
 * passed through, as a path names fields; `[]` and `<name>`, as docs/manifest.md writes them, are taken too.
 */
import { readFileSync } from 'node:fs'
import { list, record, type SchemaNode } from '../../manifest/record.ts'
import { packageFile } from '../../model/package-file.ts'
import { missing } from '../line/nearest.ts'

export interface ExplainedField {
  /** From the kind on. */
  path: string
  /** `string`, `list of object`, `map of object or string`. */
  type: string
  description: string
  required: boolean
  default?: unknown
  examples: unknown[]
  /** What a value has to be beyond its type, for people. */
  bounds: string[]
  fields: { name: string; type: string; required: boolean; description: string }[]
}

const kinds: Record<string, string> = {
  agent: 'schemas/agent.schema.json',
  callpolicy: 'schemas/call-policy.schema.json',
  gateway: 'schemas/gateway.schema.json',
}

/** Names of kinds, as a path begins with. */
export const explainedKinds = Object.keys(kinds)

/** Whether a path is meant: a kind alone, or one of its own fields behind it. */
export function isSchemaPath(text: string): boolean {
  const [kind = '', next] = text.split('.')
  const isKind = Object.hasOwn(kinds, kind.toLowerCase())
  return isKind && (next === undefined || /^(apiVersion|kind|metadata|spec|status)$/i.test(next))
}

/** Throws MESH_RESOURCE_MISSING with the field that was perhaps meant. */
export function explainField(text: string): ExplainedField {
  const [kind = '', ...names] = text
    .replaceAll('[]', '')
    .replace(/\.<[^>]*>/g, '')
    .split('.')
  const file = kinds[kind.toLowerCase()] ?? ''
  const root: SchemaNode = record(JSON.parse(readFileSync(packageFile(file), 'utf8')))
  let at: SchemaNode = root
  let isRequired = true
  const path = [kind.toLowerCase()]
  for (const name of names) {
    const fields = fieldsOf(at, root)
    const found = Object.keys(fields).find(each => each.toLowerCase() === name.toLowerCase())
    const next = found === undefined ? undefined : fields[found]
    if (!next || found === undefined) {
      throw missing({
        found: `${path.join('.')} has no field "${name}"`,
        name,
        known: Object.keys(fields),
        see: `meshctl explain ${path.join('.')}`,
      })
    }
    isRequired = next.required
    at = next.schema
    path.push(found)
  }
  const own = flat(at, root)
  return {
    path: path.join('.'),
    type: typeOf(at, root),
    description: textOf(own.description),
    required: isRequired,
    ...(own.default === undefined ? {} : { default: own.default }),
    examples: [...list(own.examples)],
    bounds: boundsOf(own),
    fields: Object.entries(fieldsOf(at, root)).map(([name, { schema, required }]) => ({
      ...{ name, type: typeOf(schema, root), required },
      description: textOf(flat(schema, root).description),
    })),
  }
}

/** A schema with what it refers to; its own words come first. */
function flat(schema: SchemaNode, root: SchemaNode): SchemaNode {
  const { $ref: reference } = schema
  if (typeof reference !== 'string') return schema
  const target = record(record(root.$defs)[reference.replace('#/$defs/', '')])
  return { ...flat(target, root), ...schema, $ref: undefined }
}

/** All that a value could be: itself, what a list or map holds, and the alternatives of each. */
function* shapesOf(schema: SchemaNode, root: SchemaNode): Generator<SchemaNode> {
  const own = flat(schema, root)
  yield own
  for (const each of [...list(own.anyOf), ...list(own.oneOf), ...list(own.allOf)]) {
    yield* shapesOf(record(each), root)
  }
  const inner = own.items ?? (own.properties === undefined ? own.additionalProperties : undefined)
  if (typeof inner === 'object') yield* shapesOf(record(inner), root)
}

type Fields = Record<string, { schema: SchemaNode; required: boolean }>

function fieldsOf(schema: SchemaNode, root: SchemaNode): Fields {
  const fields: Fields = {}
  for (const shape of shapesOf(schema, root)) {
    for (const [name, each] of Object.entries(record(shape.properties))) {
      fields[name] ??= { schema: record(each), required: list(shape.required).includes(name) }
    }
  }
  return fields
}

function typeOf(schema: SchemaNode, root: SchemaNode): string {
  const own = flat(schema, root)
  if (own.const !== undefined) return JSON.stringify(own.const)
  const choices = [...list(own.anyOf), ...list(own.oneOf)]
  if (choices.length > 0) {
    return [...new Set(choices.map(each => typeOf(record(each), root)))].join(' or ')
  }
  if (own.items !== undefined) return `list of ${typeOf(record(own.items), root)}`
  const isMap = own.properties === undefined && typeof own.additionalProperties === 'object'
  if (isMap) return `map of ${typeOf(record(own.additionalProperties), root)}`
  return textOf(own.type) || 'any value'
}

function boundsOf(schema: SchemaNode): string[] {
  const bounds: [string, unknown][] = [
    ['one of', Array.isArray(schema.enum) ? schema.enum.join(', ') : undefined],
    ['at least', schema.minimum],
    ['at most', schema.maximum],
    ['shortest', schema.minLength],
    ['longest', schema.maxLength],
    ['pattern', schema.pattern],
  ]
  return bounds.flatMap(([word, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${word} ${value}`] : [],
  )
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
