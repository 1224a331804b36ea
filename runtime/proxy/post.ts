/**
 * One POST over a pooled connection, its answer read whole. It speaks undici's dispatch, which its own `request()` is
 * made of: there is no stream, no header object for a caller, no iterator to build for an answer that is taken in one
 * piece.
 */
import type { Dispatcher, Pool } from 'undici'
import { MeshError } from '../../core/model/error.ts'
import type { CancelSignal } from './cancellation.ts'

/** What one answer may hold; it is kept in memory. */
const maxAnswerBytes = 64 * 1024 * 1024

export interface PostOptions {
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string
}

export interface Answer {
  status: number
  /** The content type. */
  type: string
  text: string
}

/** Rejects with the signal's reason, with undici's errors, and with MESH_CALL_INVALID for an answer without end. */
export function post(pool: Pool, options: PostOptions, signal: CancelSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { path, headers, body } = options
    pool.dispatch(
      // attempt timeout and deadline bound it: no timers of undici's own
      { method: 'POST', path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      new Exchange(signal, resolve, reject),
    )
  })
}

/** What undici tells of one request. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #signal: CancelSignal
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (error: unknown) => void
  readonly #onAbort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #type = ''
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(
    signal: CancelSignal,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal
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
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#type = String(headers['content-type'] ?? '')
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= maxAnswerBytes) this.#chunks.push(chunk)
    else {
      const found = `the provider answered with more than ${maxAnswerBytes} bytes`
      controller.abort(new MeshError('MESH_CALL_INVALID', found))
    }
  }

  onResponseEnd(): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    const [first, ...more] = this.#chunks
    const bytes = first && more.length === 0 ? first : Buffer.concat(this.#chunks)
    this.#resolve({ status: this.#status, type: this.#type, text: bytes.toString('utf8') })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#reject(error)
  }
}
