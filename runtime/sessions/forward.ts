/**
 * Hands a call to the instance that owns its session: the same call, with what remains of its time, its trace and its
 * idempotency key, and the owner's answer as it is, chunks and cancellation included. It is marked, and what is marked
 * is not forwarded again, so no call runs in circles.
 */
import { isDialable } from '../../core/model/dialable.ts'
import { MeshError } from '../../core/model/error.ts'
import { headersIn, paramHeaders } from '../../core/model/param-headers.ts'
import {
  clientLacking,
  InputRequired,
  type Brought,
  type ClientLacks,
  type Question,
} from '../mcp/asking.ts'
import { isRecord } from '../mcp/content.ts'
import type { Invocation } from '../mcp/invoke.ts'
import type { NoteSink } from '../mcp/notes.ts'
import { clientLacks, ToolBusy } from '../mcp/places.ts'
import { logLevels, type Tell } from '../mcp/telling.ts'
import type { ChunkSink, Flow } from '../proxy/chunk-queue.ts'
import { isUnreachable, readAnswer } from '../proxy/mcp-answer.ts'
import { protocolVersion } from '../proxy/mcp-call.ts'
import { isEnvelope } from '../mcp/envelope.ts'
import { useOf, type Pools } from '../proxy/pools.ts'
import { post, type Answer } from '../proxy/post.ts'
import { withTimeLimit } from '../proxy/time-limit.ts'
import type { ToolResult } from '../proxy/values.ts'
import { headerLinesOf, metaTextOf, type TraceContext } from '../telemetry/trace-context.ts'
import type { Owner } from './store.ts'

/** In `_meta`: the instance that handed the call on. */
export const forwardedKey = 'mcp-mesh.dev/forwarded-by'

/** A call, with the answers that it has got here. */
export interface HandedOn extends Invocation {
  brought?: Brought | undefined
}

export interface Forwarding {
  pools: Pools
  /** This instance. */
  instance: string
  /** What callers of this agent present, its other instances too. */
  bearer: string | undefined
}

/**
 * `brought` are answers to what the handler has asked there. Throws MESH_ENDPOINT_UNREACHABLE and MESH_ENDPOINT_DRAINING and
 * MESH_SESSION_ELSEWHERE, after which it was not executed, ClientLacks, MESH_CALL_INTERRUPTED, after which it may have been, InputRequired where
 * the handler asks, and what the owner answers.
 */
export async function forward(
  { tool, args, meta, sink, signal, timeoutMs, asker, tell, brought }: HandedOn,
  owner: Owner,
  { pools, instance, bearer }: Forwarding,
  trace: TraceContext | undefined,
): Promise<ToolResult> {
  const { name } = tool.spec
  const where = `${name} at ${owner.url} (instance ${owner.instance}), which owns the session`
  if (!isDialable(owner.url)) {
    throw new MeshError('MESH_ENDPOINT_UNREACHABLE', `${where}: the address is none to dial`)
  }
  const { origin, pathname, search } = new URL(owner.url)
  const ms = Math.min(timeoutMs, tool.spec.timeoutMs)
  const handedOn = Object.fromEntries(
    Object.entries(meta ?? {}).filter(([key]) => key.startsWith('mcp-mesh.dev/')),
  )
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': protocolVersion,
    'io.modelcontextprotocol/clientInfo': meta?.['io.modelcontextprotocol/clientInfo'] ?? {
      name: instance,
      version: tool.spec.version,
    },
    'io.modelcontextprotocol/clientCapabilities': asker?.capabilities ?? {},
    // Which lines are wanted is known here.
    ...(tell && { 'io.modelcontextprotocol/logLevel': 'debug' }),
    ...handedOn,
    'mcp-mesh.dev/timeout-ms': Math.max(Math.ceil(ms), 1),
    [forwardedKey]: instance,
    ...(sink && { progressToken: 1 }),
  }
  const metaText = JSON.stringify(envelope).slice(0, -1) + (trace ? metaTextOf(trace) : '')
  const { responses, state } = brought ?? asker?.brought ?? {}
  const more = [
    responses === undefined ? '' : `,"inputResponses":${JSON.stringify(responses)}`,
    state === undefined ? '' : `,"requestState":${JSON.stringify(state)}`,
  ].join('')
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(args ?? {})}${more},"_meta":${metaText}}}}`
  const headers = [
    ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
    ...['mcp-protocol-version', protocolVersion, 'mcp-method', 'tools/call', 'mcp-name', name],
    ...(bearer === undefined ? [] : ['authorization', `Bearer ${bearer}`]),
  ]
  headers.push(...paramHeaders(headersIn(tool.spec.inputSchema), { ...(args as object) }))
  const isPlain = !sink && more === '' && isEnvelope(envelope)
  const stream = sink && passOn(sink)
  const late = () =>
    new MeshError('MESH_DEADLINE_EXCEEDED', `${where} did not answer in the time that was left`)
  return withTimeLimit(ms + slackMs, signal, late, async limited => {
    try {
      const path = pathname + search
      const lines = trace && headerLinesOf(trace)
      const sent = { path, headers, lines, body, stream, logged: tell && loggedBy(tell) }
      const answer = await post(pools.get(origin, useOf(body, isPlain)), sent, limited)
      return orQuestions(orRefusal(answer, where))
    } catch (error) {
      if (limited.aborted) throw limited.reason
      if (error instanceof MeshError || error instanceof InputRequired) throw error
      const code = isUnreachable(error) ? 'MESH_ENDPOINT_UNREACHABLE' : 'MESH_CALL_INTERRUPTED'
      const found = isUnreachable(error)
        ? `${where} cannot be reached`
        : `${where} broke the connection after the call was sent, so it may have been executed`
      throw new MeshError(code, found, undefined, { cause: error })
    }
  })
}

function orQuestions(result: ToolResult): ToolResult {
  const fields: Readonly<Record<string, unknown>> = { ...result }
  const { resultType, inputRequests, requestState } = fields
  if (resultType !== 'input_required' || !isRecord(inputRequests)) return result
  const questions = Object.entries(inputRequests).map(([key, asked]) => ({
    ...(asked as Pick<Question, 'method' | 'params'>), // as the owner, who is of this agent, has put it
    key,
  }))
  const state = typeof requestState === 'string' ? requestState : undefined
  throw new InputRequired(questions, { state })
}

/** What the owner answers with no result, its client is answered here in the same way. */
function orRefusal(answer: Answer, where: string): ToolResult {
  try {
    return readAnswer(answer, where)
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    if (error.code === 'MESH_TOOL_BUSY') throw new ToolBusy(error.code, error.message, error.mend)
    const isLack = error.details?.['rpc'] === clientLacks
    throw isLack ? (lackIn(JSON.parse(answer.text)) ?? error) : error
  }
}

function lackIn(message: unknown): ClientLacks | undefined {
  const error = isRecord(message) ? message['error'] : undefined
  const data = isRecord(error) ? error['data'] : undefined
  const required = isRecord(data) ? data['requiredCapabilities'] : undefined
  return isRecord(required) ? clientLacking(required) : undefined
}

function loggedBy(tell: Tell): (params: unknown) => void {
  return params => {
    if (!isRecord(params) || !isRecord(params['data'])) return
    const level = logLevels.find(one => one === params['level'])
    if (level) tell(level, params['data'])
  }
}

/** The owner ends it at the same time, and its word is the better one. */
const slackMs = 50

/** Notes of the owner's answer to whoever called here, at the pace at which they are read. */
function passOn(sink: NoteSink): ChunkSink {
  return {
    hasBegun: false,
    isWaiting: true,
    take(note, flow: Flow) {
      flow.pause()
      void sink.send(note).then(() => flow.resume())
    },
    watch() {
      // nobody waits for the next chunk but the caller itself
    },
  }
}
