/**
 * The registry's change numbers: they only grow, across restarts too. What may be handed out is reserved in the store in
 * whole blocks, the next one while half of the last is left, so that handing one out is an addition in memory. What other
 * registries over the same store have numbered is older than what comes next here (Lamport's clock, CACM 21/7, 1978).
 */
import type { Store } from '../store/store.ts'

const BLOCK = 100_000

export class Revisions {
  readonly #store: Pick<Store, 'reserveRevisions'>
  readonly #onError: (error: unknown) => void
  #current: number
  /** The last one that is reserved. */
  #last: number
  #isReserving = false

  private constructor(
    store: Pick<Store, 'reserveRevisions'>,
    first: number,
    onError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#onError = onError
    this.#current = first - 1
    this.#last = this.#current + BLOCK
  }

  /** `onError` hears of a reservation that failed; it is tried again with the next change. */
  static async open(
    store: Pick<Store, 'reserveRevisions'>,
    onError: (error: unknown) => void,
  ): Promise<Revisions> {
    return new Revisions(store, await store.reserveRevisions(BLOCK), onError)
  }

  /** The last one handed out or heard of. */
  get current(): number {
    return this.#current
  }

  next(): number {
    this.#current++
    this.#reserve()
    return this.#current
  }

  /** Somebody else has handed out this one: those to come are above it. */
  observe(revision: number): void {
    if (revision <= this.#current) return
    this.#current = revision
    this.#reserve()
  }

  #reserve(): void {
    if (this.#isReserving || this.#last - this.#current >= BLOCK / 2) return
    this.#isReserving = true
    this.#store
      .reserveRevisions(BLOCK)
      .then(first => (this.#last = Math.max(this.#last, first - 1 + BLOCK)), this.#onError)
      .finally(() => (this.#isReserving = false))
  }
}
