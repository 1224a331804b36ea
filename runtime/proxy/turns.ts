/**
 * Who runs and who waits, where only so many may run at a time: in the order in which they came, and no longer than their
 * signal lets them. The bulkhead of an edge, the places of a tool and the calls of one session wait here.
 */
import type { CancelSignal } from './cancellation.ts'

export class Turns {
  running = 0
  #max: number
  readonly #queue: (() => void)[] = []

  /** `max` is how many may run at a time; default any number. */
  constructor(max = Infinity) {
    this.#max = max
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Takes a turn at once where one is free and nobody waits; it then counts as running. */
  take(): boolean {
    if (this.running >= this.#max || this.#queue.length > 0) return false
    this.running++
    return true
  }

  /** Resolves when it is this call's turn, which then counts as running; rejects with the signal's reason. */
  wait(signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      this.#queue.push(enter)
    })
  }

  leave(): void {
    this.running--
    this.#admit()
  }

  /** Takes another bound. */
  resize(max: number): void {
    this.#max = max
    this.#admit()
  }

  /** Lets in as many as there is room for. */
  #admit(): void {
    while (this.running < this.#max && this.#queue.length > 0) {
      this.running++
      this.#queue.shift()?.()
    }
  }
}
