/**
 * The leaf: one tools/call as one POST in the 2026-07-28 form, over a pooled connection, without the SDK's set-up of a
 * client. It sorts what can go wrong by what a caller may do next: MESH_ENDPOINT_UNREACHABLE and MESH_ENDPOINT_DRAINING
 * were provably not executed, MESH_CALL_INTERRUPTED may have been, an answer is an answer.
 */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { isUnreachable, readAnswer } from './mcp-answer.ts'
import type { Call } from './call.ts'
import type { Pools } from './pools.ts'

export const protocolVersion = '2026-07-28'

export interface Caller {
  pools: Pools
  /** Named to the provider as clientInfo. */
  client: { name: string; version: string }
}

/** `bearer` is this agent's own token for the provider; a token of its callers is never passed on. */
export function mcpCall(caller: Caller, edge: string, bearer: string | undefined): Call {
  const targets = new Map<Endpoint, Target>()
  const envelope = {
    'io.modelcontextprotocol/protocolVersion': protocolVersion,
    'io.modelcontextprotocol/clientInfo': caller.client,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  return async ({ endpoint, args, signal, expiresAt }) => {
    if (!endpoint) throw new MeshError('MESH_INTERNAL_FAILED', `${edge}: no endpoint was picked`)
    let target = targets.get(endpoint)
    if (!target) targets.set(endpoint, (target = targetOf(endpoint, bearer)))
    const remainingMs = Math.ceil(expiresAt - performance.now())
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1, // one call a request: nothing to tell apart
      method: 'tools/call',
      params: {
        name: endpoint.tool,
        arguments: args,
        _meta: Number.isFinite(remainingMs)
          ? { ...envelope, 'mcp-mesh.dev/timeout-ms': Math.max(remainingMs, 1) }
          : envelope,
      },
    })
    const { origin, path, headers } = target
    try {
      const response = await caller.pools.get(origin).request({
        ...{ method: 'POST', path, headers, body, signal },
        ...{ headersTimeout: 0, bodyTimeout: 0 }, // attempt timeout and deadline bound it
      })
      return await readAnswer(response, `${edge} at ${endpoint.url}`)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw error instanceof MeshError ? error : connectionError(error, edge, endpoint)
    }
  }
}

interface Target {
  origin: string
  path: string
  headers: Record<string, string>
}

function targetOf(endpoint: Endpoint, bearer: string | undefined): Target {
  const url = new URL(endpoint.url)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': protocolVersion,
    'mcp-method': 'tools/call',
    'mcp-name': endpoint.tool,
  }
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`
  return { origin: url.origin, path: url.pathname + url.search, headers }
}

function connectionError(error: unknown, edge: string, endpoint: Endpoint): MeshError {
  const cause = error instanceof Error ? error : new Error(messageOf(error))
  const where = `${edge}: ${endpoint.url} (instance ${endpoint.instance})`
  if (isUnreachable(error)) {
    const found = `${where} cannot be reached: ${reasonOf(error)}`
    return new MeshError('MESH_ENDPOINT_UNREACHABLE', found, undefined, { cause })
  }
  const found = `${where} broke the connection after the call was sent, so it may have been executed: ${reasonOf(error)}`
  return new MeshError('MESH_CALL_INTERRUPTED', found, undefined, { cause })
}

function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return messageOf(first)
}
