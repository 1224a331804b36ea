/**
 * Requests of older clients that run here, by session and id: `notifications/cancelled` is a message of its own, and may come to
 * another instance than the request.
 */
export type RequestId = string | number

export class RunningRequests {
  readonly #running = new Map<string, Set<() => void>>()

  /** `cancel` ends the request, without an answer. Gives back what forgets it. */
  enter(session: string, ids: readonly RequestId[], cancel: () => void): () => void {
    const keys = ids.map(id => keyOf(session, id))
    for (const key of keys) {
      const ends = this.#running.get(key) ?? new Set()
      this.#running.set(key, ends.add(cancel))
    }
    return () => {
      for (const key of keys) {
        const ends = this.#running.get(key)
        ends?.delete(cancel)
        if (ends?.size === 0) this.#running.delete(key)
      }
    }
  }

  /** False where no such request runs here. */
  cancel(session: string, id: RequestId): boolean {
    const ends = this.#running.get(keyOf(session, id))
    for (const end of [...(ends ?? [])]) end()
    return ends !== undefined
  }
}

const keyOf = (session: string, id: RequestId) => JSON.stringify([session, id])
