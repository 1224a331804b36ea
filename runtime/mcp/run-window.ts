/**
 * The runs that are remembered by their key, bounded by age, number and bytes. The oldest go first. Where only the bytes
 * are too many an answer goes and its run stays known, which costs next to nothing.
 *
 * Who is the oldest is told by queues of its own. The map's own order says the same, but the way to its first entry leads past
 * all those that were taken out since it was last rebuilt, some thousand steps a call in a full window.
 */

export interface WindowLimits {
  ageMs: number
  runs: number
  /** Of all answers. */
  bytes: number
}

export interface Remembered {
  readonly at: number
  isSettled: boolean
  bytes: number
  forget(): void
}

/** An answer beyond this share of all bytes is not kept at all. */
const mostShare = 0.25

interface Known<R> {
  readonly id: string
  readonly run: R
  isGone: boolean
}

export class RunWindow<R extends Remembered> {
  readonly #runs = new Map<string, Known<R>>()
  readonly #limits: WindowLimits
  /** In the order in which they began, but that what still runs when its turn comes is put behind the others. */
  readonly #begun = new Queue<Known<R>>()
  /** Those with an answer, in the order in which they ended. */
  readonly #answered = new Queue<R>()
  #bytes = 0
  #forgottenUntil = -Infinity

  constructor(limits: WindowLimits) {
    this.#limits = limits
  }

  /** Runs that began later are all known, in milliseconds of `performance.now()`. */
  get forgottenUntil(): number {
    return this.#forgottenUntil
  }

  get(id: string): R | undefined {
    return this.#runs.get(id)?.run
  }

  add(id: string, run: R): void {
    const known = { id, run, isGone: false }
    this.#runs.set(id, known)
    this.#begun.push(known)
    this.#shrink(run.at)
  }

  delete(id: string): void {
    const known = this.#runs.get(id)
    if (known) this.#drop(known)
  }

  /** The run has ended with an answer of so many bytes. */
  settle(run: R, bytes: number): void {
    run.isSettled = true
    if (bytes > this.#limits.bytes * mostShare) return run.forget()
    run.bytes = bytes
    this.#bytes += bytes
    this.#answered.push(run)
    for (let first = this.#answered.first; first; first = this.#answered.first) {
      if (first.bytes > 0 && this.#bytes <= this.#limits.bytes) return
      this.#answered.shift()
      if (first.bytes === 0) continue // its run has been deleted
      this.#release(first)
      first.forget()
    }
  }

  /** At most a few steps an addition: where many run for long, it is done over the next ones. */
  #shrink(now: number): void {
    for (let step = 0; step < 4; step++) {
      const oldest = this.#begun.first
      if (!oldest) return
      const { run } = oldest
      if (!oldest.isGone) {
        const isMany = this.#runs.size > this.#limits.runs
        if (!isMany && (!run.isSettled || now - run.at <= this.#limits.ageMs)) return
        if (run.isSettled) {
          this.#forgottenUntil = Math.max(this.#forgottenUntil, run.at)
          this.#drop(oldest)
        } else this.#begun.push(oldest) // what runs is known until it ends
      }
      this.#begun.shift()
    }
  }

  #drop(known: Known<R>): void {
    known.isGone = true
    this.#release(known.run)
    this.#runs.delete(known.id)
  }

  #release(run: R): void {
    this.#bytes -= run.bytes
    run.bytes = 0
  }
}

interface Link<T> {
  readonly value: T
  next: Link<T> | undefined
}

/** First in, first out, each step at the same cost. */
class Queue<T> {
  #first: Link<T> | undefined
  #last: Link<T> | undefined

  get first(): T | undefined {
    return this.#first?.value
  }

  push(value: T): void {
    const link = { value, next: undefined }
    if (this.#last) this.#last.next = link
    else this.#first = link
    this.#last = link
  }

  shift(): void {
    this.#first = this.#first?.next
    if (!this.#first) this.#last = undefined
  }
}
