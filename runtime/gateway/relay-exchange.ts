/**
 * One POST whose answer is passed on as it comes: the body as bytes, the events of a stream as text, one by one. Nothing of
 * it is made anew, and what one answer may hold, and what nobody asked for, is bounded.
 */
import type { Dispatcher, Pool } from 'undici'
import { createEventParser } from '../../core/client/event-stream.ts'
import { MeshError } from '../../core/model/error.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { Flow } from '../proxy/chunk-queue.ts'

/** What one answer, or one event, may hold; it is kept in memory. */
export const maxAnswerBytes = 64 * 1024 * 1024
/** Notifications that nobody asked for, of one answer. */
const maxUnasked = 10_000

export interface RelayRequest {
  readonly path: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: string
  /** Told of notifications; absent, they are dropped. */
  readonly onEvent?: ((data: string, flow: Flow) => void) | undefined
}

export interface RelayedAnswer {
  readonly status: number
  /** The content type. */
  readonly type: string
  /** The body; of an event stream the last message that is no notification. */
  readonly bytes: Buffer
}

/** Rejects with the signal's reason, with undici's errors, and with MESH_ANSWER_TOO_LARGE or MESH_CALL_INVALID. */
export function relay(
  pool: Pool,
  request: RelayRequest,
  signal: CancelSignal,
): Promise<RelayedAnswer> {
  return new Promise((resolve, reject) => {
    const { path, headers, body } = request
    pool.dispatch(
      // attempt timeout and deadline bound it: no timers of undici's own
      { method: 'POST', path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      new RelayExchange(signal, request.onEvent, resolve, reject),
    )
  })
}

class RelayExchange implements Dispatcher.DispatchHandler {
  readonly #signal: CancelSignal
  readonly #onEvent: RelayRequest['onEvent']
  readonly #resolve: (answer: RelayedAnswer) => void
  readonly #reject: (error: unknown) => void
  readonly #onAbort: () => void
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #type = ''
  #chunks: Buffer[] = []
  #bytes = 0
  #unasked = 0
  #parse: ((chunk: Uint8Array) => void) | undefined
  /** Of an event stream. */
  #message = ''

  constructor(
    signal: CancelSignal,
    onEvent: RelayRequest['onEvent'],
    resolve: (answer: RelayedAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal
    this.#onEvent = onEvent
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
    if (Number(headers['content-length']) > maxAnswerBytes) return controller.abort(tooLarge())
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
    this.#resolve({ status: this.#status, type: this.#type, bytes: this.#answer() })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#reject(error)
  }

  #answer(): Buffer {
    if (this.#parse) return Buffer.from(this.#message)
    const [first, ...more] = this.#chunks
    return first && more.length === 0 ? first : Buffer.concat(this.#chunks)
  }

  #take(data: string, controller: Dispatcher.DispatchController): void {
    if (!isNotification(data)) this.#message = data
    else if (this.#onEvent) this.#onEvent(data, controller)
    else if (++this.#unasked > maxUnasked) controller.abort(flooded())
  }
}

/** A method as a key of a text within cannot stand so: its quotes are escaped. */
function isNotification(data: string): boolean {
  if (!data.includes('"method"')) return false
  try {
    const message = JSON.parse(data) as { method?: unknown } | null
    return typeof message?.method === 'string'
  } catch {
    return false // whoever reads the answer says what is wrong
  }
}

function tooLarge(): MeshError {
  const found = `the provider answered with more than ${maxAnswerBytes / 1024 / 1024} MiB in one piece`
  return new MeshError('MESH_ANSWER_TOO_LARGE', found)
}

function flooded(): MeshError {
  const found = `the provider sent more than ${maxUnasked} notifications that nobody asked for`
  return new MeshError('MESH_CALL_INVALID', found)
}
