/**
 * What is no HTTP request, or does not come whole: answered with a problem where the socket still takes one, as every other
 * refusal is. It never reaches the app, and says nothing about the registry: it is no line in its log.
 */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { MeshError } from '../model/error.ts'
import { problemOf } from './problem.ts'
import { newRequestId } from './request-id.ts'

/** How long whoever sent it may take to read the answer. */
const LINGER_MS = 1_000

/** Takes the `clientError` events of the server. */
export function refuseBroken(error: Error & { code?: string }, socket: Duplex, log: Logger): void {
  const requestId = newRequestId()
  log.debug({ code: error.code, requestId, reason: error.message }, 'broken request')
  if (!socket.writable || error.code === 'ECONNRESET' || hasBegunToAnswer(socket)) {
    socket.destroy()
    return
  }
  const problem = problemOf(refusalOf(error.code), requestId)
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `X-Request-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  const late = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(late))
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function refusalOf(code: string | undefined): MeshError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new MeshError('MESH_REQUEST_SLOW', 'the request did not come whole in time')
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new MeshError('MESH_HEADERS_TOO_LARGE', 'the head of the request is too large')
  }
  const reason = code === undefined ? '' : ` (${code})`
  return new MeshError('MESH_REQUEST_MALFORMED', `this is no HTTP/1.1 request${reason}`)
}

/** Node marks the socket with the answer that it carries; its own handler of such errors goes by it too. */
function hasBegunToAnswer(socket: Duplex & { _httpMessage?: { headersSent: boolean } | null }) {
  return socket._httpMessage?.headersSent === true
}
