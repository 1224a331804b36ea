/**
 * The wall clock's time of moments that were taken by `performance.now()`, which is read for each call anyway. The two are compared
 * once a second: where the wall clock was set, or has run away from the other, it counts.
 */
export class WallClock {
  #offsetMs = performance.timeOrigin
  #compareAt = 0

  /** Milliseconds since the epoch. `moment`: of now or a little earlier. */
  timeOf(moment: number): number {
    if (moment >= this.#compareAt) this.#compare(moment)
    return moment + this.#offsetMs
  }

  #compare(moment: number): void {
    this.#compareAt = moment + everyMs
    const found = Date.now() + halfAMs - performance.now()
    if (Math.abs(found - this.#offsetMs) > mostMs) this.#offsetMs = found
  }
}

const everyMs = 1_000
/** `Date.now()` counts whole ones that are over. */
const halfAMs = 0.5
/** By which they may differ, more than what reading the two one after the other makes of it. */
const mostMs = 2
