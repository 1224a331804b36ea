/**
 * The SDK's Streamable HTTP transport to a server that runs elsewhere, over connections of our own: no time limit but the
 * call's, no redirect followed (it could lead a credential, or the call, to a place that nobody named).
 */
import {
  StreamableHTTPClientTransport,
  type FetchLike,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client'
import { Agent, fetch } from 'undici'
import { boundedBody } from './bounded-body.ts'
import { isDialable } from '../model/dialable.ts'
import { MeshError } from '../model/error.ts'

export interface HttpOptions {
  url: string
  /** Sent to the server alone: those whom it names for a login do not get them. */
  headers: Readonly<Record<string, string>>
  /** Who gets and keeps the tokens; absent where there are none. */
  auth?: OAuthClientProvider | undefined
  /** For few requests: each has a connection of its own, so none meets one that the server is just closing. */
  isBrief?: boolean
  /** Reads along in the stream that answers a request. */
  watch?: ((request: string | number, body: ByteStream) => ByteStream) | undefined
}

export type ByteStream = ReadableStream<Uint8Array>

/** Throws MESH_ENDPOINT_UNREACHABLE for an address that is never dialled. */
export function httpTransport({
  url,
  headers,
  auth,
  isBrief = false,
  watch,
}: HttpOptions): StreamableHTTPClientTransport {
  const server = new URL(dialable(url)).href
  const dispatcher = new Agent({
    ...{ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 5_000 } },
    ...(isBrief && { pipelining: 0 }),
  })
  // The server says where its authorization server is: that address is no more to be trusted than any other.
  const dial: FetchLike = async (target, init) => {
    const own = new URL(dialable(String(target))).href === server ? headers : {}
    const sent = new Headers(own)
    new Headers(init?.headers).forEach((value, name) => sent.set(name, value))
    const answer = await fetch(target, {
      ...(init as object),
      headers: Object.fromEntries(sent),
      redirect: 'error',
      dispatcher,
    })
    // The SDK reads the errors of authorization servers from Node's own kind of response alone.
    const { status, statusText } = answer
    const body = boundedBody(answer)
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') === true
    const request = watch && isStream ? idIn(init) : undefined
    return new Response(watch && body && request !== undefined ? watch(request, body) : body, {
      ...{ status, statusText },
      headers: [...answer.headers],
    })
  }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: dial,
    ...(auth && { authProvider: auth }),
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

/** Of the request in a body; undefined where there is none. */
function idIn(init: RequestInit | undefined): string | number | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return undefined
  const { id, method } = JSON.parse(init.body) as { id?: string | number; method?: unknown }
  return method === undefined ? undefined : id
}

function dialable(url: string): string {
  if (isDialable(url)) return url
  throw new MeshError(
    'MESH_ENDPOINT_UNREACHABLE',
    'the address is none that is dialled: not HTTP, with credentials, or link-local',
    'write the https:// address of the server, and what it wants to see as its credentials',
  )
}
