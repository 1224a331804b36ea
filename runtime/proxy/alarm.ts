/**
 * One timer for all calls that wait for their end. A timer a call is made and thrown away a thousand times for each that
 * rings; here a call is a link of a list, and the timer, set for the earliest of them, is moved only when a nearer end
 * comes or when it has rung.
 */

/** Linked by identity: neither a set nor a map, whose entries cost more than the rest of it. */
export class Alarm {
  readonly #endsAt: number
  readonly #expire: () => void
  #next: Alarm | undefined
  #previous: Alarm | undefined
  #isSet = false

  static #first: Alarm | undefined
  static #timer: NodeJS.Timeout | undefined
  static #ringsAt = Infinity

  /** `endsAt` in milliseconds of `performance.now()`; `expire` is called once, then or up to two milliseconds later. */
  constructor(endsAt: number, expire: () => void) {
    this.#endsAt = endsAt
    this.#expire = expire
  }

  set(): void {
    const first = Alarm.#first
    if (first) first.#previous = this
    else Alarm.#timer?.ref()
    this.#next = first
    this.#isSet = true
    Alarm.#first = this
    if (this.#endsAt < Alarm.#ringsAt) Alarm.#schedule(this.#endsAt)
  }

  /** Once it has expired or was cleared, this does nothing. */
  clear(): void {
    if (!this.#isSet) return
    this.#isSet = false
    if (this.#next) this.#next.#previous = this.#previous
    if (this.#previous) this.#previous.#next = this.#next
    else Alarm.#first = this.#next
    this.#previous = this.#next = undefined // what is dead leads to nothing, as in run-window.ts
    if (!Alarm.#first) Alarm.#timer?.unref() // no process lives for a timer that nobody waits for
  }

  static #schedule(at: number): void {
    clearTimeout(Alarm.#timer)
    Alarm.#ringsAt = at
    const ms = Math.max(Math.ceil(at - performance.now()), 1)
    Alarm.#timer = setTimeout(Alarm.#ring, Math.min(ms, longestMs))
  }

  static readonly #ring = (): void => {
    const now = performance.now()
    const expired: Alarm[] = []
    let next = Infinity
    for (let alarm = Alarm.#first; alarm; alarm = alarm.#next) {
      if (alarm.#endsAt <= now) expired.push(alarm)
      else next = Math.min(next, alarm.#endsAt)
    }
    Alarm.#timer = undefined
    Alarm.#ringsAt = Infinity
    for (const alarm of expired) alarm.clear()
    if (next < Infinity) Alarm.#schedule(next)
    for (const alarm of expired) alarm.#expire()
  }
}

/** A timer takes no more; it rings then, finds nothing expired and is set again. */
const longestMs = 2_147_483_647
