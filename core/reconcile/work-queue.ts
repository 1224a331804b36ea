/**
 * The level-based loop: events put keys in, one worker a key reads desired and observed afresh and converges. A key
 * added twice before its turn is worked on once; one added while it is worked on gets another turn. Turns start in the
 * same tick in which keys were added, so that bad news is not late.
 */
import { backoffMs, type BackoffOptions } from './backoff.ts'

/** Nothing, or that the key wants another turn after a while. */
export type Outcome = { afterMs: number } | void

export interface WorkQueueOptions<K> {
  /** Safe to run twice. What it throws is reported, and the key gets another turn after a backoff. */
  reconcile(this: void, key: K): Outcome | Promise<Outcome>
  onError(this: void, error: unknown, key: K): void
  backoff?: BackoffOptions
  random?: () => number
}

const DEFAULT_BACKOFF: BackoffOptions = { initialMs: 50, maxMs: 10_000 }

export class WorkQueue<K> {
  readonly #options: WorkQueueOptions<K>
  readonly #waiting = new Set<K>()
  readonly #running = new Set<K>()
  readonly #timers = new Map<K, NodeJS.Timeout>()
  readonly #failures = new Map<K, number>()
  #isScheduled = false
  #isClosed = false
  #idle: (() => void)[] = []

  constructor(options: WorkQueueOptions<K>) {
    this.#options = options
  }

  /** Gives the key a turn at the end of this tick; once closed it does nothing. */
  add(key: K): void {
    if (this.#isClosed) return
    this.#waiting.add(key)
    this.#schedule()
  }

  /** Resolves when no key waits for its turn or has it; keys that wait for a time do not count. */
  async idle(): Promise<void> {
    if (this.#waiting.size === 0 && this.#running.size === 0) return
    await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  /** Takes nothing more, forgets what waits, and resolves when the turns that run have ended. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#waiting.clear()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    await this.idle()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      for (const key of this.#waiting) {
        if (this.#running.has(key)) continue // its turn ends first
        this.#waiting.delete(key)
        this.#take(key)
      }
      this.#settle()
    })
  }

  #take(key: K): void {
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    try {
      const outcome = this.#options.reconcile(key)
      if (!(outcome instanceof Promise)) return this.#done(key, outcome)
      this.#running.add(key)
      outcome
        .then(
          value => this.#done(key, value),
          (error: unknown) => this.#failed(key, error),
        )
        .finally(() => this.#release(key))
    } catch (error) {
      this.#failed(key, error)
    }
  }

  #done(key: K, outcome: Outcome): void {
    this.#failures.delete(key)
    if (outcome) this.#addAfter(key, outcome.afterMs)
  }

  #failed(key: K, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    const { backoff = DEFAULT_BACKOFF, random } = this.#options
    this.#addAfter(key, backoffMs(failures, backoff, random))
    this.#options.onError(error, key)
  }

  #release(key: K): void {
    this.#running.delete(key)
    if (this.#waiting.has(key)) this.#schedule()
    this.#settle()
  }

  #addAfter(key: K, ms: number): void {
    if (this.#isClosed) return
    clearTimeout(this.#timers.get(key))
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      this.add(key)
    }, ms)
    this.#timers.set(key, timer)
  }

  #settle(): void {
    if (this.#waiting.size > 0 || this.#running.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
