/**
 * One POST over a pooled connection. It speaks undici's dispatch, which its own `request()` is made of: there is no stream,
 * no header object for a caller, no iterator to build for an answer that is taken in one piece. An answer that is an event
 * stream is read event by event: each is offered to whoever asked, and the last that nobody took is the answer.
 */
import type { Dispatcher, Pool } from 'undici'
import { createEventParser } from '../../core/client/event-stream.ts'
import { MeshError } from '../../core/model/error.ts'
import type { CancelSignal } from './cancellation.ts'

/** What one answer, or one event, may hold; it is kept in memory. */
export const maxAnswerBytes = 64 * 1024 * 1024

export interface ExchangeRequest {
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string
}

export interface ExchangeAnswer {
  readonly status: number
  /** The content type. */
  readonly type: string
  /** The body; of an event stream the last message that was not taken. */
  readonly bytes: Buffer
}

export interface ExchangeEnds {
  /** True where the event is a notification, and not the answer. */
  take(data: string, controller: Dispatcher.DispatchController): boolean
  resolve(answer: ExchangeAnswer): void
  /** The signal's reason, undici's errors, and MESH_ANSWER_TOO_LARGE. */
  reject(error: unknown): void
}

export function startExchange(
  pool: Pool,
  { path, headers, body }: ExchangeRequest,
  signal: CancelSignal,
  ends: ExchangeEnds,
): void {
  pool.dispatch(
    // attempt timeout and deadline bound it: no timers of undici's own
    { method: 'POST', path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
    new Exchange(signal, ends),
  )
}

/** What undici tells of one request. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: CancelSignal
  readonly #ends: ExchangeEnds
  readonly #onAbort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #type = ''
  #chunks: Buffer[] = []
  #bytes = 0
  #parse: ((chunk: Uint8Array) => void) | undefined
  /** Of an event stream. */
  #message = ''

  constructor(signal: CancelSignal, ends: ExchangeEnds) {
    this.#signal = signal
    this.#ends = ends
    this.#onAbort = () => {
      this.#controller?.abort(signal.reason)
      ends.reject(signal.reason) // also where it has still to wait for a connection
    }
    signal.addEventListener('abort', this.#onAbort)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#signal.aborted) controller.abort(this.#signal.reason)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#type = String(headers['content-type'] ?? '')
    if (Number(headers['content-length']) > maxAnswerBytes) return controller.abort(tooLarge())
    if (!this.#type.startsWith('text/event-stream')) return
    this.#parse = createEventParser(({ data }) => {
      if (!this.#ends.take(data, controller)) this.#message = data
    }, maxAnswerBytes)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    try {
      if (this.#parse) return this.#parse(chunk)
    } catch (error) {
      return controller.abort(error instanceof RangeError ? tooLarge() : (error as Error))
    }
    this.#bytes += chunk.length
    if (this.#bytes <= maxAnswerBytes) this.#chunks.push(chunk)
    else controller.abort(tooLarge())
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#ends.resolve({ status: this.#status, type: this.#type, bytes: this.#answer() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#ends.reject(error)
  }

  #answer(): Buffer {
    if (this.#parse) return Buffer.from(this.#message)
    const [first] = this.#chunks
    return first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
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
