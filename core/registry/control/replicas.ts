/**
 * Which of the other registries live. One whose beats are over has its instances suspect here at once, and out of the store after
 * the grace; by then those that live have announced themselves at another registry. Whoever was away itself (no store, a
 * paused process) has no say for as long as a beat counts: it cannot tell who was silent.
 */
import type { Replica } from '../store/shared-store.ts'

export interface ReplicasOptions {
  self: string
  /** A beat counts for this long. */
  ttlMs: number
  /** From suspect to gone. */
  graceMs: number
  now: () => number
}

export interface Verdict {
  /** Beats of these are over since now. */
  dead: string[]
  /** Over for longer than the grace. */
  gone: string[]
  /** This registry was away itself: what it judges has to be told again. */
  wasAway: boolean
  /** Another one that knows everybody is seen to live. */
  hasSettledPeer: boolean
}

export class Replicas {
  readonly #options: ReplicasOptions
  readonly #left = new Map<string, number>()
  readonly #deadSince = new Map<string, number>()
  #lastBeat: number | undefined
  #judgeFrom = 0

  constructor(options: ReplicasOptions) {
    this.#options = options
  }

  isDead(id: string): boolean {
    return this.#deadSince.has(id)
  }

  /** `owners` are those of the instances that are known. */
  beat(replicas: readonly Replica[], owners: Iterable<string>): Verdict {
    const { now, ttlMs, graceMs, self } = this.#options
    const at = now()
    const wasAway = this.#lastBeat !== undefined && at - this.#lastBeat >= ttlMs
    if (this.#lastBeat === undefined || wasAway) this.#judgeFrom = at + ttlMs
    this.#lastBeat = at
    const others = replicas.filter(({ id }) => id !== self)
    const hasSettledPeer = others.some(({ id, isSettled, leftMs }) => {
      return isSettled && leftMs > (this.#left.get(id) ?? Infinity)
    })
    this.#left.clear()
    for (const { id, leftMs } of others) this.#left.set(id, leftMs)
    const dead: string[] = []
    const gone: string[] = []
    for (const id of new Set([...this.#left.keys(), ...owners])) {
      const leftMs = this.#left.get(id)
      if (leftMs !== undefined && leftMs > 0) this.#deadSince.delete(id)
      else if (at >= this.#judgeFrom) {
        const since = this.#deadSince.get(id)
        if (since === undefined) dead.push(id)
        else if (at - since >= graceMs) gone.push(id)
        this.#deadSince.set(id, since ?? at)
      }
    }
    return { dead, gone, wasAway, hasSettledPeer }
  }

  /** Nothing of it is left. */
  forget(id: string): void {
    this.#deadSince.delete(id)
  }
}
