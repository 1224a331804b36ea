/** One closed-loop load, sent in four ways from one process: by the injected proxy, as a raw POST, by either SDK's client. */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Pool } from 'undici'
import { heapBytes } from '../heap.ts'
import { load } from '../measure.ts'

interface Args {
  url: string
  calls: number
  connections: number
  text: string
}

export async function mesh(
  args: Args,
  { echo }: { echo: (a: { text: string }) => Promise<unknown> },
) {
  return load(() => echo({ text: args.text }), args)
}

/** The physical limit: the same bytes as the mesh sends, to a `node:http` server that sends them back. */
export async function raw(args: Args) {
  const { origin, pathname } = new URL(args.url)
  const pool = new Pool(origin, { connections: args.connections })
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'consumer', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
    'mcp-mesh.dev/timeout-ms': 30_000,
  }
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
    params: { name: 'echo', arguments: { text: args.text }, _meta: meta },
  })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  }
  try {
    return await load(async () => {
      const response = await pool.request({ method: 'POST', path: pathname, headers, body })
      return response.body.json()
    }, args)
  } finally {
    await pool.close()
  }
}

export async function sdkV1(args: Args) {
  const client = new ClientV1({ name: 'bench', version: '1.0.0' })
  // a type of the SDK that exactOptionalPropertyTypes does not accept: sessionId is declared without undefined
  await client.connect(new TransportV1(new URL(args.url)))
  try {
    return await load(() => client.callTool({ name: 'echo', arguments: { text: args.text } }), args)
  } finally {
    await client.close()
  }
}

export async function sdkV2(args: Args) {
  const client = new ClientV2(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  )
  await client.connect(new TransportV2(new URL(args.url)))
  try {
    return await load(() => client.callTool({ name: 'echo', arguments: { text: args.text } }), args)
  } finally {
    await client.close()
  }
}

export const heap = async () => ({ bytes: await heapBytes() })
