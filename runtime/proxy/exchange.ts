/**
 * One request over a pooled connection, and its answer in one piece. An answer that is an event stream is read event by event: each
 * is offered to whoever asked, and the last that nobody took is the answer.
 */
import { createEventParser } from '../../core/client/event-stream.ts'
import { MeshError } from '../../core/model/error.ts'
import type { AnswerHead } from '../http-client/answer-head.ts'
import type { Exchanged } from '../http-client/connection.ts'
import type { Pool, Sent } from '../http-client/pool.ts'
import type { OutgoingRequest } from '../http-client/request-text.ts'
import type { CancelSignal } from './cancellation.ts'

/** What one answer, or one event, may hold; it is kept in memory. */
export const maxAnswerBytes = 64 * 1024 * 1024

export interface ExchangeAnswer {
  readonly status: number
  /** The content type. */
  readonly type: string
  /** The body; of an event stream the last message that was not taken. */
  readonly bytes: Buffer
}

export interface ExchangeEnds {
  /** True where the event is a notification, and not the answer. */
  take(data: string, flow: Sent): boolean
  resolve(answer: ExchangeAnswer): void
  /** The signal's reason, what kept the connection from answering, and MESH_ANSWER_TOO_LARGE. */
  reject(error: unknown): void
}

export function startExchange(
  pool: Pool,
  request: OutgoingRequest,
  signal: CancelSignal,
  ends: ExchangeEnds,
): void {
  if (signal.aborted) return ends.reject(signal.reason)
  new Exchange(signal, ends).send(pool, request)
}

class Exchange implements Exchanged {
  readonly #signal: CancelSignal
  readonly #ends: ExchangeEnds
  #sent: Sent | undefined
  #status = 0
  #type = ''
  /** Of the body. */
  #first: Buffer | undefined
  #others: Buffer[] | undefined
  #bytes = 0
  #parse: ((chunk: Uint8Array) => void) | undefined
  /** Of an event stream. */
  #message = ''

  constructor(signal: CancelSignal, ends: ExchangeEnds) {
    this.#signal = signal
    this.#ends = ends
  }

  send(pool: Pool, request: OutgoingRequest): void {
    this.#signal.addEventListener('abort', this.#onAbort)
    try {
      this.#sent = pool.send(request, this)
    } catch (error) {
      this.failed(error)
    }
  }

  readonly #onAbort = (): void => this.#sent?.abort(this.#signal.reason)

  head({ status, type, length }: AnswerHead): void {
    this.#status = status
    this.#type = type
    if (length !== undefined && length > maxAnswerBytes) throw tooLarge()
    if (!type.startsWith('text/event-stream')) return
    this.#parse = createEventParser(({ data }) => {
      if (!this.#sent || !this.#ends.take(data, this.#sent)) this.#message = data
    }, maxAnswerBytes)
  }

  body(bytes: Buffer): void {
    if (this.#parse) return this.#readEvents(this.#parse, bytes)
    this.#bytes += bytes.length
    if (this.#bytes > maxAnswerBytes) throw tooLarge()
    if (!this.#first) this.#first = Buffer.from(bytes)
    else (this.#others ??= []).push(Buffer.from(bytes))
  }

  ended(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#ends.resolve({ status: this.#status, type: this.#type, bytes: this.#answer() })
  }

  failed(error: unknown): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#ends.reject(error)
  }

  #readEvents(parse: (chunk: Uint8Array) => void, bytes: Buffer): void {
    try {
      parse(bytes)
    } catch (error) {
      throw error instanceof RangeError ? tooLarge() : error
    }
  }

  #answer(): Buffer {
    if (this.#parse) return Buffer.from(this.#message)
    if (!this.#first) return Buffer.alloc(0)
    return this.#others ? Buffer.concat([this.#first, ...this.#others]) : this.#first
  }
}

/** Undefined for everything else, of which the reader of the answer says what is wrong. */
export function notificationIn(data: string): { method?: unknown; params?: unknown } | undefined {
  if (!data.includes('"method"')) return undefined // as a key within a text it cannot stand so: its quotes are escaped
  try {
    const message = JSON.parse(data) as { method?: unknown; params?: unknown } | null
    return typeof message?.method === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

function tooLarge(): MeshError {
  const found = `the provider answered with more than ${maxAnswerBytes / 1024 / 1024} MiB in one piece`
  return new MeshError('MESH_ANSWER_TOO_LARGE', found)
}
