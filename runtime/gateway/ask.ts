/**
 * One request of the gateway's own to an agent, in the 2026-07-28 form: what it offers is asked for so. Bounded in time and
 * size, whatever the agent does.
 */
import { MeshError } from '../../core/model/error.ts'
import { isUnreachable } from '../proxy/mcp-answer.ts'
import { protocolVersion } from '../proxy/mcp-call.ts'
import { post } from '../proxy/post.ts'
import type { Pools } from '../proxy/pools.ts'
import { isRecord } from './record.ts'
import { withTimeLimit } from '../proxy/time-limit.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'

export interface Asking {
  pools: Pools
  /** Named to the agent. */
  client: { name: string; version: string }
  /** URL of the agent's MCP endpoint. */
  endpoint: string
  bearer: string | undefined
  signal: CancelSignal
}

const askMs = 10_000

/** The result. Throws MESH_CALL_REFUSED for an error of JSON-RPC, and what else came in place of an answer. */
export async function ask(
  { pools, client, endpoint, bearer, signal }: Asking,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const { origin, pathname, search } = new URL(endpoint)
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method },
    params: { ...params, _meta: envelopeOf(client) },
  })
  const headers = [...headersFor(method, bearer)]
  const late = () =>
    new MeshError('MESH_TIMEOUT_ELAPSED', `${endpoint} did not answer ${method} within 10s`)
  const answer = await withTimeLimit(askMs, signal, late, limited =>
    post(pools.get(origin, 'other'), { path: pathname + search, headers, body }, limited),
  ).catch((error: unknown) => {
    if (!isUnreachable(error)) throw error
    throw new MeshError('MESH_ENDPOINT_UNREACHABLE', `${endpoint} cannot be reached`, undefined, {
      cause: error,
    })
  })
  const message = parse(answer.text)
  const result = message?.['result']
  if (isRecord(result)) return result
  const error = message?.['error']
  if (isRecord(error)) {
    const found = `${endpoint} answered ${method}: ${String(error['message'])}`
    throw new MeshError('MESH_CALL_REFUSED', found, undefined, { details: { rpc: error['code'] } })
  }
  throw new MeshError(
    'MESH_CALL_INVALID',
    `${endpoint} answered ${method} with HTTP ${answer.status} and no MCP`,
  )
}

/** Names and values in turn. */
export function headersFor(method: string, bearer: string | undefined): string[] {
  return [
    ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
    ...['mcp-protocol-version', protocolVersion, 'mcp-method', method],
    ...(bearer === undefined ? [] : ['authorization', `Bearer ${bearer}`]),
  ]
}

/** `_meta` of a request of our own. */
export function envelopeOf(
  client: { name: string; version: string },
  capabilities: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    'io.modelcontextprotocol/protocolVersion': protocolVersion,
    'io.modelcontextprotocol/clientInfo': client,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // told as no MCP
  }
}
