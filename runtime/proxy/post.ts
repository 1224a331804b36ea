/**
 * One POST over a pooled connection. It speaks undici's dispatch, which its own `request()` is made of: there is no
 * stream, no header object for a caller, no iterator to build for an answer that is taken in one piece. An answer that is
 * an event stream is read event by event: notes go to whoever asked for them, and only the answer itself is kept.
 */
import type { Dispatcher, Pool } from 'undici'
import { createEventParser } from '../../core/client/event-stream.ts'
import { noteOf } from '../../core/model/chunk.ts'
import { MeshError } from '../../core/model/error.ts'
import type { CancelSignal } from './cancellation.ts'
import type { ChunkSink } from './chunk-queue.ts'

/** What one answer, or one event, may hold; it is kept in memory. */
const maxAnswerBytes = 64 * 1024 * 1024

export interface PostOptions {
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string
  /** Where notes of the answer go; absent, they are dropped. */
  readonly stream?: ChunkSink | undefined
}

export interface Answer {
  status: number
  /** The content type. */
  type: string
  /** The body; of an event stream the last message that is no notification. */
  text: string
}

/** Rejects with the signal's reason, with undici's errors, and with MESH_ANSWER_TOO_LARGE. */
export function post(pool: Pool, options: PostOptions, signal: CancelSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { path, headers, body, stream } = options
    pool.dispatch(
      // attempt timeout and deadline bound it: no timers of undici's own
      { method: 'POST', path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      new Exchange(signal, stream, resolve, reject),
    )
  })
}

/** What undici tells of one request. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: CancelSignal
  readonly #stream: ChunkSink | undefined
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  readonly #onAbort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #type = ''
  #chunks: Buffer[] = []
  #bytes = 0
  #parse: ((chunk: Uint8Array) => void) | undefined
  /** Of an event stream. */
  #message = ''

  constructor(
    signal: CancelSignal,
    stream: ChunkSink | undefined,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal
    this.#stream = stream
    this.#resolve = resolve
    this.#reject = reject
    this.#onAbort = () => {
      this.#controller?.abort(signal.reason)
      reject(signal.reason) // also where it has still to wait for a connection
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
    if (!this.#type.startsWith('text/event-stream')) return
    this.#parse = createEventParser(({ data }) => this.#take(data, controller), maxAnswerBytes)
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
    this.#resolve({ status: this.#status, type: this.#type, text: this.#text() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#reject(error)
  }

  #text(): string {
    if (this.#parse) return this.#message
    const [first, ...more] = this.#chunks
    const bytes = first && more.length === 0 ? first : Buffer.concat(this.#chunks)
    return bytes.toString('utf8')
  }

  #take(data: string, controller: Dispatcher.DispatchController): void {
    const notification = data.includes('"method"') ? notificationOf(data) : undefined
    if (!notification) this.#message = data
    else {
      const note = noteOf(notification)
      if (note) this.#stream?.take(note, controller)
    }
  }
}

/** Undefined for everything else, of which the reader of the answer says what is wrong. */
function notificationOf(data: string): object | undefined {
  try {
    const message = JSON.parse(data) as { method?: unknown } | null
    return typeof message?.method === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

function tooLarge(): MeshError {
  const found = `the provider answered with more than ${maxAnswerBytes / 1024 / 1024} MiB in one piece`
  return new MeshError('MESH_ANSWER_TOO_LARGE', found)
}
