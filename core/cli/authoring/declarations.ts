/**
 * JSON Schemas as the types of TypeScript that their values have, as far as a type can say it: what bounds a value
 * (`minimum`, `pattern`) is left to the check at run time, and a schema that refers to itself is `unknown` where it does.
 */
import type { JsonSchema } from '../../model/agent.ts'
import { isRecord } from '../../manifest/record.ts'

/** The type, as it stands behind a colon; objects over several lines, indented by `indent` blanks. */
export function typeOf(schema: unknown, indent = 0, root: unknown = schema): string {
  return write(schema, { root, indent, seen: new Set() })
}

interface Place {
  root: unknown
  indent: number
  /** References that lead here. */
  seen: ReadonlySet<string>
}

function write(schema: unknown, place: Place): string {
  if (schema === false) return 'never'
  if (!isRecord(schema)) return 'unknown'
  if (typeof schema.$ref === 'string') return writeReference(schema.$ref, place)
  if ('const' in schema) return literal(schema.const)
  if (Array.isArray(schema.enum)) return union(schema.enum.map(literal))
  const parts: string[] = []
  const own = writeOwn(schema, place)
  if (own !== 'unknown') parts.push(own)
  for (const key of ['anyOf', 'oneOf'] as const) {
    const list = schema[key]
    if (Array.isArray(list)) parts.push(union(list.map(each => write(each, place))))
  }
  if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map(each => write(each, place)))
  return intersection(parts)
}

/** What `type` and the keywords beside it say. */
function writeOwn(schema: JsonSchema, place: Place): string {
  const isObject = 'properties' in schema || 'additionalProperties' in schema
  const isArray = 'items' in schema || 'prefixItems' in schema
  const { type = isObject ? 'object' : isArray ? 'array' : undefined } = schema
  if (Array.isArray(type)) {
    return union(type.map(each => writeOwn({ ...schema, type: String(each) }, place)))
  }
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return writeArray(schema, place)
    case 'object':
      return writeObject(schema, place)
    default:
      return 'unknown'
  }
}

function writeArray({ items, prefixItems }: JsonSchema, place: Place): string {
  const rest = items === undefined ? 'unknown' : write(items, place)
  if (!Array.isArray(prefixItems)) return `${bracketed(rest)}[]`
  const first = prefixItems.map(each => write(each, place))
  return `[${[...first, ...(items === false ? [] : [`...${bracketed(rest)}[]`])].join(', ')}]`
}

function writeObject(schema: JsonSchema, place: Place): string {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  const others = schema.additionalProperties
  const names = Object.keys(properties)
  if (names.length === 0) {
    if (others === false) return 'Record<string, never>'
    return `Record<string, ${others === undefined ? 'unknown' : write(others, place)}>`
  }
  const blank = ' '.repeat(place.indent)
  const inner = { ...place, indent: place.indent + 2 }
  const lines = names.flatMap(name => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    const value = write(properties[name], inner)
    return [
      ...comment(properties[name], `${blank}  `),
      `${blank}  ${key}${required.includes(name) ? '' : '?'}: ${value}`,
    ]
  })
  const object = `{\n${lines.join('\n')}\n${blank}}`
  return isRecord(others) ? `${object} & Record<string, unknown>` : object
}

/** A schema's description as a comment, where it has one. */
export function comment(schema: unknown, blank: string): string[] {
  const text = isRecord(schema) && typeof schema.description === 'string' ? schema.description : ''
  const safe = text.replaceAll('*/', '* /').trim()
  if (safe === '') return []
  const lines = safe.split('\n')
  if (lines.length === 1) return [`${blank}/** ${safe} */`]
  return [`${blank}/**`, ...lines.map(line => `${blank} * ${line}`.trimEnd()), `${blank} */`]
}

function writeReference(reference: string, place: Place): string {
  if (place.seen.has(reference) || !reference.startsWith('#')) return 'unknown'
  let at: unknown = place.root
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = isRecord(at) ? at[key] : Array.isArray(at) ? at[Number(key)] : undefined
  }
  return write(at, { ...place, seen: new Set([...place.seen, reference]) })
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? 'unknown'
  const pairs = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}: ${literal(each)}`,
  )
  return `{ ${pairs.join('; ')} }`
}

/** Types of which a value has one. */
export function union(types: readonly string[]): string {
  const all = [...new Set(types)]
  if (all.length === 0) return 'never'
  return all.includes('unknown') ? 'unknown' : all.join(' | ')
}

/** Types of which a value has all. */
export function intersection(types: readonly string[]): string {
  const all = [...new Set(types)].filter(type => type !== 'unknown')
  if (all.length === 0) return 'unknown'
  return all.length === 1 ? (all[0] ?? '') : all.map(bracketed).join(' & ')
}

const bracketed = (type: string) => (/^[\w"'[\].]+$|^\{[^|&]*\}$/.test(type) ? type : `(${type})`)
