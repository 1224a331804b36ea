/**
 * The least that a gateway in Node can be: a `node:http` server that posts each body to one URL over undici's pool and gives the
 * answer back, without reading either. `node pass-through.ts URL`; it sends `{ type: 'ready', url }` over its channel.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const target = new URL(process.argv[2] ?? '')
const pool = new Pool(target.origin)

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { 'mcp-name': name = '', 'mcp-method': method = '' } = request.headers
    const headers = [
      ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
      ...['mcp-protocol-version', '2026-07-28', 'mcp-method', String(method)],
      ...['mcp-name', String(name)],
    ]
    const answer: Buffer[] = []
    pool.dispatch(
      { method: 'POST', path: target.pathname, headers, body: Buffer.concat(chunks) },
      {
        onRequestStart: () => undefined,
        onResponseData: (_controller, chunk) => void answer.push(chunk),
        onResponseEnd() {
          const text = Buffer.concat(answer).toString('utf8')
          response.writeHead(200, {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          })
          response.end(text)
        },
        onResponseError: (_controller, error) => response.destroy(error),
      },
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}/mcp` })
})
process.on('SIGTERM', () => process.exit(0))
