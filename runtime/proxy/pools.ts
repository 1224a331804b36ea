/**
 * Connections to other agents: two keep-alive pools an origin, shared by every dependency that reaches it, closed when
 * no endpoint uses it any more. An agent reads plain calls without node:http, but a connection on which anything else has come is
 * read by that for good (ADR 0055): so plain calls have connections of their own.
 */
import { Pool } from '../http-client/pool.ts'
import { longestPlain } from '../http/plain/read-head.ts'

/** What a request is: a call that is read so, or anything else. */
export type Use = 'plain' | 'other'

export interface Pools {
  /** The pool of that origin, made on first use. */
  get(origin: string, use: Use): Pool
  /** Closes the pools of all other origins once their calls have ended. */
  keep(origins: ReadonlySet<string>): void
  /** Cuts all connections: calls that are under way fail. */
  destroy(): void
}

export function createPools(): Pools {
  const byUse = { plain: new Map<string, Pool>(), other: new Map<string, Pool>() }
  const all = Object.values(byUse)
  return {
    get(origin, use) {
      const pools = byUse[use]
      const known = pools.get(origin)
      if (known) return known
      const pool = new Pool(origin)
      pools.set(origin, pool)
      return pool
    },
    keep(origins) {
      for (const pools of all) {
        for (const [origin, pool] of pools) {
          if (origins.has(origin)) continue
          pools.delete(origin)
          pool.close()
        }
      }
    },
    destroy() {
      for (const pools of all) {
        for (const pool of pools.values()) pool.destroy()
        pools.clear()
      }
    },
  }
}

/**
 * Of a call by its body, of which each character is mostly one byte. `isPlain`: its answer does not come in events, and its
 * `_meta` is one that an agent reads without the SDK.
 */
export const useOf = (body: string, isPlain: boolean): Use =>
  isPlain && body.length <= longestPlain ? 'plain' : 'other'
