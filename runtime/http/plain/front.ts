/**
 * Puts the lean reader in front of a server of node:http, which goes on listening and is given each connection on which
 * something comes that the reader leaves to it.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { keepAliveLines } from './answer-text.ts'
import { PlainConnection, type PlainRequests } from './connection.ts'

export interface Front {
  /** Cuts the connections that node:http knows nothing of. */
  close(): void
}

/** To be called before it listens, with its `keepAliveTimeout` set. */
export function putInFront(server: Server, requests: PlainRequests): Front {
  const serveByNode = server.listeners('connection')
  server.removeAllListeners('connection')
  const open = new Set<Socket>()
  const forget = function (this: Socket) {
    open.delete(this)
  }
  const { keepAliveTimeout } = server
  const options = {
    isServed: (head: Parameters<PlainRequests['isServed']>[0]) => requests.isServed(head),
    take: (...request: Parameters<PlainRequests['take']>) => requests.take(...request),
    keepAliveMs: keepAliveTimeout,
    keepAliveLines: keepAliveLines(keepAliveTimeout),
    handOver(socket: Socket) {
      open.delete(socket)
      socket.off('close', forget)
      for (const serve of serveByNode) serve.call(server, socket)
    },
  }
  server.on('connection', socket => {
    open.add(socket)
    socket.on('close', forget)
    new PlainConnection(socket, options)
  })
  return {
    close() {
      for (const socket of open) socket.destroy()
    },
  }
}
