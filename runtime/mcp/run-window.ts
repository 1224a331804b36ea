/**
 * The runs that are remembered by their key, bounded by age, number and bytes. The oldest go first. Where only the bytes
 * are too many an answer goes and its run stays known, which costs next to nothing.
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

export class RunWindow<R extends Remembered> {
  readonly #runs = new Map<string, R>()
  readonly #limits: WindowLimits
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
    return this.#runs.get(id)
  }

  add(id: string, run: R): void {
    this.#runs.set(id, run)
    this.#shrink(run.at)
  }

  delete(id: string): void {
    const run = this.#runs.get(id)
    if (!run) return
    this.#bytes -= run.bytes
    this.#runs.delete(id)
  }

  /** The run has ended with an answer of so many bytes. */
  settle(run: R, bytes: number): void {
    run.isSettled = true
    if (bytes > this.#limits.bytes * mostShare) return run.forget()
    run.bytes = bytes
    this.#bytes += bytes
    if (this.#bytes > this.#limits.bytes) this.#forgetAnswers()
  }

  #shrink(now: number): void {
    for (const [id, run] of this.#runs) {
      const isMany = this.#runs.size > this.#limits.runs
      if (!isMany && now - run.at <= this.#limits.ageMs) return
      if (run.isSettled) {
        this.#forgottenUntil = Math.max(this.#forgottenUntil, run.at)
        this.delete(id)
      } else if (!isMany) return // what runs is known until it ends
    }
  }

  #forgetAnswers(): void {
    for (const run of this.#runs.values()) {
      if (this.#bytes <= this.#limits.bytes) return
      this.#bytes -= run.bytes
      if (run.bytes > 0) run.forget()
      run.bytes = 0
    }
  }
}
