/** What a handler is given beside arguments and dependencies. The platform's signal is made only for a handler that asks for it. */
import type { HandlerContext, HandlerLog, HandlerSession } from '../handler.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import type { Notes } from './notes.ts'

export interface CallState {
  limited: Cancellation
  deadline: number
  notes: Notes | undefined
  session: HandlerSession | undefined
}

export class ContextOfCall implements HandlerContext {
  readonly log: HandlerLog
  readonly #call: CallState

  constructor(log: HandlerLog, call: CallState) {
    this.log = log
    this.#call = call
  }

  get deadline(): number {
    return this.#call.deadline
  }

  get signal(): AbortSignal {
    return this.#call.limited.signal
  }

  get session(): HandlerSession | undefined {
    return this.#call.session
  }

  /** A getter, since handlers take the context apart. */
  get progress(): HandlerContext['progress'] {
    return (progress, options = {}) => this.#call.notes?.progress(progress, options)
  }
}
