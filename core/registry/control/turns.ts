/** One at a time for each key: a change that awaits the store must not overtake another of the same agent. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `work` when those that were given before it for this key have ended. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const result = before ? before.then(work) : work()
    const ended = result.then(
      () => undefined,
      () => undefined, // the failure is its caller's
    )
    this.#last.set(key, ended)
    try {
      return await result
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key)
    }
  }
}
