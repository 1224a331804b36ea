/** One request that the lean reader took. It is answered once: what comes later goes nowhere, least of all to the next one. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Cancellation } from '../../proxy/cancellation.ts'
import { callerGone, type Exchange, type Piece } from '../exchange.ts'

export class PlainExchange implements Exchange {
  readonly headers: Readonly<IncomingHttpHeaders>
  readonly traceparent: string | undefined
  readonly response = undefined
  /** Called once, when the answer is on its way or the caller has gone. */
  onEnd: (() => void) | undefined
  #write: ((status: number, pieces: readonly Piece[]) => void) | undefined
  #call: Cancellation | undefined

  constructor(
    headers: Readonly<IncomingHttpHeaders>,
    traceparent: string | undefined,
    write: (status: number, pieces: readonly Piece[]) => void,
  ) {
    this.headers = headers
    this.traceparent = traceparent
    this.#write = write
  }

  watch(call: Cancellation): void {
    this.#call = call
  }

  reply(status: number, ...pieces: Piece[]): void {
    const write = this.#write
    this.#write = undefined
    this.#call = undefined
    write?.(status, pieces)
  }

  /** The answer is written, or nobody is there to read it. */
  end(): void {
    const call = this.#call
    this.#write = undefined
    this.#call = undefined
    call?.abort(callerGone())
    this.onEnd?.()
    this.onEnd = undefined
  }
}
