/** What this instance has told of lately, in the order in which it did: the same for all sessions, so it costs nothing to have many of them. */

export interface ToldEvent {
  /** The first is 1. */
  n: number
  method: string
  /** Of a resource that has changed. */
  uri: string | undefined
}

const mostKept = 1_000

export class ToldEvents {
  #events: ToldEvent[] = []
  #count = 0

  /** The number of the newest one. */
  get count(): number {
    return this.#count
  }

  add(method: string, uri: string | undefined): ToldEvent {
    const event = { n: ++this.#count, method, uri }
    this.#events.push(event)
    // Cut now and then, not each time.
    if (this.#events.length >= 2 * mostKept) this.#events = this.#events.slice(-mostKept)
    return event
  }

  /** Each once, those that have the same to tell; undefined where some of them are kept no more. */
  after(n: number): ToldEvent[] | undefined {
    if (n > this.#count || n < this.#count - this.#events.length) return undefined
    const newest = new Map<string, ToldEvent>()
    for (const event of this.#events) {
      if (event.n <= n) continue
      const key = JSON.stringify([event.method, event.uri])
      newest.delete(key)
      newest.set(key, event)
    }
    return [...newest.values()]
  }
}
