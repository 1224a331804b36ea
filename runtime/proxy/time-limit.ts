/** Runs something with an end: the one way in which deadline and attempt timeout bound what they wrap. */
import { Alarm } from './alarm.ts'
import { Cancellation, type CancelSignal } from './cancellation.ts'

/** The time of one run. */
export interface Clock {
  /** Stops it until what this gives back is called, as often as this was. */
  pause(): () => void
  /** For how long it has stood still so far, in milliseconds. */
  readonly pausedMs: number
}

/**
 * Runs `run` with a signal that aborts when `parent` does, with its reason, or after `ms` with the error that `late`
 * makes. Nothing of it is left when this settles; `run` is expected to end when its signal aborts.
 */
export async function withTimeLimit<T>(
  ms: number,
  parent: CancelSignal,
  late: () => Error,
  run: (limited: Cancellation, clock: Clock) => Promise<T>,
): Promise<T> {
  if (parent.aborted) throw parent.reason
  if (ms <= 0) throw late()
  const limited = new Cancellation()
  const onAbort = () => limited.abort(parent.reason)
  const clock = new RunClock(ms, () => limited.abort(late()))
  parent.addEventListener('abort', onAbort)
  try {
    return await run(limited, clock)
  } finally {
    clock.end()
    parent.removeEventListener('abort', onAbort)
  }
}

class RunClock implements Clock {
  pausedMs = 0
  readonly #ring: () => void
  #endsAt: number
  #alarm: Alarm | undefined
  #pauses = 0
  #pausedAt = 0

  constructor(ms: number, ring: () => void) {
    this.#ring = ring
    this.#endsAt = performance.now() + ms
    this.#set()
  }

  pause(): () => void {
    if (this.#pauses++ === 0) {
      this.#pausedAt = performance.now()
      this.#alarm?.clear()
    }
    let isPaused = true
    return () => {
      if (!isPaused) return
      isPaused = false
      if (--this.#pauses > 0) return
      const ms = performance.now() - this.#pausedAt
      this.pausedMs += ms
      this.#endsAt += ms
      this.#set()
    }
  }

  /** For good: a pause that ends later starts nothing. */
  end(): void {
    this.#endsAt = Infinity
    this.#alarm?.clear()
  }

  #set(): void {
    if (this.#endsAt === Infinity) return
    this.#alarm = new Alarm(this.#endsAt, this.#ring)
    this.#alarm.set()
  }
}
