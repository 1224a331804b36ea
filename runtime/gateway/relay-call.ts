/**
 * The leaf of a gateway's stack: the request goes on to the endpoint that was picked, under the name that the tool has there,
 * and the answer comes back as bytes. What the caller presented stays here: the provider is shown the gateway's own
 * credential, and of the request's `_meta` what the mesh says of time, trace and identity is said anew.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Call, CallRequest, Passed } from '../proxy/call.ts'
import { connectionError } from '../proxy/connection-error.ts'
import { hideSecrets } from '../proxy/hide-secrets.ts'
import type { Pools } from '../proxy/pools.ts'
import { idempotencyKey, repeatKey, type Trail } from '../proxy/trail.ts'
import { headersOf, metaTextOf } from '../telemetry/trace-context.ts'
import { headersFor } from './ask.ts'
import { readRelayed } from './relayed.ts'
import { relay } from './relay-exchange.ts'

export interface RelayOptions {
  pools: Pools
  /** Names the hop in errors. */
  edge: string
  /** Of MCP: `tools/call`, `prompts/get`, `resources/read`, `completion/complete`. */
  method: string
  /** As what is asked for is called there; undefined where the request's own params say it. */
  name: string | undefined
  /** What the gateway presents. */
  bearer: string | undefined
}

export function relayCall(options: RelayOptions): Call {
  const { pools, edge, method, name, bearer } = options
  const hide = hideSecrets([bearer ?? ''])
  const targets = new Map<Endpoint, { origin: string; path: string }>()
  const own = [...headersFor(method, bearer), ...(name === undefined ? [] : ['mcp-name', name])]
  return async request => {
    const { endpoint, signal, passed, record } = request
    if (!endpoint || !passed)
      throw new MeshError('MESH_INTERNAL_FAILED', `${edge}: nothing was picked or passed`)
    let place = targets.get(endpoint)
    if (!place) {
      const { origin, pathname, search } = new URL(endpoint.url)
      targets.set(endpoint, (place = { origin, path: pathname + search }))
    }
    const trace = record?.context
    const headers = [...own, ...passed.headers, ...(trace ? headersOf(trace) : [])]
    const body = bodyOf(options, request, passed)
    const { onEvent } = passed
    try {
      const answer = await relay(
        pools.get(place.origin),
        { path: place.path, headers, body, onEvent },
        signal,
      )
      return readRelayed(answer, `${edge} at ${endpoint.url}`, hide)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const failure = error instanceof MeshError ? error : connectionError(error, edge, endpoint)
      throw hide ? hide.inError(failure) : failure
    }
  }
}

/** Said anew for this hop. */
const ownMeta = new Set([
  ...['traceparent', 'tracestate', 'baggage', 'mcp-mesh.dev/timeout-ms', repeatKey],
])

function bodyOf({ method, name }: RelayOptions, request: CallRequest, passed: Passed): string {
  const { args, endpoint, trail, expiresAt: ends, record } = request
  const { _meta, ...rest } = passed.params
  const key = trail && endpoint && trail.keyFor(endpoint)
  const meta: Record<string, unknown> = {}
  for (const [field, value] of Object.entries((_meta ?? {}) as Record<string, unknown>))
    if (!ownMeta.has(field) && (key === undefined || field !== idempotencyKey)) meta[field] = value
  // Under a key the run outlives an attempt, for the next one to ask for its answer.
  const expiresAt = trail && key !== undefined ? trail.expiresAt : ends
  const remainingMs = Math.max(Math.ceil(expiresAt - performance.now()), 1)
  const parts = [
    JSON.stringify(meta).slice(1, -1),
    remainingMs < Infinity ? `"mcp-mesh.dev/timeout-ms":${remainingMs}` : '',
    key === undefined ? '' : `"${idempotencyKey}":"${key}"${repeatOf(trail)}`,
    record?.context ? metaTextOf(record.context).slice(1) : '',
  ]
  const params = [
    name !== undefined && `"name":${JSON.stringify(name)}`,
    method === 'tools/call' && `"arguments":${JSON.stringify(args)}`,
    JSON.stringify(rest).slice(1, -1),
    `"_meta":{${parts.filter(Boolean).join(',')}}`,
  ]
  const text = params.filter(Boolean).join(',')
  return `{"jsonrpc":"2.0","id":${JSON.stringify(passed.id)},"method":"${method}","params":{${text}}}`
}

function repeatOf(trail: Trail | undefined): string {
  return trail?.repeat ? `,"${repeatKey}":${JSON.stringify(trail.repeat)}` : ''
}
