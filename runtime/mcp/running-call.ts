/** A handler's run as its proxies see it, and what it holds: given back once, when it ends or when a question ends it. */
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { Clock } from '../proxy/time-limit.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { InputRequired } from './asking.ts'
import type { CallContext } from './invoke.ts'

export interface RunOptions {
  /** In milliseconds of `performance.now()`, pauses not counted. */
  expiresAt: number
  clock: Clock
  trace: ServedTrace | undefined
  /** Gives back the place that it runs in. */
  leave: (() => void) | undefined
}

export class RunningCall implements CallContext {
  readonly signal: CancelSignal
  readonly trace: ServedTrace | undefined
  streams?: Set<() => void>
  readonly #options: RunOptions
  #hasEnded = false

  constructor(signal: CancelSignal, options: RunOptions) {
    this.signal = signal
    this.trace = options.trace
    this.#options = options
  }

  get expiresAt(): number {
    return this.#options.expiresAt + this.#options.clock.pausedMs
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (this.streams) for (const close of this.streams) close()
    this.#options.leave?.()
  }

  /** A run that a question has ended does not come back: the handler waits for ever, and is forgotten. */
  endWithQuestion(): void {
    this.signal.addEventListener('abort', () => {
      if (this.signal.reason instanceof InputRequired) this.end()
    })
  }
}
