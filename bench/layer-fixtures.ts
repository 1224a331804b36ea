/** What the benches of single layers share: endpoints, a policy with nothing in it, and chance that can be repeated. */
import type { CallPolicy } from '../core/model/call-policy.ts'
import type { Endpoint } from '../core/model/registry-api.ts'

/** Deadline, pick and attempt timeout only. */
export const plainPolicy: CallPolicy = {
  ...{ deadlineMs: 10_000, timeoutMs: 5_000, balance: 'p2c', hashOn: undefined, headers: {} },
  retries: { attempts: 1, backoff: { initialMs: 1, maxMs: 2 }, on: [], budget: 0 },
  ...{ hedge: undefined, breaker: undefined, concurrency: undefined, ejection: undefined },
  stream: 'auto',
}

/** Equally good ones, `e0` and so on, of a repeatable tool. */
export function endpoints(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ instance: `e${i}`, agent: 'a', namespace: 'default', url: `http://10.0.0.1:${i}/mcp` },
    ...{ tool: 'x', version: '1.0.0', tags: [], score: 0, isRepeatable: true, deduplicates: true },
  }))
}

/** Numbers of at least 0 and below 1, the same for each seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
