/**
 * The stream that answers a call of a client of 2025-11-25, written so that the client may lose it and go on with it by GET and
 * `Last-Event-ID`: each event has an id and is kept for a while. To the SDK it is the response of the POST.
 */
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createEventParser } from '../../core/client/event-stream.ts'
import { hasRoom, streamHeaders, type Outlet } from './event-stream.ts'

/** Of one stream, as text: of more the oldest events are dropped. */
const mostKept = 1024 * 1024
/** So long a client has to come back, in milliseconds; then the call is cancelled, as when its connection ends otherwise. */
const comeBackMs = 30_000
const keepAliveMs = 15_000

/** How soon a client should come back that has lost a stream, in milliseconds. */
export const retryMs = 1_000

export interface StreamHolder {
  /** It has begun, and may be gone on with. */
  keep(stream: CallStream): void
  /** Its connection has broken; false where as many as may have none: then it ends with it. */
  wait(stream: CallStream): boolean
  isBack(stream: CallStream): void
  /** All of it is written, perhaps to nobody. */
  hasEnded(stream: CallStream): void
  forget(stream: CallStream): void
}

export class CallStream extends EventEmitter implements Outlet {
  /** `instance.number`: event ids are this and a count. */
  readonly id: string
  readonly session: string
  readonly #holder: StreamHolder
  readonly #parse = createEventParser(({ data }) => this.#add(data), Infinity)
  #response: ServerResponse | undefined
  #isStream = false
  #hasEnded = false
  #isClosed = false
  #count = 0
  #kept: { n: number; text: string }[] = []
  #length = 0
  #timer: NodeJS.Timeout | undefined

  constructor(
    named: { id: string; session: string },
    response: ServerResponse,
    holder: StreamHolder,
  ) {
    super()
    this.id = named.id
    this.session = named.session
    this.#holder = holder
    this.#attach(response)
  }

  /** Characters of what is kept. */
  get length(): number {
    return this.#length
  }

  get destroyed(): boolean {
    return this.#isClosed
  }

  get writableNeedDrain(): boolean {
    if (this.#response) return this.#response.writableNeedDrain
    return !this.#isClosed && this.#length >= mostKept
  }

  writeHead(status: number, headers: Record<string, string>): void {
    this.#isStream = headers['content-type']?.startsWith('text/event-stream') === true
    this.#response?.writeHead(status, headers)
    if (!this.#isStream) return
    this.#holder.keep(this)
    // With it the client knows from where on to ask, though nothing has come yet.
    this.#response?.write(`id: ${this.id}.0\nretry: ${retryMs}\ndata: \n\n`)
  }

  write(chunk: Uint8Array | string): boolean {
    if (this.#isStream) this.#parse(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    else this.#response?.write(chunk)
    return !this.writableNeedDrain
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    clearTimeout(this.#timer)
    this.#response?.end()
    if (this.#isStream) this.#holder.hasEnded(this)
    this.#close()
  }

  /** What came after the event with this number, and all that comes, goes to this response from now on. */
  goOn(response: ServerResponse, after: number): void {
    clearTimeout(this.#timer)
    this.#holder.isBack(this)
    const before = this.#response
    this.#response = undefined
    before?.end()
    response.writeHead(200, streamHeaders)
    response.write(`id: ${this.id}.${after}\nretry: ${retryMs}\ndata: \n\n`)
    for (const { n, text } of this.#kept) if (n > after) response.write(text)
    if (this.#hasEnded) {
      response.end()
      return
    }
    this.#attach(response)
    this.emit('drain')
  }

  /** Nobody comes back for it. */
  giveUp(): void {
    clearTimeout(this.#timer)
    this.#holder.forget(this)
    this.#close()
  }

  #attach(response: ServerResponse): void {
    this.#response = response
    response.on('drain', () => {
      if (this.#response === response) this.emit('drain')
    })
    const timer = setInterval(() => {
      if (this.#isStream && hasRoom(response)) response.write(': keepalive\n\n')
    }, keepAliveMs).unref()
    response.on('close', () => {
      clearInterval(timer)
      if (this.#response === response) this.#lose()
    })
  }

  #lose(): void {
    this.#response = undefined
    if (this.#hasEnded) return
    if (!this.#isStream || !this.#holder.wait(this)) return this.giveUp()
    this.#timer = setTimeout(() => this.giveUp(), comeBackMs).unref()
    this.emit('drain') // there is room: what comes is kept
  }

  #add(data: string): void {
    const n = ++this.#count
    const lines = data.replaceAll('\n', '\ndata: ')
    const text = `event: message\nid: ${this.id}.${n}\ndata: ${lines}\n\n`
    this.#kept.push({ n, text })
    this.#length += text.length
    while (this.#length > mostKept && this.#kept.length > 1)
      this.#length -= this.#kept.shift()?.text.length ?? 0
    this.#response?.write(text)
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.emit('close')
  }
}
