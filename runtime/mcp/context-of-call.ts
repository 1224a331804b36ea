/** What a handler is given beside arguments and dependencies. The platform's signal is made only for a handler that asks for it. */
import type { HandlerContext, HandlerLog, HandlerQuestions, HandlerSession } from '../handler.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import type { Clock } from '../proxy/time-limit.ts'
import { nobody, type Asker } from './asking.ts'
import type { Notes } from './notes.ts'
import { createQuestions } from './questions.ts'

export interface CallState {
  limited: Cancellation
  deadline: number
  notes: Notes | undefined
  session: HandlerSession | undefined
  /** Undefined for callers that can be asked nothing. */
  asker: Asker | undefined
  clock: Clock
  changed: (uri: string) => void
  /** Undefined for a call that becomes no task. */
  detach?: (() => Promise<void>) | undefined
}

export class ContextOfCall implements HandlerContext {
  readonly log: HandlerLog
  readonly #call: CallState
  #questions: HandlerQuestions | undefined

  constructor(log: HandlerLog, call: CallState) {
    this.log = log
    this.#call = call
  }

  get deadline(): number {
    return this.#call.deadline + this.#call.clock.pausedMs
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

  get changed(): HandlerContext['changed'] {
    return this.#call.changed
  }

  get detach(): HandlerContext['detach'] {
    return this.#call.detach ?? nothing
  }

  get can(): HandlerContext['can'] {
    return this.#ask().can
  }

  get elicit(): HandlerContext['elicit'] {
    return this.#ask().elicit
  }

  get elicitUrl(): HandlerContext['elicitUrl'] {
    return this.#ask().elicitUrl
  }

  get sample(): HandlerContext['sample'] {
    return this.#ask().sample
  }

  get roots(): HandlerContext['roots'] {
    return this.#ask().roots
  }

  #ask(): HandlerQuestions {
    const { asker = nobody, limited, clock } = this.#call
    const pause = () => clock.pause()
    return (this.#questions ??= createQuestions({ asker, run: limited, pause }))
  }
}

const nothing = () => Promise.resolve()
