/**
 * The registry's change numbers: they only grow, across restarts too. Whole blocks are reserved in the store, the next one
 * while half of the last is left, so that handing one out is an addition in memory.
 */
import type { Store } from '../store/store.ts'

const BLOCK = 100_000

export class Revisions {
  readonly #store: Pick<Store, 'reserveRevisions'>
  readonly #onError: (error: unknown) => void
  #current: number
  #end: number
  #following: number | undefined
  #isReserving = false
  /** First and last of what was handed out, block by block; the last block grows. */
  readonly #own: { first: number; last: number }[] = []

  private constructor(
    store: Pick<Store, 'reserveRevisions'>,
    first: number,
    onError: (error: unknown) => void,
  ) {
    this.#store = store
    this.#onError = onError
    this.#current = first - 1
    this.#end = first + BLOCK
    this.#own.push({ first, last: first - 1 })
  }

  /** `onError` hears of a reservation that failed; it is tried again with the next change. */
  static async open(
    store: Pick<Store, 'reserveRevisions'>,
    onError: (error: unknown) => void,
  ): Promise<Revisions> {
    return new Revisions(store, await store.reserveRevisions(BLOCK), onError)
  }

  /** The last one handed out. */
  get current(): number {
    return this.#current
  }

  /**
   * True for one that this process handed out. Only of those it knows what they stood for: another replica's, or one from
   * before a restart, says nothing about what a watcher has seen here.
   */
  isOwn(revision: number): boolean {
    return this.#own.some(({ first, last }) => revision >= first && revision <= last)
  }

  next(): number {
    this.#current++
    if (this.#current >= this.#end && this.#following !== undefined) {
      this.#current = this.#following
      this.#end = this.#following + BLOCK
      this.#following = undefined
      this.#own.push({ first: this.#current, last: this.#current })
    }
    const block = this.#own.at(-1)
    if (block) block.last = this.#current
    if (this.#end - this.#current < BLOCK / 2 && this.#following === undefined) this.#reserve()
    return this.#current
  }

  #reserve(): void {
    if (this.#isReserving) return
    this.#isReserving = true
    this.#store
      .reserveRevisions(BLOCK)
      .then(first => (this.#following = first), this.#onError)
      .finally(() => (this.#isReserving = false))
  }
}
