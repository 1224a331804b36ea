/**
 * The leaf: one tools/call as one POST in the 2026-07-28 form, over a pooled connection, without the SDK's set-up of a
 * client. It sorts what can go wrong by what a caller may do next: MESH_ENDPOINT_UNREACHABLE and MESH_ENDPOINT_DRAINING
 * were provably not executed, MESH_CALL_INTERRUPTED may have been, an answer is an answer.
 */
import { MeshError } from '../../core/model/error.ts'
import { paramHeaders } from '../../core/model/param-headers.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { headerLinesOf, metaTextOf } from '../telemetry/trace-context.ts'
import type { Call } from './call.ts'
import { connectionError } from './connection-error.ts'
import { hideSecrets } from './hide-secrets.ts'
import { readAnswer } from './mcp-answer.ts'
import { useOf, type Pools } from './pools.ts'
import { post } from './post.ts'
import { idempotencyKey, repeatKey, type Trail } from './trail.ts'

export const protocolVersion = '2026-07-28'

export interface Caller {
  pools: Pools
  /** Named to the provider as clientInfo. */
  client: { name: string; version: string }
}

/** What an edge sends with each call besides the call itself, all of it this agent's own: nothing of its callers is passed on. */
export interface Credentials {
  bearer: string | undefined
  headers: Readonly<Record<string, string>>
  /** Which of it is secret: what a provider repeats of it in an error is left out. */
  secrets: readonly string[]
}

export function mcpCall(caller: Caller, edge: string, credentials: Credentials): Call {
  const targets = new Map<Endpoint, Target>()
  const hide = hideSecrets(credentials.secrets)
  return async ({ endpoint, args, signal, expiresAt: ends, trail, stream, record }) => {
    if (!endpoint) throw new MeshError('MESH_INTERNAL_FAILED', `${edge}: no endpoint was picked`)
    let target = targets.get(endpoint)
    if (!target) targets.set(endpoint, (target = targetOf(endpoint, caller, edge, credentials)))
    const { origin, path, where, head, tail } = target
    const trace = record?.context
    const { headers } = target
    const lines = trace && headerLinesOf(trace)
    const more = endpoint.paramHeaders && paramHeaders(endpoint.paramHeaders, args)
    const key = trail?.keyFor(endpoint)
    // Under a key the run outlives an attempt, for the next one to ask for its answer.
    const expiresAt = trail && key !== undefined ? trail.expiresAt : ends
    const remainingMs = Math.max(Math.ceil(expiresAt - performance.now()), 1)
    const time = remainingMs < Infinity ? `,"mcp-mesh.dev/timeout-ms":${remainingMs}` : ''
    const identity =
      trail && key !== undefined ? `,"${idempotencyKey}":"${key}"${repeatOf(trail)}` : ''
    const progress = stream ? ',"progressToken":1' : ''
    const body = `${head}${JSON.stringify(args)}${tail}${time}${identity}${progress}${trace ? metaTextOf(trace) : ''}}}}`
    try {
      const answer = await post(
        caller.pools.get(origin, useOf(body, stream === undefined)),
        { path, headers, more, lines, body, stream },
        signal,
      )
      const result = readAnswer(answer, where)
      return hide ? hide.inResult(result) : result
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const failure = connectionError(error, edge, endpoint)
      throw hide ? hide.inError(failure) : failure
    }
  }
}

/** All of a call that is the same for each call. */
interface Target {
  origin: string
  path: string
  headers: string[]
  /** The hop and the endpoint, for errors. */
  where: string
  /** The body before the arguments, and between them and the time that remains. */
  head: string
  tail: string
}

function targetOf(
  endpoint: Endpoint,
  { client }: Caller,
  edge: string,
  { bearer, headers: own }: Credentials,
): Target {
  const url = new URL(endpoint.url)
  const headers = [
    ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
    ...['mcp-protocol-version', protocolVersion, 'mcp-method', 'tools/call'],
    ...['mcp-name', endpoint.tool],
    ...Object.entries(own).flat(),
    ...(bearer === undefined ? [] : ['authorization', `Bearer ${bearer}`]),
  ]
  const envelope = JSON.stringify({
    'io.modelcontextprotocol/protocolVersion': protocolVersion,
    'io.modelcontextprotocol/clientInfo': client,
    'io.modelcontextprotocol/clientCapabilities': {},
  })
  return {
    ...{ origin: url.origin, path: url.pathname + url.search, headers },
    where: `${edge} at ${endpoint.url}`,
    // id 1: one call a request, nothing to tell apart
    head: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(endpoint.tool)},"arguments":`,
    tail: `,"_meta":${envelope.slice(0, -1)}`,
  }
}

function repeatOf({ repeat }: Trail): string {
  return repeat ? `,"${repeatKey}":${JSON.stringify(repeat)}` : ''
}
