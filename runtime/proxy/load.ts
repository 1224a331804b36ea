/**
 * What this process knows of each endpoint: calls in flight, and whether it failed a moment ago. It outlives a rewire,
 * so that a new resolution does not forget who just refused a connection.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'
import { isUnexecuted } from './failover.ts'

/** How long an endpoint that could not be reached is picked last. The registry takes it out for good. */
const avoidMs = 1_000

export interface Load {
  inFlight(endpoint: Endpoint): number
  isAvoided(endpoint: Endpoint): boolean
  /** Counts `run` as in flight, and remembers when it could not be reached. */
  track<T>(endpoint: Endpoint, run: () => Promise<T>): Promise<T>
  /** Forgets all but these instances. */
  keep(instances: ReadonlySet<string>): void
}

export function createLoad(now: () => number = () => performance.now()): Load {
  const known = new Map<string, { inFlight: number; avoidUntil: number }>()
  return {
    inFlight: endpoint => known.get(endpoint.instance)?.inFlight ?? 0,
    isAvoided: endpoint => (known.get(endpoint.instance)?.avoidUntil ?? 0) > now(),
    async track(endpoint, run) {
      const entry = known.get(endpoint.instance) ?? { inFlight: 0, avoidUntil: 0 }
      known.set(endpoint.instance, entry)
      entry.inFlight++
      try {
        const result = await run()
        entry.avoidUntil = 0
        return result
      } catch (error) {
        if (isUnexecuted(error)) entry.avoidUntil = now() + avoidMs
        throw error
      } finally {
        entry.inFlight--
      }
    },
    keep(instances) {
      for (const [instance, entry] of known) {
        if (!instances.has(instance) && entry.inFlight === 0) known.delete(instance)
      }
    },
  }
}
