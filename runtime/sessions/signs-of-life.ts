/**
 * Whether the owner of a session lives. Its lease in the store says so; where that has lapsed it is asked itself, as a store that
 * stood still for a moment lets every lease lapse at once. One that answers and gets no lease for long has lost the store, and
 * its sessions with it.
 */
import { isDialable } from '../../core/model/dialable.ts'
import type { Pools } from '../proxy/pools.ts'
import { post } from '../proxy/post.ts'
import type { Owner, SessionStore } from './store.ts'

/** One that lives answers in a few; one that stands still does not. */
const answerMs = 150
/** For so long an owner may live without a lease. */
const patienceMs = 3_000

/** Rejects with StoreLost. */
export type IsPresent = (owner: Owner) => Promise<boolean>

export function watchSigns(store: Pick<SessionStore, 'isAlive'>, pools: Pools): IsPresent {
  /** Since when each is without a lease, in milliseconds of `performance.now()`. */
  const lapsed = new Map<string, number>()
  return async owner => {
    const { instance } = owner
    if (await store.isAlive(instance)) {
      if (lapsed.size > 0) lapsed.delete(instance)
      return true
    }
    const now = performance.now()
    for (const [other, since] of lapsed) if (now - since > 10 * patienceMs) lapsed.delete(other)
    const since = lapsed.get(instance) ?? now
    lapsed.set(instance, since)
    return now - since < patienceMs && (await answers(owner, pools))
  }
}

async function answers({ instance, url }: Owner, pools: Pools): Promise<boolean> {
  if (!isDialable(url)) return false
  const request = { method: 'GET', path: '/livez', headers: [] } as const
  try {
    const pool = pools.get(new URL(url).origin, 'other')
    const { status, text } = await post(pool, request, AbortSignal.timeout(answerMs))
    return status === 200 && (JSON.parse(text) as { instance?: unknown }).instance === instance
  } catch {
    return false // whatever kept it from answering keeps it from a call
  }
}
