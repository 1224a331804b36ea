/**
 * GET with `Last-Event-ID`: a client that has lost a stream goes on with it. That of a call is at the instance that runs the call, so
 * a request that comes to another one is handed there; one that is of no call any instance goes on with.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Client } from 'undici'
import { isDialable } from '../../core/model/dialable.ts'
import { messageOf } from '../../core/model/error.ts'
import { replyJson } from '../http/reply.ts'
import type { Log } from '../telemetry/log.ts'
import { readEventId } from './call-streams.ts'
import { streamHeaders } from './event-stream.ts'
import type { LegacySession, LegacySessions } from './legacy-sessions.ts'

/** On a request that was handed on: it is not handed on again. */
const handedOn = 'mesh-handed-on'
/** Of the client's request, what is handed on. */
const passed = [
  'accept',
  'authorization',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-session-id',
]

export interface ResumeMeans {
  sessions: LegacySessions
  /** This one. */
  instance: string
  log: Log
}

/** Whether the client takes an event without data, by which it learns an id before there is anything to tell. */
export const isPrimed = ({ headers }: IncomingMessage): boolean =>
  String(headers['mcp-protocol-version'] ?? '') >= '2025-11-25'

/** The stream of the session, or the one that its last event was of. */
export async function openStream(
  request: IncomingMessage,
  response: ServerResponse,
  session: LegacySession,
  { sessions, instance, log }: ResumeMeans,
): Promise<void> {
  const { headers } = request
  const id = headers['last-event-id']
  const last =
    typeof id === 'string'
      ? (readEventId(id) ?? { instance: '', stream: undefined, n: 0 })
      : undefined
  if (last?.stream === undefined) {
    sessions.streams.open(session.id, response, { last, isPrimed: isPrimed(request) })
    return
  }
  if (last.instance === instance) {
    const stream = sessions.calls.find(session.id, last.stream)
    if (stream) stream.goOn(response, last.n)
    else refuse(response)
    return
  }
  const url = headers[handedOn] === undefined ? await sessions.placeOf(last.instance) : undefined
  if (url === undefined || !isDialable(url)) return refuse(response)
  await handOn(request, response, url).catch((error: unknown) => {
    log.debug('a stream cannot be gone on with', { at: url, error: messageOf(error) })
    if (response.headersSent) response.destroy()
    else refuse(response)
  })
}

async function handOn(
  { headers }: IncomingMessage,
  response: ServerResponse,
  url: string,
): Promise<void> {
  const { origin, pathname, search } = new URL(url)
  const end = new AbortController()
  response.on('close', () => end.abort())
  const connection = new Client(origin, { connect: { timeout: 2_000 }, headersTimeout: 10_000 })
  const entries = passed.flatMap(name => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  try {
    const answer = await connection.request({
      ...{ method: 'GET', path: pathname + search, signal: end.signal, bodyTimeout: 0 },
      headers: { ...Object.fromEntries(entries), [handedOn]: '1' },
    })
    if (answer.statusCode !== 200) throw new Error(`it answered HTTP ${answer.statusCode}`)
    response.writeHead(200, streamHeaders)
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) response.write(chunk)
    response.end()
  } finally {
    await connection.destroy()
  }
}

function refuse(response: ServerResponse): void {
  const message = 'The events of that stream are not kept here any more: make the call again'
  replyJson(response, 400, { jsonrpc: '2.0', error: { code: -32000, message }, id: null })
}
