/**
 * The streams on which clients before MCP 2026-07-28 are told what is no part of a call. Each is held by the instance that its GET
 * has come to; what that has to know of the session it reads when it hears of a change. A client is told once, on the stream
 * that it opened last; one that comes back with `Last-Event-ID` is told what it has missed.
 */
import type { ServerResponse } from 'node:http'
import type { ClientStore, Remembered } from '../clients/store.ts'
import { StoreLost } from '../sessions/store.ts'
import { retryMs } from './call-stream.ts'
import { sessionMark, type EventPlace } from './call-streams.ts'
import { hasRoom, streamHeaders } from './event-stream.ts'
import { WantedResources, type Subscriptions } from './subscriptions.ts'
import { ToldEvents, type ToldEvent } from './told-events.ts'

/** Sessions with streams; the one that opened its first of all ends when there are more. */
const mostStreaming = 1_000
/** A client that reads nothing of its stream loses it when so much waits, in bytes. */
const mostUnread = 1024 * 1024
const keepAliveMs = 15_000

interface Streaming {
  /** The one that was opened last is at the end. */
  streams: Set<ServerResponse>
  remembered: Remembered
  /** Reads of the store, one after the other; never rejects. */
  reading: Promise<void>
  wanted: WantedResources
}

export interface StreamsOptions {
  store: ClientStore
  /** This one. */
  instance: string
  /** The methods that tell of changed lists, of those that are served now. */
  lists?: () => readonly string[]
  /** Resources that are listened to elsewhere while a session with a stream does. */
  subscriptions?: Subscriptions | undefined
}

export class LegacyStreams {
  readonly #open = new Map<string, Streaming>()
  readonly #store: ClientStore
  readonly #instance: string
  readonly #told = new ToldEvents()
  readonly #lists: () => readonly string[]
  readonly #subscriptions: Subscriptions | undefined

  constructor({ store, instance, lists = () => [], subscriptions }: StreamsOptions) {
    this.#store = store
    this.#instance = instance
    this.#lists = lists
    this.#subscriptions = subscriptions
    store.onBack(() => this.#putBack())
  }

  /** `last` is the event that the client has had last; `isPrimed`: it takes an event without data. */
  open(
    session: string,
    response: ServerResponse,
    { last, isPrimed = false }: { last?: EventPlace | undefined; isPrimed?: boolean } = {},
  ): void {
    const open = this.#open.get(session) ?? {
      streams: new Set(),
      remembered: { hasEnded: false, logLevel: undefined, uris: new Set(), speaker: undefined },
      reading: Promise.resolve(),
      wanted: new WantedResources(this.#subscriptions),
    }
    this.#open.set(session, open)
    open.streams.add(response)
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= mostStreaming) break
      this.#end(oldest)
    }
    response.writeHead(200, streamHeaders)
    response.flushHeaders()
    const begun = this.#told.count
    if (isPrimed) response.write(`id: ${this.#idOf(begun)}\nretry: ${retryMs}\ndata: \n\n`)
    const timer = setInterval(() => {
      if (hasRoom(response)) response.write(': keepalive\n\n')
      void this.#store.look(session).catch(ignoreLoss)
    }, keepAliveMs).unref()
    response.on('close', () => {
      clearInterval(timer)
      open.streams.delete(response)
      if (open.streams.size > 0 || this.#open.get(session) !== open) return
      this.#open.delete(session)
      void open.wanted.be([])
      void this.#store.hush(session).catch(ignoreLoss)
    })
    void this.#read(open, session, () => this.#store.speak(session))
    if (!last) return
    const missed = this.#missed(last, begun)
    const tell = () => {
      const { uris } = open.remembered
      const events = missed ?? this.#all(uris, begun)
      for (const event of events) if (isFor(event, uris)) response.write(this.#textOf(event))
    }
    open.reading = open.reading.then(tell)
  }

  /** Undefined where that is not known: it was told elsewhere, or too long ago. */
  #missed({ instance, n }: EventPlace, until: number): readonly ToldEvent[] | undefined {
    if (instance !== this.#instance) return undefined
    return this.#told.after(n)?.filter(event => event.n <= until)
  }

  /** All that may have changed. */
  #all(uris: ReadonlySet<string>, n: number): ToldEvent[] {
    const updated = [...uris].map(uri => ({ n, method: 'notifications/resources/updated', uri }))
    return [...this.#lists().map(method => ({ n, method, uri: undefined })), ...updated]
  }

  #idOf = (n: number) => `${this.#instance}.${sessionMark}.${n}`

  #textOf({ n, method, uri }: ToldEvent): string {
    const params = uri === undefined ? {} : { params: { uri } }
    const data = JSON.stringify({ jsonrpc: '2.0', method, ...params })
    return `event: message\nid: ${this.#idOf(n)}\ndata: ${data}\n\n`
  }

  /** The session is another than it was. Resolves when that is known here. */
  async changed(session: string): Promise<void> {
    const open = this.#open.get(session)
    if (open) await this.#read(open, session)
  }

  /** Tells every session with a stream, or those alone that are subscribed to the URI. */
  notify(method: string, uri?: string): void {
    const event = this.#told.add(method, uri)
    for (const open of this.#open.values()) {
      // A subscription that was acknowledged before is known by then.
      open.reading = open.reading.then(() => this.#tell(open, event)).catch(ignoreLoss)
    }
  }

  close(): void {
    for (const session of [...this.#open.keys()]) this.#end(session)
  }

  async #tell({ streams, remembered }: Streaming, event: ToldEvent): Promise<void> {
    const { speaker, uris } = remembered
    if (!isFor(event, uris)) return
    const isAnothers = speaker !== undefined && speaker !== this.#instance
    if (isAnothers && (await this.#store.isAlive(speaker).catch(() => false))) return
    const response = [...streams].at(-1)
    if (!response) return
    if (response.writableLength > mostUnread) response.destroy()
    else response.write(this.#textOf(event))
  }

  #read(open: Streaming, session: string, before = () => Promise.resolve()): Promise<void> {
    const read = async () => {
      await before()
      open.remembered = await this.#store.read(session)
      if (open.remembered.hasEnded) this.#end(session)
      if (this.#open.get(session) === open) await open.wanted.be(open.remembered.uris)
    }
    return (open.reading = open.reading.then(read).catch(ignoreLoss))
  }

  #putBack(): void {
    for (const [session, open] of this.#open) {
      const { speaker } = open.remembered
      const isMine = speaker === undefined || speaker === this.#instance
      void this.#read(open, session, async () => {
        await this.#store.restore(session, open.remembered)
        if (isMine) await this.#store.speak(session)
      })
    }
  }

  #end(session: string): void {
    const open = this.#open.get(session)
    this.#open.delete(session)
    void open?.wanted.be([])
    for (const response of open?.streams ?? []) response.end()
  }
}

const isFor = ({ uri }: ToldEvent, uris: ReadonlySet<string>) => uri === undefined || uris.has(uri)

/** What was missed is read when the store is back. */
function ignoreLoss(error: unknown): void {
  if (!(error instanceof StoreLost)) throw error
}
