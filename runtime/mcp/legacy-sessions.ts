/**
 * Sessions of clients before MCP 2026-07-28. What `initialize` said stands in the session's id itself, sealed, so a session
 * costs nothing until its client asks for something that has to be remembered (a log level, subscriptions, a stream), any
 * instance with the same secret serves it, and it lives through a restart. What is remembered is bounded: the session
 * that was quiet for the longest time forgets it.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { isRecord } from './content.ts'
import { hasRoom, streamHeaders } from './event-stream.ts'
import type { Sealer } from './seal.ts'

/** For how long an id is good, in milliseconds. */
const sessionMs = 24 * 60 * 60_000
const idleMs = 30 * 60_000
const mostLive = 1_000
const mostEnded = 10_000
/** Subscriptions of one session. */
export const mostUris = 1_000
/** A client that reads nothing of its stream loses it when so much waits, in bytes. */
const mostUnread = 1024 * 1024
const keepAliveMs = 15_000

export interface LegacySession {
  id: string
  /** ClientCapabilities, as far as a server can make use of them. */
  capabilities: Readonly<Record<string, unknown>>
}

/** What is remembered of a session. */
interface Live {
  logLevel: string | undefined
  uris: Set<string>
  streams: Set<ServerResponse>
  usedAt: number
}

/** Whose sessions: of this agent, for the caller with this credential. */
export interface Owned {
  agent: string
  principal: string | undefined
}

export class LegacySessions {
  /** The one that was used last is at the end. */
  readonly #live = new Map<string, Live>()
  readonly #ended = new Set<string>()

  /** The id for a client that initializes. */
  mint(capabilities: unknown, owned: Owned, sealer: Sealer): string {
    const known = isRecord(capabilities) ? capabilities : {}
    const kept = ['elicitation', 'sampling', 'roots'].filter(name => isRecord(known[name]))
    const session: LegacySession = {
      id: randomUUID(),
      capabilities: Object.fromEntries(kept.map(name => [name, known[name]])),
    }
    return sealer.seal(JSON.stringify(session), boundTo(owned), sessionMs)
  }

  /** Undefined for an id that is none, or has ended. */
  open(id: string, owned: Owned, sealer: Sealer): LegacySession | undefined {
    const text = sealer.open(id, boundTo(owned))
    if (text === undefined) return undefined
    const session = JSON.parse(text) as LegacySession
    return this.#ended.has(session.id) ? undefined : session
  }

  end({ id }: LegacySession): void {
    this.#forget(id)
    this.#ended.add(id)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= mostEnded) break
      this.#ended.delete(oldest)
    }
  }

  setLogLevel({ id }: LegacySession, level: string): void {
    this.#use(id).logLevel = level
  }

  logLevel({ id }: LegacySession): string | undefined {
    return this.#live.get(id)?.logLevel
  }

  /** False where the session has as many as it may. */
  subscribe({ id }: LegacySession, uri: string): boolean {
    const { uris } = this.#use(id)
    if (uris.size >= mostUris && !uris.has(uri)) return false
    uris.add(uri)
    return true
  }

  unsubscribe({ id }: LegacySession, uri: string): void {
    this.#live.get(id)?.uris.delete(uri)
  }

  /** Whether any session is subscribed to it. */
  isWatched(uri: string): boolean {
    return [...this.#live.values()].some(({ uris }) => uris.has(uri))
  }

  /** The stream on which the session is told what is not part of a call. */
  stream({ id }: LegacySession, response: ServerResponse): void {
    const live = this.#use(id)
    live.streams.add(response)
    response.writeHead(200, streamHeaders)
    response.flushHeaders()
    const timer = setInterval(() => {
      if (hasRoom(response)) response.write(': keepalive\n\n')
    }, keepAliveMs).unref()
    response.on('close', () => {
      clearInterval(timer)
      live.streams.delete(response)
      live.usedAt = performance.now()
    })
  }

  /** Tells every session with a stream, or those alone that are subscribed to the URI. */
  notify(method: string, uri?: string): void {
    const params = uri === undefined ? {} : { params: { uri } }
    const event = `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method, ...params })}\n\n`
    for (const { streams, uris } of this.#live.values()) {
      if (uri !== undefined && !uris.has(uri)) continue
      // One stream is enough: a client that has several would be told twice.
      const [response] = streams
      if (!response) continue
      if (response.writableLength > mostUnread) response.destroy()
      else response.write(event)
    }
  }

  close(): void {
    for (const id of [...this.#live.keys()]) this.#forget(id)
  }

  #use(id: string): Live {
    const now = performance.now()
    const live = this.#live.get(id) ?? {
      ...{ logLevel: undefined, uris: new Set(), streams: new Set(), usedAt: now },
    }
    live.usedAt = now
    this.#live.delete(id)
    this.#live.set(id, live)
    for (const [oldest, { usedAt, streams }] of this.#live) {
      const isIdle = streams.size === 0 && now - usedAt > idleMs
      if (!isIdle && this.#live.size <= mostLive) break
      this.#forget(oldest)
    }
    return live
  }

  #forget(id: string): void {
    for (const response of this.#live.get(id)?.streams ?? []) response.end()
    this.#live.delete(id)
  }
}

function boundTo({ agent, principal = '' }: Owned): string {
  return `session ${agent} ${createHash('sha256').update(principal).digest('base64url')}`
}
