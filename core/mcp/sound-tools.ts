/**
 * Which tools of a wrapped server can be served. One that is unsound is left out by name, with the reason; the others
 * stay. It is sorted before the SDK reads the answer, which would refuse the whole list for the sake of one tool.
 */
import { isSpecType } from '@modelcontextprotocol/client'
import { schemaFault } from './schema-fault.ts'

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
