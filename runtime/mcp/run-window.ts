/**
 * The runs that are remembered by their caller and key, bounded by age, number and bytes. The oldest go first. Where only the bytes
 * are too many an answer goes and its run stays known, which costs next to nothing.
 *
 * Who is the oldest is told by lists of its own. A map's own order says the same, but the way to its first entry leads past
 * all those that were taken out since it was last rebuilt, some thousand steps a call in a full window. A run is a link of both
 * lists: what is remembered of ten thousand of them is copied and marked by the garbage collector again and again, so that each
 * object the less is time saved at every call.
 */

export interface WindowLimits {
  ageMs: number
  runs: number
  /** Of all answers. */
  bytes: number
}

/** A run as the window knows it. */
export abstract class Remembered {
  /** Nobody finds the run of another's key. */
  readonly caller: string
  readonly key: string
  /** When it began, in whole milliseconds of `performance.now()`: a fraction would be an object of its own. */
  readonly at: number
  isSettled = false
  /** Known no more; it may still be a link. */
  isGone = false
  /** Of its answer; 0 where none is kept. */
  bytes = 0
  /** Links of the window. */
  nextBegun: this | undefined
  nextAnswered: this | undefined

  constructor(caller: string, key: string, now: number) {
    this.caller = caller
    this.key = key
    this.at = Math.ceil(now)
  }

  /** Drops the answer, not the knowledge that it ran. */
  abstract forget(): void
}

/** An answer beyond this share of all bytes is not kept at all. */
const mostShare = 0.25

export class RunWindow<R extends Remembered> {
  readonly #callers = new Map<string, Map<string, R>>()
  readonly #limits: WindowLimits
  #size = 0
  /** In the order in which they began, but that what still runs when its turn comes is put behind the others. */
  #firstBegun: R | undefined
  #lastBegun: R | undefined
  /** Those with an answer, in the order in which they ended. */
  #firstAnswered: R | undefined
  #lastAnswered: R | undefined
  #bytes = 0
  #forgottenUntil = -Infinity

  constructor(limits: WindowLimits) {
    this.#limits = limits
  }

  /** Runs that began later are all known, in milliseconds of `performance.now()`. */
  get forgottenUntil(): number {
    return this.#forgottenUntil
  }

  get(caller: string, key: string): R | undefined {
    return this.#callers.get(caller)?.get(key)
  }

  /** One whose key its caller has no other run of. */
  add(run: R): void {
    const runs = this.#callers.get(run.caller)
    if (runs) runs.set(run.key, run)
    else this.#callers.set(run.caller, new Map([[run.key, run]]))
    this.#size++
    this.#pushBegun(run)
    this.#shrink(run.at)
  }

  /** It did not run; it has no answer. */
  delete(run: R): void {
    if (!run.isGone) this.#drop(run)
  }

  /** The run has ended with an answer of so many bytes. */
  settle(run: R, bytes: number): void {
    run.isSettled = true
    if (bytes > this.#limits.bytes * mostShare) return run.forget()
    run.bytes = bytes
    this.#bytes += bytes
    if (this.#lastAnswered) this.#lastAnswered.nextAnswered = run
    else this.#firstAnswered = run
    this.#lastAnswered = run
    for (let first = this.#firstAnswered; first; first = this.#firstAnswered) {
      if (first.bytes > 0 && this.#bytes <= this.#limits.bytes) return
      this.#shiftAnswered(first)
      if (first.bytes === 0) continue // its run is known no more
      this.#release(first)
      first.forget()
    }
  }

  /** At most a few steps an addition: where many run for long, it is done over the next ones. */
  #shrink(now: number): void {
    for (let step = 0; step < 4; step++) {
      const oldest = this.#firstBegun
      if (!oldest) return
      if (!oldest.isGone && !this.#isToGo(oldest, now)) return
      this.#shiftBegun(oldest)
      if (oldest.isGone) continue
      if (oldest.isSettled) {
        this.#forgottenUntil = Math.max(this.#forgottenUntil, oldest.at)
        this.#drop(oldest)
      } else this.#pushBegun(oldest) // what runs is known until it ends
    }
  }

  #isToGo(run: R, now: number): boolean {
    return this.#size > this.#limits.runs || (run.isSettled && now - run.at > this.#limits.ageMs)
  }

  #drop(run: R): void {
    run.isGone = true
    this.#size--
    this.#release(run)
    run.forget() // it may be a link for a while
    const runs = this.#callers.get(run.caller)
    runs?.delete(run.key)
    if (runs?.size === 0) this.#callers.delete(run.caller)
  }

  #release(run: R): void {
    this.#bytes -= run.bytes
    run.bytes = 0
  }

  #pushBegun(run: R): void {
    if (this.#lastBegun) this.#lastBegun.nextBegun = run
    else this.#firstBegun = run
    this.#lastBegun = run
  }

  /** Its link goes too: what is old and dead would keep alive, for the collector of the young, all that came after it. */
  #shiftBegun(first: R): void {
    this.#firstBegun = first.nextBegun
    if (!this.#firstBegun) this.#lastBegun = undefined
    first.nextBegun = undefined
  }

  #shiftAnswered(first: R): void {
    this.#firstAnswered = first.nextAnswered
    if (!this.#firstAnswered) this.#lastAnswered = undefined
    first.nextAnswered = undefined
  }
}
