/** One call of a tool of a wrapped server, or a request for something else of it: sent as it came, answered as it comes. */
import type { Connection, OfferMethod } from '../../core/mcp/connection.ts'
import { MeshError } from '../../core/model/error.ts'
import { serverInfoKey, type Progress } from '../mcp/tools.ts'
import type { ToolResult } from '../proxy/values.ts'
import { callFault, interrupted, isSessionLost, unavailable } from './call-fault.ts'
import type { TraceContext } from '../telemetry/trace-context.ts'
import type { Link } from './link.ts'

export interface ServerCall {
  tool: string
  args: Readonly<Record<string, unknown>> | undefined
  /** Aborts when nobody waits any more: the server is told. */
  signal: AbortSignal
  /** Whether it may be sent once more where its session was lost. */
  isRepeatable: boolean
  onProgress?: ((progress: Progress) => void) | undefined
  /** Told to the server in `_meta`, as MCP has it. */
  trace?: TraceContext | undefined
}

export interface ServerState {
  /** Undefined while the server is away. */
  readonly link: Link | undefined
  readonly away: string
  readonly isUrl: boolean
  readonly mask: (text: string) => string
  /** The server has proved to be away. */
  say(reason: string): void
  /** Resolves when another link than this is there, or after some seconds. */
  another(old: Link, signal: AbortSignal): Promise<void>
}

const sessionLost = 'the wrapped server no longer knows the session in which it was called'

/** Rejects with a MeshError or, where the answer is a JSON-RPC error, an RpcError. */
export function callServer(call: ServerCall, state: ServerState): Promise<ToolResult> {
  const { tool, args, signal, isRepeatable, onProgress, trace } = call
  const params = {
    name: tool,
    ...(args !== undefined && { arguments: args }),
    ...(trace && { _meta: metaOf(trace) }),
  }
  return send(state, { signal, isRepeatable }, async connection =>
    asResult(await connection.call(params, { signal, onProgress })),
  )
}

export interface ServerRequest {
  method: OfferMethod
  params: Readonly<Record<string, unknown>>
  signal: AbortSignal
  trace?: TraceContext | undefined
}

/** What changes nothing, and may be repeated. Rejects as `callServer` does. */
export function askServer(
  { method, params, signal, trace }: ServerRequest,
  state: ServerState,
): Promise<Record<string, unknown>> {
  const whole = { ...params, ...(trace && { _meta: metaOf(trace) }) }
  return send(state, { signal, isRepeatable: true }, connection =>
    connection.request(method, whole, signal),
  )
}

async function send<T>(
  state: ServerState,
  { signal, isRepeatable }: Pick<ServerCall, 'signal' | 'isRepeatable'>,
  by: (connection: Connection) => Promise<T>,
): Promise<T> {
  const { link, isUrl, mask } = state
  if (!link) throw unavailable(state.away)
  try {
    return await by(link.connection)
  } catch (error) {
    if (signal.aborted) throw error
    if (isUrl && link.connection.era === 'legacy' && isSessionLost(error)) {
      link.lose(sessionLost)
      if (!isRepeatable) throw interrupted(sessionLost)
      await state.another(link, signal)
      return send(state, { signal, isRepeatable: false }, by)
    }
    const fault = callFault(error, { mask, ending: link.ending })
    if (fault.isConnection && isUrl) state.say(fault.error.message)
    throw fault.error
  }
}

function metaOf({ traceparent, tracestate, baggage }: TraceContext): Record<string, string> {
  const entries = Object.entries({ traceparent, tracestate, baggage })
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Who answered is this agent: it says so itself. */
function asResult(answer: Record<string, unknown>): ToolResult {
  const { content = [] } = answer
  if (!isContent(content)) {
    const found = 'the wrapped server answered a result whose content is no list of blocks'
    throw new MeshError('MESH_CALL_INVALID', found)
  }
  const { _meta, ...rest } = answer as Record<string, unknown> & { _meta?: Record<string, unknown> }
  const meta = { ..._meta }
  delete meta[serverInfoKey]
  return { ...(Object.keys(meta).length > 0 && { _meta: meta }), ...rest, content }
}

function isContent(content: unknown): content is ToolResult['content'] {
  return (
    Array.isArray(content) && content.every(block => typeof block === 'object' && block !== null)
  )
}
