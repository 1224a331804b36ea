/**
 * An agent's tools as MCP serves them: the two lists (one an era) and, per tool, its checks, compiled once for each
 * manifest that is served.
 */
import type { Agent, AgentTool, Icon } from '../../core/model/agent.ts'
import type { Handler } from '../handler.ts'
import { handlerKey, type Handlers } from '../handlers.ts'
import { MeshError } from '../../core/model/error.ts'
import { withSessionHeader } from '../../core/model/session-header.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import type { Clock } from '../proxy/time-limit.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { headerCheckOf, type CheckHeaders } from './param-headers.ts'
import { iconsOf } from './icons.ts'
import type { Invocation } from './invoke.ts'
import type { Places } from './places.ts'
import { compileCheck, type Check } from './validators.ts'

/** Under it, in a result's `_meta`, stands who answered. */
export const serverInfoKey = 'io.modelcontextprotocol/serverInfo'

export type ServedTool = HandledTool | ForwardedTool

/** A tool that a handler answers. */
export interface HandledTool {
  spec: AgentTool
  handler: Handler
  checkArguments: Check
  /** Absent where no argument is to be repeated in a header. */
  checkHeaders: CheckHeaders | undefined
  /** Absent where the manifest has no outputSchema. */
  checkValue: Check | undefined
}

/** A tool that a wrapped server answers (runtime/wrapped). */
export interface ForwardedTool {
  spec: AgentTool
  forward: Forward
}

export interface ForwardMeans {
  places: Places
  trace: ServedTrace | undefined
  /** Runs within the tool's time, and what the caller has left. */
  withinTime: <T>(
    invocation: Invocation,
    run: (limited: Cancellation, clock: Clock) => Promise<T>,
  ) => Promise<T>
}

/** One call as it came, handed to the wrapped server; its result as it came back. Rejects as `invoke` does, and with a MeshError. */
export type Forward = (call: Invocation, means: ForwardMeans) => Promise<ToolResult>

/** As MCP's notifications/progress has it. */
export interface Progress {
  progress: number
  total?: number | undefined
  message?: string | undefined
}

/** A tool as tools/list shows it. */
export interface ListedTool {
  name: string
  title?: string
  icons?: Icon[]
  description?: string
  inputSchema: { type: 'object'; [key: string]: unknown }
  outputSchema?: { type: 'object'; [key: string]: unknown }
  annotations?: Record<string, string | boolean>
}

export interface Tools {
  /** Identity that the agent answers with. */
  server: { name: string; version: string; icons?: Icon[] }
  /** The same without pictures: what stands in every answer. */
  self: { name: string; version: string }
  /** How each result of the fast path ends that has no `_meta` of its own. */
  stamp: string
  byName: ReadonlyMap<string, ServedTool>
  /** Whether any of them is a task. */
  hasTasks: boolean
  modern: ListedTool[]
  /** Clients before 2026-07-28 take an outputSchema of type object only. */
  legacy: ListedTool[]
}

/** Throws MESH_SCHEMA_INVALID, and MESH_HANDLER_MISSING where a tool names a handler that is not loaded. */
export function createTools(agent: Agent, handlers: Handlers): Tools {
  const served = agent.tools.map((written): [ServedTool, ListedTool] => {
    const tool = withMark(written)
    return [serve(tool, handlers), listed(tool)]
  })
  return assemble(agent, served)
}

/** Tools and how each is listed, as they are served. */
export function assemble(
  agent: Pick<Agent, 'name' | 'version' | 'icons'>,
  served: readonly [ServedTool, ListedTool][],
): Tools {
  const byName = new Map(served.map(([tool]) => [tool.spec.name, tool]))
  const modern = served.map(([, tool]) => tool)
  const legacy = modern.map(({ outputSchema, ...rest }) =>
    outputSchema?.type === 'object' ? { ...rest, outputSchema } : rest,
  )
  const self = { name: agent.name, version: agent.version }
  const server = { ...self, ...iconsOf(agent) }
  const stamp = `,"resultType":"complete","_meta":${JSON.stringify({ [serverInfoKey]: self })}}`
  const hasTasks = served.some(([{ spec }]) => spec.task)
  return { server, self, stamp, byName, hasTasks, modern, legacy }
}

/** The argument that carries a handle is one that clients repeat in a header. */
function withMark(tool: AgentTool): AgentTool {
  const { session, inputSchema } = tool
  if (!session) return tool
  return { ...tool, inputSchema: withSessionHeader(inputSchema, session.argument) }
}

function serve(spec: AgentTool, handlers: Handlers): HandledTool {
  const key = spec.handler && handlerKey(spec.handler)
  const handler = key === undefined ? undefined : handlers.get(key)
  if (!handler) {
    const found = `tool "${spec.name}": the handler ${key ?? ''} is not loaded in this process`
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
    checkHeaders: headerCheckOf(spec.inputSchema),
    checkValue:
      spec.outputSchema && compileCheck(spec.outputSchema, 'value', `${where}: outputSchema`),
  }
}

function listed(tool: AgentTool): ListedTool {
  return {
    name: tool.name,
    ...(tool.title !== undefined && { title: tool.title }),
    ...iconsOf(tool),
    ...(tool.description !== '' && { description: tool.description }),
    inputSchema: { ...tool.inputSchema, type: 'object' },
    // MCP 2026-07-28 takes any schema here; the SDK's type still says object
    ...(tool.outputSchema && { outputSchema: tool.outputSchema as { type: 'object' } }),
    ...(Object.keys(tool.annotations).length > 0 && { annotations: { ...tool.annotations } }),
  }
}
