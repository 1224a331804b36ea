/**
 * Which tools of a wrapped server can be served. One that is unsound is left out by name, with the reason; the others
 * stay. It is sorted before the SDK reads the answer, which would refuse the whole list for the sake of one tool.
 */
import { isSpecType } from '@modelcontextprotocol/client'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { messageOf } from '../model/error.ts'

/** A tool as its server lists it, with all that it says. */
export interface FoundTool {
  name: string
  inputSchema: { type: 'object'; [key: string]: unknown }
  outputSchema?: { [key: string]: unknown }
  annotations?: Record<string, string | boolean>
  [key: string]: unknown
}

export interface Sorted {
  tools: FoundTool[]
  /** By name, why it is not served. */
  leftOut: Map<string, string>
}

const maxSchemaBytes = 256 * 1024
const maxDepth = 64
const maxName = 128

/** `entries` is what stands under `tools` in an answer to tools/list. */
export function sortTools(entries: readonly unknown[]): Sorted {
  const tools = new Map<string, FoundTool>()
  const leftOut = new Map<string, string>()
  entries.forEach((entry, index) => {
    const name = nameOf(entry)
    const reason = name === undefined ? 'it has no name that can be called' : faultOf(entry)
    if (name !== undefined && reason === undefined && !tools.has(name)) {
      tools.set(name, entry as FoundTool)
    } else {
      leftOut.set(name ?? `tools[${index}]`, reason ?? 'another tool has the same name')
    }
  })
  return { tools: [...tools.values()], leftOut }
}

function nameOf(entry: unknown): string | undefined {
  const { name } = (entry ?? {}) as { name?: unknown }
  const isName =
    typeof name === 'string' && name.length <= maxName && /^[!-~]([ -~]*[!-~])?$/.test(name)
  return isName ? name : undefined
}

function faultOf(entry: unknown): string | undefined {
  const { inputSchema, outputSchema } = entry as Record<string, unknown>
  for (const [field, schema] of Object.entries({ inputSchema, outputSchema })) {
    if (field === 'outputSchema' && schema === undefined) continue
    const fault = schemaFault(schema)
    if (fault !== undefined) return `its ${field} ${fault}`
  }
  if ((inputSchema as { type?: unknown }).type !== 'object')
    return 'its inputSchema is not of type object'
  // MCP 2026-07-28 takes any schema for results; the SDK's type still says object.
  const plain = {
    ...(entry as object),
    ...(outputSchema !== undefined && { outputSchema: { type: 'object' } }),
  }
  return isSpecType.Tool(plain) ? undefined : 'it is not described as MCP has it'
}

const drafts = {
  7: new Ajv({ strict: false, logger: false }),
  2020: new Ajv2020({ strict: false, logger: false }),
}

function schemaFault(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return 'is no JSON Schema'
  if (isDeeperThan(schema, maxDepth)) return `is nested deeper than ${maxDepth} levels`
  if (JSON.stringify(schema).length > maxSchemaBytes)
    return `is longer than ${maxSchemaBytes / 1024} KiB`
  const { $schema, ...rest } = schema as Record<string, unknown>
  const isOld = typeof $schema === 'string' && /draft-0[4-7]/.test($schema)
  const meta = drafts[isOld ? 7 : 2020]
  if (!meta.validateSchema(rest))
    return `is no JSON Schema: ${meta.errorsText(meta.errors, { dataVar: 'it' })}`
  // An own instance for each: two tools may use one $id. No loader is given, so nothing is ever fetched.
  const own = new (isOld ? Ajv : Ajv2020)({
    strict: false,
    logger: false,
    validateSchema: false,
    validateFormats: false,
  })
  try {
    own.compile(rest)
    return undefined
  } catch (error) {
    return `does not compile: ${messageOf(error)}`
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(child => isDeeperThan(child, depth - 1))
}
