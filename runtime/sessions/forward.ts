/**
 * Hands a call to the instance that owns its session: the same call, with what remains of its time, its trace and its
 * idempotency key, and the owner's answer as it is, chunks and cancellation included. It is marked, and what is marked
 * is not forwarded again, so no call runs in circles.
 */
import { isDialable } from '../../core/model/dialable.ts'
import { MeshError } from '../../core/model/error.ts'
import { declaredHeaders, paramHeaders, type ParamHeader } from '../../core/model/param-headers.ts'
import type { Invocation } from '../mcp/invoke.ts'
import type { NoteSink } from '../mcp/notes.ts'
import type { ChunkSink, Flow } from '../proxy/chunk-queue.ts'
import { isUnreachable, readAnswer } from '../proxy/mcp-answer.ts'
import { protocolVersion } from '../proxy/mcp-call.ts'
import type { Pools } from '../proxy/pools.ts'
import { post } from '../proxy/post.ts'
import { withTimeLimit } from '../proxy/time-limit.ts'
import type { ToolResult } from '../proxy/values.ts'
import { headersOf, metaTextOf, type TraceContext } from '../telemetry/trace-context.ts'
import type { Owner } from './store.ts'

/** In `_meta`: the instance that handed the call on. */
export const forwardedKey = 'mcp-mesh.dev/forwarded-by'

export interface Forwarding {
  pools: Pools
  /** This instance. */
  instance: string
  /** What callers of this agent present, its other instances too. */
  bearer: string | undefined
}

/**
 * Throws MESH_ENDPOINT_UNREACHABLE and MESH_ENDPOINT_DRAINING and MESH_SESSION_ELSEWHERE, after which it was not executed,
 * MESH_CALL_INTERRUPTED, after which it may have been, and what the owner answers.
 */
export async function forward(
  { tool, args, meta, sink, signal, timeoutMs }: Invocation,
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
    'io.modelcontextprotocol/clientCapabilities': {},
    ...handedOn,
    'mcp-mesh.dev/timeout-ms': Math.max(Math.ceil(ms), 1),
    [forwardedKey]: instance,
    ...(sink && { progressToken: 1 }),
  }
  const metaText = JSON.stringify(envelope).slice(0, -1) + (trace ? metaTextOf(trace) : '')
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(name)},"arguments":${JSON.stringify(args ?? {})},"_meta":${metaText}}}}`
  const headers = [
    ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
    ...['mcp-protocol-version', protocolVersion, 'mcp-method', 'tools/call', 'mcp-name', name],
    ...(bearer === undefined ? [] : ['authorization', `Bearer ${bearer}`]),
    ...(trace ? headersOf(trace) : []),
  ]
  headers.push(...paramHeaders(headersIn(tool.spec.inputSchema), { ...(args as object) }))
  const stream = sink && passOn(sink)
  const late = () =>
    new MeshError('MESH_DEADLINE_EXCEEDED', `${where} did not answer in the time that was left`)
  return withTimeLimit(ms + slackMs, signal, late, async limited => {
    try {
      const path = pathname + search
      return readAnswer(
        await post(pools.get(origin), { path, headers, body, stream }, limited),
        where,
      )
    } catch (error) {
      if (limited.aborted) throw limited.reason
      if (error instanceof MeshError) throw error
      const code = isUnreachable(error) ? 'MESH_ENDPOINT_UNREACHABLE' : 'MESH_CALL_INTERRUPTED'
      const found = isUnreachable(error)
        ? `${where} cannot be reached`
        : `${where} broke the connection after the call was sent, so it may have been executed`
      throw new MeshError(code, found, undefined, { cause: error })
    }
  })
}

/** By schema. */
const declared = new WeakMap<object, ParamHeader[]>()

function headersIn(schema: object): ParamHeader[] {
  let headers = declared.get(schema)
  if (!headers) declared.set(schema, (headers = declaredHeaders(schema).headers))
  return headers
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
