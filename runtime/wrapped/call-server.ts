/**
 * One call of a tool of a wrapped server, or a request for something else of it: sent as it came, answered as it comes. What the
 * server asks meanwhile goes to whoever called.
 */
import type { AskKind } from '../../core/model/agent.ts'
import type { Connection, OfferMethod } from '../../core/mcp/connection.ts'
import { MeshError } from '../../core/model/error.ts'
import type { ServerQuestion } from '../../core/mcp/questions.ts'
import { InputRequired } from '../mcp/asking.ts'
import { serverInfoKey, type Progress } from '../mcp/tools.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { PausingCaller } from '../mcp/held-runs.ts'
import { rounds } from './rounds.ts'
import { askable, toClient } from './to-client.ts'
import { callFault, interrupted, isSessionLost, unavailable } from './call-fault.ts'
import type { TraceContext } from '../telemetry/trace-context.ts'
import type { Link } from './link.ts'
import type { TurnOf } from './turns-of-askers.ts'

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
  asking: PausingCaller
}

export interface ServerState {
  /** Undefined while the server is away. */
  readonly link: Link | undefined
  readonly away: string
  readonly isUrl: boolean
  /** `spec.server.asks`. */
  readonly asks: readonly AskKind[]
  readonly mask: (text: string) => string
  /** The server has proved to be away. */
  say(reason: string): void
  /** Resolves when another link than this is there, or after some seconds. */
  another(old: Link, signal: AbortSignal): Promise<void>
}

const sessionLost = 'the wrapped server no longer knows the session in which it was called'

/** Rejects with a MeshError or, where the answer is a JSON-RPC error, an RpcError, and with InputRequired. */
export async function callServer(call: ServerCall, state: ServerState): Promise<ToolResult> {
  const { tool, args, onProgress } = call
  const params = { name: tool, ...(args !== undefined && { arguments: args }) }
  const whole = { ...call, name: tool, isTool: true }
  return asResult(
    await send(state, whole, (connection, more, token) =>
      connection.call(paramsOf(params, more), { signal: call.signal, onProgress, token }),
    ),
  )
}

export interface ServerRequest {
  method: OfferMethod
  params: Readonly<Record<string, unknown>>
  /** As it is called in the log. */
  name: string
  signal: AbortSignal
  trace?: TraceContext | undefined
  asking: PausingCaller
}

/** What changes nothing, and may be repeated. Rejects as `callServer` does. */
export function askServer(
  request: ServerRequest,
  state: ServerState,
): Promise<Record<string, unknown>> {
  const { method, params, signal } = request
  return send(state, { ...request, isTool: false, isRepeatable: true }, (connection, more, token) =>
    connection.request(method, paramsOf(params, more), { signal, token }),
  )
}

type Sent = Pick<ServerCall, 'signal' | 'isRepeatable' | 'trace' | 'asking'> &
  Pick<TurnOf, 'name' | 'isTool'>

/** Beside what was called: the trace, and what a round of questions has brought. */
interface More {
  meta: Readonly<Record<string, unknown>>
  round: Readonly<Record<string, unknown>>
}

type By = (connection: Connection, more: More, token: object) => Promise<Record<string, unknown>>

function paramsOf<T extends object>(params: T, { meta, round }: More) {
  return { ...params, ...round, ...(Object.keys(meta).length > 0 && { _meta: meta }) }
}

async function send(state: ServerState, sent: Sent, by: By): Promise<Record<string, unknown>> {
  const { signal, isRepeatable, trace, asking, name, isTool } = sent
  const { link, isUrl, mask } = state
  if (!link) throw unavailable(state.away)
  const { connection, running } = link
  try {
    if (connection.era === 'modern') {
      const meta = { ...metaOf(trace), [capabilitiesKey]: askable(asking.capabilities, state.asks) }
      return await rounds(asking, signal, round => by(connection, { meta, round }, {}))
    }
    const ask = (question: ServerQuestion) => toClient(question, asking)
    return await running.during({ name, isTool, signal, ask }, token =>
      by(connection, { meta: metaOf(trace), round: {} }, token),
    )
  } catch (error) {
    if (signal.aborted || error instanceof InputRequired) throw error
    if (isUrl && link.connection.era === 'legacy' && isSessionLost(error)) {
      link.lose(sessionLost)
      if (!isRepeatable) throw interrupted(sessionLost)
      await state.another(link, signal)
      return send(state, { ...sent, isRepeatable: false }, by)
    }
    const fault = callFault(error, { mask, ending: link.ending })
    if (fault.isConnection && isUrl) state.say(fault.error.message)
    throw fault.error
  }
}

const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities'

function metaOf(trace: TraceContext | undefined): Record<string, string> {
  const { traceparent, tracestate, baggage } = trace ?? {}
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
