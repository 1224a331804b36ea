/**
 * An agent's tools as MCP serves them: the two lists (one an era) and, per tool, its checks, compiled once for each
 * manifest that is served.
 */
import type { Agent, AgentTool } from '../../core/model/agent.ts'
import type { Handler } from '../handler.ts'
import { handlerKey, type Handlers } from '../handlers.ts'
import { MeshError } from '../../core/model/error.ts'
import { compileCheck, type Check } from './validators.ts'

/** Under it, in a result's `_meta`, stands who answered. */
export const serverInfoKey = 'io.modelcontextprotocol/serverInfo'

export interface ServedTool {
  spec: AgentTool
  handler: Handler
  checkArguments: Check
  /** Absent where the manifest has no outputSchema. */
  checkValue: Check | undefined
}

/** A tool as tools/list shows it. */
export interface ListedTool {
  name: string
  title?: string
  description?: string
  inputSchema: { type: 'object'; [key: string]: unknown }
  outputSchema?: { type: 'object'; [key: string]: unknown }
  annotations?: Record<string, string | boolean>
}

export interface Tools {
  /** Identity that the agent answers with. */
  server: { name: string; version: string }
  /** How each result of the fast path ends that has no `_meta` of its own. */
  stamp: string
  byName: ReadonlyMap<string, ServedTool>
  modern: ListedTool[]
  /** Clients before 2026-07-28 take an outputSchema of type object only. */
  legacy: ListedTool[]
}

/** Throws MESH_SCHEMA_INVALID, and MESH_HANDLER_MISSING where a tool names a handler that is not loaded. */
export function createTools(agent: Agent, handlers: Handlers): Tools {
  const byName = new Map(agent.tools.map(tool => [tool.name, serve(tool, handlers)]))
  const modern = agent.tools.map(listed)
  const legacy = modern.map(({ outputSchema, ...rest }) =>
    outputSchema?.type === 'object' ? { ...rest, outputSchema } : rest,
  )
  const server = { name: agent.name, version: agent.version }
  const stamp = `,"resultType":"complete","_meta":${JSON.stringify({ [serverInfoKey]: server })}}`
  return { server, stamp, byName, modern, legacy }
}

function serve(spec: AgentTool, handlers: Handlers): ServedTool {
  const handler = handlers.get(handlerKey(spec.handler))
  if (!handler) {
    const found = `tool "${spec.name}": the handler ${handlerKey(spec.handler)} is not loaded in this process`
    throw new MeshError(
      'MESH_HANDLER_MISSING',
      found,
      'restart the agent with that handler beside its manifest',
    )
  }
  const where = `tool "${spec.name}"`
  return {
    spec,
    handler,
    checkArguments: compileCheck(spec.inputSchema, 'arguments', `${where}: inputSchema`),
    checkValue:
      spec.outputSchema && compileCheck(spec.outputSchema, 'value', `${where}: outputSchema`),
  }
}

function listed(tool: AgentTool): ListedTool {
  return {
    name: tool.name,
    ...(tool.title !== undefined && { title: tool.title }),
    ...(tool.description !== '' && { description: tool.description }),
    inputSchema: { ...tool.inputSchema, type: 'object' },
    // MCP 2026-07-28 takes any schema here; the SDK's type still says object
    ...(tool.outputSchema && { outputSchema: tool.outputSchema as { type: 'object' } }),
    ...(Object.keys(tool.annotations).length > 0 && { annotations: { ...tool.annotations } }),
  }
}
