/**
 * The leaf of a gateway's stack: the request goes on to the endpoint that was picked, under the name that the tool has there,
 * and the answer comes back as bytes. What the caller presented stays here: the provider is shown the gateway's own
 * credential, and of the request's `_meta` what the mesh says of time, trace and identity is said anew.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Call, Passed } from '../proxy/call.ts'
import { connectionError } from '../proxy/connection-error.ts'
import { hideSecrets } from '../proxy/hide-secrets.ts'
import { hasOnly, isEnvelope } from '../mcp/envelope.ts'
import { useOf, type Pools } from '../proxy/pools.ts'
import { headerLinesOf } from '../telemetry/trace-context.ts'
import { headersFor } from './ask.ts'
import { readRelayed } from './relayed.ts'
import { relay } from './relay-exchange.ts'
import { relayedBody } from './relayed-body.ts'

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
  const isCall = method === 'tools/call'
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
    const lines = trace && headerLinesOf(trace)
    const body = relayedBody(options, request, passed)
    const { onEvent } = passed
    try {
      const answer = await relay(
        pools.get(place.origin, useOf(body, isCall && isPlain(passed))),
        { path: place.path, headers: own, more: passed.headers, lines, body, onEvent },
        signal,
      )
      const from = { where: `${edge} at ${endpoint.url}`, instance: endpoint.instance }
      return readRelayed(answer, from, hide)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const failure = connectionError(error, edge, endpoint)
      throw hide ? hide.inError(failure) : failure
    }
  }
}

/** Whether the agent reads it without the SDK. */
const isPlain = ({ params, onEvent }: Passed): boolean =>
  onEvent === undefined && hasOnly(params, ['_meta']) && isEnvelope(params['_meta'])
