/**
 * What Ajv found, as faults in our words: which code, which value, and what to write. One fault for each place, and a
 * misspelt key is not also reported as the key that it should have been.
 */
import type { ErrorObject } from 'ajv'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { flow, lists, typeFault, valueFault } from './shape-words.ts'
import { nearest } from './suggest.ts'
import { isRecord, valueAt, type SchemaNode } from './record.ts'

/** The faults, in the order of the schema. */
export function shapeFaults(
  errors: readonly ErrorObject[],
  root: unknown,
  schema: SchemaNode,
): Fault[] {
  const meant = new Set<string>()
  const unknown = errors
    .filter(error => error.keyword === 'additionalProperties')
    .map(error => unknownKey(error, root, schema, meant))
  const rest = errors.flatMap(error => {
    switch (error.keyword) {
      case 'additionalProperties':
      case 'propertyNames':
      case 'if':
        return []
      case 'required':
        return missingKey(error, root, meant)
      case 'type':
        return typeFault(error, pathOf(error, root))
      default:
        return [valueFault(error, placeOf(error, root))]
    }
  })
  return [...unknown, ...firstOfEach(rest)]
}

/** `/spec/tools/0` to `['spec', 'tools', 0]`: numbers where the value is a list. */
function pathOf(error: ErrorObject, root: unknown): Path {
  let value = root
  return error.instancePath
    .split('/')
    .slice(1)
    .map(part => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const isIndex = Array.isArray(value)
      value = isIndex || isRecord(value) ? (value as Record<string, unknown>)[key] : undefined
      return isIndex ? Number(key) : key
    })
}

function placeOf(error: ErrorObject, root: unknown): { path: Path; at: 'key' | 'value' } {
  const path = pathOf(error, root)
  return error.propertyName === undefined
    ? { path, at: 'value' }
    : { path: [...path, error.propertyName], at: 'key' }
}

function unknownKey(
  error: ErrorObject,
  root: unknown,
  schema: SchemaNode,
  meant: Set<string>,
): Fault {
  const parent = pathOf(error, root)
  const { additionalProperty: key } = error.params as { additionalProperty: string }
  const properties =
    (error.parentSchema as { properties?: Record<string, unknown> }).properties ?? {}
  const present = new Set(Object.keys((error.data as Record<string, unknown>) ?? {}))
  const free = Object.keys(properties).filter(name => !present.has(name))
  const owner = parent.length === 0 ? 'a manifest' : ownerText(parent, root)
  const near = nearest(key, free) ?? aliasOf(key, free) ?? onlyOne(error, free)
  if (near) meant.add(JSON.stringify([...parent, near]))
  const elsewhere = near ? undefined : homeOf(key, parent, schema)
  const mend = near
    ? `write ${near}`
    : elsewhere
      ? `put it under ${elsewhere}, or remove it`
      : free.length > 0
        ? `remove it; ${present.size > 1 ? 'what may also stand here' : 'what may stand here'} is ${lists(free)}`
        : 'remove it'
  const message = `${owner} has no key "${key.slice(0, 80)}"`
  return faultOf('MESH_FIELD_UNKNOWN', [...parent, key], message, { at: 'key', mend })
}

/** Words of other formats for a key of ours. */
const otherWords: Record<string, string> = {
  token: 'bearer',
  function: 'handler',
  module: 'handler',
  entrypoint: 'handler',
  parameters: 'inputSchema',
  arguments: 'inputSchema',
  input: 'inputSchema',
  output: 'outputSchema',
  returns: 'outputSchema',
  address: 'host',
  optional: 'required',
  requires: 'dependencies',
  needs: 'dependencies',
  depends: 'dependencies',
  dependsOn: 'dependencies',
  depends_on: 'dependencies',
  provides: 'capability',
  retry: 'retries',
  circuitBreaker: 'breaker',
  loadBalancing: 'balance',
}

/** Where one key is wanted and another stands, that one is meant. */
function onlyOne(error: ErrorObject, free: readonly string[]): string | undefined {
  const { required } = error.parentSchema as { required?: string[] }
  const [only] = free
  return free.length === 1 && only !== undefined && required?.includes(only) ? only : undefined
}

function aliasOf(key: string, free: readonly string[]): string | undefined {
  const word = Object.hasOwn(otherWords, key) ? otherWords[key] : undefined
  return word !== undefined && free.includes(word) ? word : undefined
}

/** Where in the schema a key of exactly that name has its place: `spec.http`, or "a tool". */
function homeOf(key: string, parent: Path, schema: SchemaNode): string | undefined {
  const definitions = (schema.$defs ?? {}) as Record<string, { properties?: object }>
  const has = (name: string) => Object.hasOwn(definitions[name]?.properties ?? {}, key)
  const homes: [string, string][] = [
    ['Metadata', 'metadata'],
    ['AgentSpec', 'spec'],
    ['Http', 'spec.http'],
    ['ServerAuth', 'spec.auth'],
    ['WrappedServer', 'spec.server'],
    ['Tool', 'a tool of spec.tools'],
    ['ToolAnnotations', 'annotations of a tool'],
    ['Dependency', 'a dependency'],
  ]
  const here = pathText(parent)
  return homes.find(([name, home]) => has(name) && home !== here)?.[1]
}

function missingKey(error: ErrorObject, root: unknown, meant: ReadonlySet<string>): Fault[] {
  const parent = pathOf(error, root)
  const { missingProperty: key } = error.params as { missingProperty: string }
  if (meant.has(JSON.stringify([...parent, key]))) return []
  const properties = (error.parentSchema as { properties?: Record<string, SchemaNode> }).properties
  const example = exampleOf(key, properties?.[key])
  return [
    faultOf('MESH_FIELD_MISSING', parent, `${ownerText(parent, root)} has no ${key}`, {
      at: 'key',
      mend: `add ${example}`,
    }),
  ]
}

function exampleOf(key: string, schema: SchemaNode | undefined): string {
  if (schema?.const !== undefined) return `${key}: ${flow(schema.const)}`
  const [example] = Array.isArray(schema?.examples) ? (schema.examples as unknown[]) : []
  if (typeof example === 'string') return `${key}: ${example}`
  return example === undefined ? key : `${key}: ${flow(example)}`
}

/** `tool "hello"` or `spec.http`: a tool is named by its name, as people think of it. */
export function ownerText(path: Path, root: unknown): string {
  if (path.length === 0) return 'the manifest'
  const last = path.at(-1)
  const value = valueAt(root, path)
  if (typeof last === 'number' && path.at(-2) === 'tools' && isRecord(value)) {
    return typeof value.name === 'string' ? `tool "${value.name}"` : pathText(path)
  }
  if (path.at(-2) === 'dependencies') return `dependency "${last}"`
  return pathText(path)
}

/** The first fault of each place: what has the wrong type is not also too short. */
function firstOfEach(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>()
  return faults.filter(fault => {
    if (fault.code === 'MESH_FIELD_MISSING') return true
    const key = JSON.stringify([fault.path, fault.at])
    return !seen.has(key) && seen.add(key)
  })
}
