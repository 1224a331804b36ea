/** An HTTP server that answers with what it has read, with and without the lean reader in front of it; and raw clients of it. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import { nodeExchange, type Exchange } from '../../runtime/http/exchange.ts'
import type { PlainRequests } from '../../runtime/http/plain/connection.ts'
import { putInFront, type Front } from '../../runtime/http/plain/front.ts'
import { readBody } from '../../runtime/http/read-body.ts'

export interface Echo {
  server: Server
  /** Undefined without one. */
  front: Front | undefined
  /** The server's ends of all connections so far. */
  sockets: Socket[]
  /** How many requests each has answered. */
  count: { plain: number; node: number }
  open: () => Promise<Client>
}

export interface EchoOptions {
  /** The lean reader, with this of its own; false for none. */
  front?: Partial<PlainRequests> | false
  keepAliveMs?: number
}

export async function echo(t: Test, options: EchoOptions = {}): Promise<Echo> {
  const { front = {}, keepAliveMs = 30_000 } = options
  const count = { plain: 0, node: 0 }
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    readBody(request, 16 * 1024 * 1024)
      .then(body => {
        count.node++
        answer(nodeExchange(request, response), { method, url, headers, body: body.toString() })
      })
      .catch(() => response.destroy())
  })
  server.keepAliveTimeout = keepAliveMs
  const sockets: Socket[] = []
  const shut = front
    ? putInFront(server, {
        isServed: () => true,
        take({ url, headers }, body, exchange) {
          count.plain++
          const { traceparent } = exchange
          const all = traceparent === undefined ? headers : { ...headers, traceparent }
          answer(exchange, { method: 'POST', url, headers: all, body })
          return true
        },
        ...front,
      })
    : undefined
  server.on('connection', socket => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    shut?.close()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { server, front: shut, sockets, count, open: () => Client.open(port) }
}

interface Read {
  method: string
  url: string
  headers: Readonly<IncomingHttpHeaders>
  body: string
}

/** The headers by name, without the length: one of the two does not give it. */
function answer(exchange: Exchange, { method, url, headers, body }: Read): void {
  const names = Object.keys(headers).filter(name => name !== 'content-length')
  const others = names.sort().map(name => [name, headers[name]])
  exchange.reply(200, JSON.stringify([method, url, others, body]))
}

/** The client's end of a connection, on which it writes what it likes. */
export class Client {
  readonly socket: Socket
  /** All that came, each byte a character, without what tells the time. */
  text = ''
  isClosed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('data', chunk => {
      this.text += chunk.toString('latin1')
      this.text = this.text.replace(/Date: [^\r]*\r\n/g, '')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => (this.isClosed = true))
  }

  static async open(port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    return new Client(socket)
  }

  get answers(): number {
    return this.text.split('HTTP/1.1 ').length - 1
  }
}

export const post = (body: string, lines: string[] = [], url = '/mcp'): string =>
  [
    ...[`POST ${url} HTTP/1.1`, 'Host: 127.0.0.1', `Content-Length: ${Buffer.byteLength(body)}`],
    ...[...lines, '', body],
  ].join('\r\n')

/** One turn of the event loop after the other until it holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const ends = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > ends) throw new Error(`not within 20 s: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 1))
  }
}
