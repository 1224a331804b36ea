/**
 * The SDK's Streamable HTTP transport to a server that runs elsewhere, over connections of our own: no time limit but the
 * call's, no redirect followed (it could lead a credential, or the call, to a place that the manifest does not name).
 */
import { StreamableHTTPClientTransport, type FetchLike } from '@modelcontextprotocol/client'
import { Agent, fetch } from 'undici'
import { MeshError } from '../../core/model/error.ts'
import { isDialable } from '../proxy/pools.ts'

export interface HttpOptions {
  url: string
  headers: Readonly<Record<string, string>>
}

/** Throws MESH_ENDPOINT_UNREACHABLE for an address that is never dialled. */
export function httpTransport({ url, headers }: HttpOptions): StreamableHTTPClientTransport {
  if (!isDialable(url)) {
    throw new MeshError(
      'MESH_ENDPOINT_UNREACHABLE',
      'spec.server.url leads to no address that is dialled: not HTTP, with credentials, or link-local',
      'write the https:// address of the server, and what it wants to see into spec.server.auth',
    )
  }
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 5_000 } })
  const dial = (target: string | URL, init?: RequestInit) =>
    fetch(target, { ...(init as object), redirect: 'error', dispatcher })
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: dial as unknown as FetchLike, // undici's own Response, which is Node's
    requestInit: { headers },
    reconnectionOptions: {
      ...{ initialReconnectionDelay: 250, maxReconnectionDelay: 10_000 },
      ...{ reconnectionDelayGrowFactor: 2, maxRetries: 10 },
    },
  })
  const close = transport.close.bind(transport)
  transport.close = async () => {
    await transport.terminateSession().catch(() => undefined) // the server may be gone; it forgets by itself
    await close()
    await dispatcher.destroy()
  }
  return transport
}
