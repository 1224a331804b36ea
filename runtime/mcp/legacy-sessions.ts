/**
 * Sessions of clients before MCP 2026-07-28. What `initialize` said stands in the session's id itself, sealed, so a session
 * costs nothing until its client asks for something that has to be remembered (a log level, subscriptions, a stream), any
 * instance with the same secret serves it, and it lives through a restart. What is remembered is in the store of the agent's
 * clients, which its instances may share.
 */
import { createHash, randomUUID } from 'node:crypto'
import { clientSessionMs, type ClientStore, type Told } from '../clients/store.ts'
import { StoreLost } from '../sessions/store.ts'
import { Answers } from './answers.ts'
import { isRecord } from './content.ts'
import { CallStreams } from './call-streams.ts'
import { LegacyStreams, type StreamsOptions } from './legacy-streams.ts'
import { RunningRequests, type RequestId } from './running-requests.ts'
import type { Sealer } from './seal.ts'

export interface LegacySession {
  id: string
  /** ClientCapabilities, as far as a server can make use of them. */
  capabilities: Readonly<Record<string, unknown>>
  /** From which level on it is told of the log; undefined for nothing. As it was when the request came. */
  logLevel: string | undefined
}

/** Whose sessions: of this agent, for the caller with this credential. */
export interface Owned {
  agent: string
  principal: string | undefined
}

export class LegacySessions {
  readonly answers: Answers
  readonly streams: LegacyStreams
  readonly running = new RunningRequests()
  readonly calls: CallStreams
  readonly #store: ClientStore

  /**
   * `instance` is this one; `updated` hears of resources that have changed at another one; `lists` are the methods that tell of
   * changed lists.
   */
  constructor(
    store: ClientStore,
    instance: string,
    {
      updated,
      ...told
    }: { updated: (uri: string) => void } & Omit<StreamsOptions, 'store' | 'instance'>,
  ) {
    this.#store = store
    this.answers = new Answers(store)
    this.streams = new LegacyStreams({ store, instance, ...told })
    this.calls = new CallStreams(instance)
    store.onBack(() => this.answers.fetchAll())
    store.onTold(told => this.#hear(told, updated))
  }

  /** The id for a client that initializes. */
  mint(capabilities: unknown, owned: Owned, sealer: Sealer): string {
    const known = isRecord(capabilities) ? capabilities : {}
    const kept = ['elicitation', 'sampling', 'roots'].filter(name => isRecord(known[name]))
    const session = {
      id: randomUUID(),
      capabilities: Object.fromEntries(kept.map(name => [name, known[name]])),
    }
    return sealer.seal(JSON.stringify(session), boundTo(owned), clientSessionMs)
  }

  /** Undefined for an id that is none, or has ended. While the store is away none has ended, and none is told of the log. */
  async open(id: string, owned: Owned, sealer: Sealer): Promise<LegacySession | undefined> {
    const text = sealer.open(id, boundTo(owned))
    if (text === undefined) return undefined
    const session = JSON.parse(text) as Omit<LegacySession, 'logLevel'>
    const { hasEnded, logLevel } = await this.#store.look(session.id).catch((error: unknown) => {
      if (error instanceof StoreLost) return { hasEnded: false, logLevel: undefined }
      throw error
    })
    return hasEnded ? undefined : { ...session, logLevel }
  }

  /** Rejects with StoreLost, as all of the following. */
  async end({ id }: LegacySession): Promise<void> {
    this.calls.end(id)
    await this.#store.end(id)
    await this.streams.changed(id)
  }

  setLogLevel({ id }: LegacySession, level: string): Promise<void> {
    return this.#store.setLogLevel(id, level)
  }

  /** False where the session has as many as it may. */
  async subscribe({ id }: LegacySession, uri: string): Promise<boolean> {
    const isTaken = await this.#store.subscribe(id, uri)
    await this.streams.changed(id)
    return isTaken
  }

  async unsubscribe({ id }: LegacySession, uri: string): Promise<void> {
    await this.#store.unsubscribe(id, uri)
    await this.streams.changed(id)
  }

  /** Ends a request of the session, wherever it runs. */
  async cancel({ id }: LegacySession, request: RequestId): Promise<void> {
    if (this.running.cancel(id, request)) return
    await this.#store.tell({ kind: 'cancelled', session: id, request })
  }

  /** Where another instance of the agent is reached; undefined where that is not known. */
  placeOf(instance: string): Promise<string | undefined> {
    return this.#store.placeOf(instance)
  }

  #hear(told: Told, updated: (uri: string) => void): void {
    switch (told.kind) {
      case 'changed':
        return void this.streams.changed(told.session)
      case 'answered':
        return void this.answers.fetch(told.session, told.question)
      case 'cancelled':
        return void this.running.cancel(told.session, told.request)
      case 'updated':
        return updated(told.uri)
    }
  }
}

function boundTo({ agent, principal = '' }: Owned): string {
  return `session ${agent} ${createHash('sha256').update(principal).digest('base64url')}`
}
