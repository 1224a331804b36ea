/**
 * Connections to other agents: one keep-alive pool an origin, shared by every dependency that reaches it, closed when
 * no endpoint uses it any more.
 */
import { Pool } from 'undici'
import { messageOf } from '../../core/model/error.ts'
import type { Log } from '../telemetry/log.ts'

export interface Pools {
  /** The pool of that origin, made on first use. */
  get(origin: string): Pool
  /** Closes the pools of all other origins once their calls have ended. */
  keep(origins: ReadonlySet<string>): void
  close(): Promise<void>
}

export function createPools(log: Log): Pools {
  const pools = new Map<string, Pool>()
  return {
    get(origin) {
      const known = pools.get(origin)
      if (known) return known
      const pool = new Pool(origin, { connections: 256, connect: { timeout: 2_000 } })
      pools.set(origin, pool)
      return pool
    },
    keep(origins) {
      for (const [origin, pool] of pools) {
        if (origins.has(origin)) continue
        pools.delete(origin)
        pool.close().catch((error: unknown) => {
          log.debug('pool did not close', { endpoint: origin, error: messageOf(error) })
        })
      }
    },
    async close() {
      const open = [...pools.values()]
      pools.clear()
      await Promise.all(open.map(pool => pool.destroy()))
    },
  }
}
