/**
 * Many deadlines, one timer. Keys lie in slots of time; moving a deadline back is one Map write, the key is looked at
 * again when its old slot comes. So renewing a lease costs the same with ten instances and with ten thousand.
 */

const SLOT_MS = 100
/** A timer that is so late says that this process stood still: what it was to hear of in that time waits to be read. */
const STALL_MS = 1_000

export interface DeadlinesOptions {
  /** What a key gets whose deadline passed while this process stood still, in milliseconds. */
  afterStallMs: number
  /** Called once for a key whose deadline is over; the key is forgotten before. */
  onOver(this: void, key: string): void
  /** Milliseconds of a clock that never goes back. */
  now: () => number
}

export class Deadlines {
  readonly #options: DeadlinesOptions
  readonly #deadlines = new Map<string, number>()
  readonly #slots = new Map<number, Set<string>>()
  /** The earliest slot that each key lies in. */
  readonly #slotOf = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #timerSlot = Infinity

  constructor(options: DeadlinesOptions) {
    this.#options = options
  }

  has(key: string): boolean {
    return this.#deadlines.has(key)
  }

  /** Sets the key's only deadline, in milliseconds of the clock; it is over at most 100 ms later. */
  set(key: string, at: number): void {
    this.#deadlines.set(key, at)
    const slot = Math.ceil(at / SLOT_MS)
    if (slot < (this.#slotOf.get(key) ?? Infinity)) this.#putIn(slot, key)
  }

  delete(key: string): void {
    this.#deadlines.delete(key)
    const slot = this.#slotOf.get(key)
    if (slot === undefined) return
    this.#slotOf.delete(key)
    this.#slots.get(slot)?.delete(key)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#deadlines.clear()
    this.#slots.clear()
    this.#slotOf.clear()
  }

  #putIn(slot: number, key: string): void {
    const keys = this.#slots.get(slot) ?? new Set<string>()
    this.#slots.set(slot, keys.add(key))
    this.#slotOf.set(key, slot)
    if (slot < this.#timerSlot) this.#wakeAt(slot)
  }

  #wakeAt(slot: number): void {
    clearTimeout(this.#timer)
    this.#timerSlot = slot
    if (slot === Infinity) return
    const ms = Math.max(0, slot * SLOT_MS - this.#options.now())
    this.#timer = setTimeout(() => this.#wake(), ms)
    this.#timer.unref()
  }

  #wake(): void {
    const { now: clock, afterStallMs } = this.#options
    const now = clock()
    const hasStalled = now - this.#timerSlot * SLOT_MS > STALL_MS
    this.#timerSlot = Infinity
    const over: string[] = []
    for (const [slot, keys] of [...this.#slots]) {
      if (slot * SLOT_MS > now) continue
      this.#slots.delete(slot)
      for (const key of keys) {
        if (this.#slotOf.get(key) !== slot) continue // an earlier slot had it
        this.#slotOf.delete(key)
        let at = this.#deadlines.get(key)
        if (at === undefined) continue
        if (at <= now && hasStalled) this.#deadlines.set(key, (at = now + afterStallMs))
        if (at > now) this.#putIn(Math.ceil(at / SLOT_MS), key)
        else {
          this.#deadlines.delete(key)
          over.push(key)
        }
      }
    }
    this.#wakeAt(Math.min(Infinity, ...this.#slots.keys()))
    for (const key of over) this.#options.onOver(key)
  }
}
