/**
 * What clients before MCP 2026-07-28 send that no single call answers: the session of a request, answers to questions, the
 * stream that a session listens on, its end. All else of them the SDK serves, request by request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { replyJson } from '../http/reply.ts'
import { isRecord } from './content.ts'
import type { LegacySession, LegacySessions, Owned } from './legacy-sessions.ts'
import { openStream, type ResumeMeans } from './resume-stream.ts'
import type { RequestId } from './running-requests.ts'
import type { Sealer } from './seal.ts'

const header = 'mcp-session-id'
const claim = 'io.modelcontextprotocol/protocolVersion'

export interface LegacyMeans {
  sessions: LegacySessions
  owned: Owned
  sealer: () => Promise<Sealer>
}

/** A request of its own body that no client of 2026-07-28 sends; the SDK has the last word on all that is unclear. */
export function isLegacy({ headers }: IncomingMessage, body: unknown): boolean {
  if (headers['mcp-protocol-version'] === '2026-07-28') return false
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  return messages.every(message => {
    const params = isRecord(message) ? message['params'] : undefined
    const meta = isRecord(params) ? params['_meta'] : undefined
    return !isRecord(meta) || !(claim in meta)
  })
}

/**
 * The session that the request is of, if any, or `answered`. A client that initializes is given one.
 */
export async function admit(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  { sessions, owned, sealer }: LegacyMeans,
): Promise<LegacySession | 'answered' | undefined> {
  if (isRecord(body) && body['method'] === 'initialize') {
    const params = isRecord(body['params']) ? body['params'] : {}
    const id = sessions.mint(params['capabilities'], owned, await sealer())
    response.setHeader(header, id)
    return undefined
  }
  const given = request.headers[header]
  if (typeof given !== 'string') return undefined
  const session = await sessions.open(given, owned, await sealer())
  if (!session) {
    refuse(response, 404, -32001, 'Session not found: initialize again')
    return 'answered'
  }
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  for (const message of messages) {
    if (isAnswer(message)) await sessions.answers.take(session.id, message)
    const cancelled = cancelledBy(message)
    if (cancelled !== undefined) await sessions.cancel(session, cancelled)
  }
  const areTaken = messages.every(one => isAnswer(one) || cancelledBy(one) !== undefined)
  if (messages.length === 0 || !areTaken) return session
  response.writeHead(202).end()
  return 'answered'
}

/** GET and DELETE of a session. */
export async function serveSession(
  request: IncomingMessage,
  response: ServerResponse,
  { sessions, owned, sealer, instance, log }: LegacyMeans & ResumeMeans,
): Promise<void> {
  const given = request.headers[header]
  if (typeof given !== 'string')
    return refuse(response, 405, -32000, 'Method not allowed: without a session there is only POST')
  const session = await sessions.open(given, owned, await sealer())
  if (!session) return refuse(response, 404, -32001, 'Session not found: initialize again')
  if (request.method === 'DELETE') {
    await sessions.end(session)
    response.writeHead(200).end()
    return
  }
  if (!request.headers.accept?.includes('text/event-stream'))
    return refuse(response, 406, -32000, 'Not Acceptable: accept text/event-stream')
  await openStream(request, response, session, { sessions, instance, log })
}

/** A response of JSON-RPC: it has a result or an error, and no method. */
function isAnswer(message: unknown): message is object {
  return isRecord(message) && !('method' in message) && ('result' in message || 'error' in message)
}

/** The request that the client wants no more. */
function cancelledBy(message: unknown): RequestId | undefined {
  if (!isRecord(message) || message['method'] !== 'notifications/cancelled') return undefined
  const id = isRecord(message['params']) ? message['params']['requestId'] : undefined
  return typeof id === 'string' || typeof id === 'number' ? id : undefined
}

/** Of the requests of a body. */
export function idsOf(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  return messages.flatMap(message => {
    const id = isRecord(message) && 'method' in message ? message['id'] : undefined
    return typeof id === 'string' || typeof id === 'number' ? [id] : []
  })
}

/** Nothing has run. */
export function refuseLost(response: ServerResponse): void {
  const why = 'MESH_SESSION_UNAVAILABLE: the store of sessions does not answer; send it again'
  refuse(response, 503, -32000, why)
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  const headers: Record<string, string> = status === 405 ? { allow: 'POST' } : {}
  replyJson(response, status, { jsonrpc: '2.0', error: { code, message }, id: null }, headers)
}
