/**
 * Arguments that a client repeats in headers, `Mcp-Param-Region: eu`, because the tool's input schema says so with
 * `x-mcp-header` (MCP 2026-07-28): whoever routes the request need not read its body.
 */
import { isHttpToken } from './http-token.ts'

/** One argument that a header repeats. */
export interface ParamHeader {
  /** The names of the properties that lead to it, outermost first. */
  path: string[]
  /** The whole name: `Mcp-Param-Region`. */
  header: string
}

const key = 'x-mcp-header'
const types = ['string', 'integer', 'boolean']
/** What holds schemas by name, and what holds one or a list; under neither a declaration may stand. */
const maps = ['$defs', 'definitions', 'patternProperties', 'dependentSchemas']
const others = [
  ...['items', 'prefixItems', 'contains', 'additionalProperties', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties', 'allOf', 'anyOf', 'oneOf', 'not'],
  ...['if', 'then', 'else', 'contentSchema'],
]

/** What an input schema declares; `fault` is why no client may call its tool: a declaration is broken. */
export function declaredHeaders(inputSchema: unknown): { headers: ParamHeader[]; fault?: string } {
  const headers: ParamHeader[] = []
  const seen = new Set<string>()

  function faultOf(schema: Record<string, unknown>, path: string[]): string | undefined {
    const name = schema[key]
    if (typeof name !== 'string' || !isHttpToken(name)) return 'is no name of a header'
    if (!types.includes(String(schema['type'])))
      return 'is only for a string, an integer or a boolean'
    if (seen.has(name.toLowerCase())) return `"${name}" stands twice`
    seen.add(name.toLowerCase())
    headers.push({ path, header: `Mcp-Param-${name}` })
    return undefined
  }

  function visit(node: unknown, path: string[], isPlain: boolean): string | undefined {
    if (!isRecord(node)) return undefined
    if (key in node) {
      const isArgument = isPlain && path.length > 0
      const fault = isArgument ? faultOf(node, path) : 'is only for what `properties` alone lead to'
      if (fault !== undefined) return `${path.join('.') || 'the schema'}: ${key} ${fault}`
    }
    const below = isRecord(node['properties']) ? Object.entries(node['properties']) : []
    return (
      firstOf(below, ([name, child]) => visit(child, [...path, name], isPlain)) ??
      firstOf(maps, map =>
        firstOf(valuesOf(node[map]), child => visit(child, [...path, map], false)),
      ) ??
      firstOf(others, word =>
        firstOf(listOf(node[word]), child => visit(child, [...path, word], false)),
      )
    )
  }

  const fault = visit(inputSchema, [], true)
  return fault === undefined ? { headers } : { headers: [], fault }
}

const known = new WeakMap<object, readonly ParamHeader[]>()

/** What a schema declares, read once for each; nothing where a declaration is broken. */
export function headersIn(inputSchema: object): readonly ParamHeader[] {
  let headers = known.get(inputSchema)
  if (!headers) known.set(inputSchema, (headers = declaredHeaders(inputSchema).headers))
  return headers
}

/** Name and value in turn, for one call: what is absent or null has no header. */
export function paramHeaders(
  declared: readonly ParamHeader[],
  args: Readonly<Record<string, unknown>> | undefined,
): string[] {
  return declared.flatMap(({ path, header }) => {
    const value = path.reduce<unknown>(
      (holder, name) =>
        isRecord(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined,
      args,
    )
    const isSent =
      typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)
    return isSent ? [header, headerValue(String(value))] : []
  })
}

/** As it stands where a header can carry it, else in base64 as MCP has it. */
export function headerValue(text: string): string {
  const isPlain = /^[!-~]([ -~]*[!-~])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text)
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const valuesOf = (value: unknown): unknown[] => (isRecord(value) ? Object.values(value) : [])
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])

function firstOf<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}
