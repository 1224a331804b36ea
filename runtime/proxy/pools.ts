/**
 * Connections to other agents: one keep-alive pool an origin, shared by every dependency that reaches it, closed when
 * no endpoint uses it any more.
 */
import { Pool } from '../http-client/pool.ts'

export interface Pools {
  /** The pool of that origin, made on first use. */
  get(origin: string): Pool
  /** Closes the pools of all other origins once their calls have ended. */
  keep(origins: ReadonlySet<string>): void
  /** Cuts all connections: calls that are under way fail. */
  destroy(): void
}

export function createPools(): Pools {
  const pools = new Map<string, Pool>()
  return {
    get(origin) {
      const known = pools.get(origin)
      if (known) return known
      const pool = new Pool(origin)
      pools.set(origin, pool)
      return pool
    },
    keep(origins) {
      for (const [origin, pool] of pools) {
        if (origins.has(origin)) continue
        pools.delete(origin)
        pool.close()
      }
    },
    destroy() {
      for (const pool of pools.values()) pool.destroy()
      pools.clear()
    },
  }
}
