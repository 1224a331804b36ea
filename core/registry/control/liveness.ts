/**
 * Who is alive. The watch stream is the first sign: when it breaks the instance is suspect at once, and gone when it
 * does not come back within the grace or when its lease expires. Leases live in memory: a beat is one Map write.
 */
import { Deadlines } from './deadlines.ts'
import type { Instance, MeshIndex } from './mesh-index.ts'

export interface LivenessTimes {
  /** A lease without renewal. */
  ttlMs: number
  /** From suspect to gone. */
  graceMs: number
  /** From an announcement to its watch stream. */
  watchWithinMs: number
}

export interface LivenessOptions extends LivenessTimes {
  index: MeshIndex
  now: () => number
  onState(this: void, instance: Instance): void
  /** Its lease is over, but it is seen to live, and its renewals may have gone where they can't be heard of. */
  isExcused(this: void, id: string): boolean
  onGone(this: void, instance: Instance, why: 'lease expired' | 'watch lost'): void
}

export class Liveness {
  readonly #options: LivenessOptions
  readonly #leases: Deadlines
  readonly #watches: Deadlines

  constructor(options: LivenessOptions) {
    this.#options = options
    const { now, ttlMs, graceMs } = options
    const onLeaseOver = (id: string) => this.#leaseOver(id)
    this.#leases = new Deadlines({ now, onOver: onLeaseOver, afterStallMs: ttlMs })
    const onWatchOver = (id: string) => this.#watchOver(id)
    this.#watches = new Deadlines({ now, onOver: onWatchOver, afterStallMs: graceMs })
  }

  /** A new lease, and a little time for the watch to come where there is none. */
  announced(id: string, isWatched: boolean): void {
    const { now, ttlMs, watchWithinMs } = this.#options
    this.#leases.set(id, now() + ttlMs)
    if (isWatched) this.#watches.delete(id)
    else this.#watches.set(id, now() + watchWithinMs)
  }

  /** False when the instance holds no live lease. */
  renew(id: string): boolean {
    if (!this.#leases.has(id)) return false
    this.#leases.set(id, this.#options.now() + this.#options.ttlMs)
    return true
  }

  watchOpened(instance: Instance): void {
    this.#watches.delete(instance.id)
    if (instance.state !== 'suspect') return
    this.#setState(instance, instance.unhealthy ? 'unhealthy' : 'ready')
  }

  watchBroke(instance: Instance): void {
    this.#watches.set(instance.id, this.#options.now() + this.#options.graceMs)
    if (isThere(instance)) this.#setState(instance, 'suspect')
  }

  forget(id: string): void {
    this.#leases.delete(id)
    this.#watches.delete(id)
  }

  close(): void {
    this.#leases.close()
    this.#watches.close()
  }

  #leaseOver(id: string): void {
    const { isExcused, now, ttlMs } = this.#options
    if (isExcused(id)) this.#leases.set(id, now() + ttlMs)
    else this.#gone(id, 'lease expired')
  }

  #watchOver(id: string): void {
    const instance = this.#options.index.instances.get(id)
    if (!instance) return
    if (isThere(instance)) this.watchBroke(instance)
    else this.#gone(id, 'watch lost')
  }

  #setState(instance: Instance, state: Instance['state']): void {
    this.#options.index.setState(instance, state)
    this.#options.onState(instance)
  }

  #gone(id: string, why: 'lease expired' | 'watch lost'): void {
    this.forget(id)
    const instance = this.#options.index.instances.get(id)
    if (instance) this.#options.onGone(instance, why)
  }
}

function isThere({ state }: Instance): boolean {
  return state === 'ready' || state === 'unhealthy'
}
