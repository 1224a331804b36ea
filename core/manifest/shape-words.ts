/**
 * The words for a value that its schema does not take: what was found, what is wanted, what to write. Where the value
 * lets one guess what was meant, that is what the mend says.
 */
import type { ErrorObject } from 'ajv'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { isSecretKey } from './mask.ts'
import { nearest } from './suggest.ts'
import { secretFault, textFault, textRuleOf } from './text-fault.ts'

export interface Place {
  path: Path
  at: 'key' | 'value'
}

/** Words in a row, the first twelve of them. */
export function lists(words: readonly string[]): string {
  return words.length > 12 ? `${words.slice(0, 12).join(', ')}, …` : words.join(', ')
}

/** A value as a message quotes it, cut where it is long. Never give it a secret. */
export function quoted(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'empty'
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value)
}

const wantedWords: Record<string, string> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'a mapping of keys to values',
  array: 'a list',
}

/** A value of the wrong type; what fails as a duration or version fails as one, whatever its type. */
export function typeFault(error: ErrorObject, path: Path): Fault[] {
  const rule = textRuleOf(error, path)
  const isSecret = path.some(isSecretKey)
  if (rule === 'Secret') return [secretFault(path, error.data)]
  const isNumeric = rule === 'Duration' || rule === 'Version' || rule === 'Percent'
  if (isNumeric && typeof error.data === 'number') {
    return [textFault(rule, error.data, { path, at: 'value' })]
  }
  const wanted = [(error.params as { type: string | string[] }).type].flat()
  const names = wanted.map(type => wantedWords[type] ?? type).join(' or ')
  const found = isSecret ? `a ${typeof error.data}` : described(error.data)
  const message = `${pathText(path)} is ${found}; it takes ${names}`
  const mend = isSecret ? `write ${names}` : mendOfType(error, { path, wanted, names })
  return [faultOf('MESH_FIELD_TYPE', path, message, { mend })]
}

function described(value: unknown): string {
  if (typeof value === 'string') return `the text ${quoted(value)}`
  if (typeof value === 'number') return `the number ${value}`
  return quoted(value)
}

function mendOfType(
  error: ErrorObject,
  { path, wanted, names }: { path: Path; wanted: readonly string[]; names: string },
): string {
  const value: unknown = error.data
  const [type] = wanted
  if (value === null) return `write ${exampleOf(error) ?? `${names}, or remove the key`}`
  if (path.at(-2) === 'dependencies' && typeof value === 'string') {
    return `write { capability: ${value} }`
  }
  if (type === 'string' && typeof value !== 'object') {
    return wanted.length > 1
      ? `write ${exampleOf(error) ?? names}`
      : `put it in quotes: "${quoted(value)}"`
  }
  if (typeof value === 'string') {
    const switched = {
      yes: 'true',
      on: 'true',
      true: 'true',
      no: 'false',
      off: 'false',
      false: 'false',
    }
    const word = value.toLowerCase()
    if (type === 'boolean' && Object.hasOwn(switched, word)) {
      return `write ${switched[word as keyof typeof switched]}`
    }
    if (type === 'integer' && /^\d+$/.test(value)) return `write ${value}, without quotes`
    if (wanted.includes('array') && /^[\w.+-]+$/.test(value)) return `write [${value}]`
  }
  if (type === 'integer' && typeof value === 'number' && Number.isFinite(value)) {
    return `write ${Math.round(value)}`
  }
  if (type === 'array' && typeof value === 'object')
    return 'write a list: begin each entry with a dash'
  return `write ${exampleOf(error) ?? names}`
}

function exampleOf(error: ErrorObject): string | undefined {
  const { examples } = error.parentSchema as { examples?: unknown[] }
  const example = examples?.[0]
  if (example === undefined) return undefined
  return typeof example === 'string' ? example : flow(example)
}

/** A value as YAML writes it on one line. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value === 'string')
    return /^(\d+(ms|s|m|h)|[A-Za-z./][\w./#-]*)$/.test(value) ? value : JSON.stringify(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const pairs = Object.entries(value).map(([key, child]) => `${key}: ${flow(child)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

/** A value of the right type that its schema does not take. */
export function valueFault(error: ErrorObject, place: Place): Fault {
  const { path } = place
  const subject = pathText(path)
  const fault = (message: string, mend: string, at: Place = place) =>
    faultOf('MESH_FIELD_INVALID', at.path, message, { mend, at: at.at })
  const limit = (error.params as { limit?: number }).limit ?? 0
  const schema = error.parentSchema as Record<string, unknown>
  const size = sizeOf(error.data)
  switch (error.keyword) {
    case 'pattern':
    case 'minLength':
    case 'maxLength': {
      const text = error.propertyName ?? String(error.data)
      const rule = textRuleOf(error, path, place.at)
      if (rule === 'Secret') return secretFault(path, text)
      // The value may be a secret: it is not repeated.
      if (rule === 'HeaderValue') {
        const found =
          error.keyword === 'pattern'
            ? 'has characters that no header may have'
            : `is ${text.length} characters long`
        return fault(
          `${subject} ${found}`,
          'write at most 4096 printable ASCII characters on one line',
        )
      }
      if (rule) return textFault(rule, text, place)
      if (text === '')
        return fault(
          `${subject} is empty`,
          `write ${exampleOf(error) ?? 'a text'}, or remove the key`,
        )
      if (error.keyword === 'pattern') {
        const takes = `it takes a text that matches ${String(schema.pattern)}`
        const value = path.some(isSecretKey) ? 'another text' : quoted(text)
        return fault(`${subject} is ${value}; ${takes}`, `write ${exampleOf(error) ?? 'one'}`)
      }
      const found = `${subject} is ${text.length} characters long`
      return fault(`${found}; at most ${limit} are read`, `write at most ${limit} characters`)
    }
    case 'enum': {
      const words = (error.params as { allowedValues: string[] }).allowedValues
      return enumFault(error, words, place)
    }
    case 'minimum':
    case 'maximum': {
      const range = `${String(schema.minimum)} to ${String(schema.maximum)}`
      return fault(
        `${subject} is ${String(error.data)}; it takes ${range}`,
        `write a number from ${range}`,
      )
    }
    case 'minItems':
      return fault(
        `${subject} is an empty list`,
        `add ${exampleOf(error)?.replace(/^\[|\]$/g, '') ?? 'an entry'}`,
      )
    case 'maxItems':
    case 'maxProperties':
      return fault(
        `${subject} has ${size} entries; it takes at most ${limit}`,
        `keep at most ${limit}`,
      )
    case 'uniqueItems': {
      const { i, j } = error.params as { i: number; j: number }
      const twice = Math.max(i, j)
      const items = error.data as unknown[]
      const at: Place = { path: [...path, twice], at: 'value' }
      return fault(`${subject} has ${quoted(items[twice])} twice`, 'remove one of the two', at)
    }
    default:
      return fault(
        `${subject} ${error.message ?? 'is not what the schema takes'}`,
        'see docs/manifest.md',
      )
  }
}

/** A text that is none of the words that there are. */
function enumFault(error: ErrorObject, words: readonly string[], { path, at }: Place): Fault {
  const text = String(error.data)
  const isOff = words.includes('none') && /^(off|no|false|never|disabled?|null)$/i.test(text)
  const near = isOff ? 'none' : nearest(text, words)
  const only = words.length === 1 ? 'values, or' : 'one of'
  const message = `${pathText(path)} is ${quoted(error.data)}; it takes ${only} ${lists(words)}`
  const mend = `write ${near ?? `${words.length === 1 ? 'values, or ' : ''}${words[0]}`}`
  return faultOf('MESH_FIELD_INVALID', path, message, { mend, at })
}

function sizeOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0
}
