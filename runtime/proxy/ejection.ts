/**
 * Takes an endpoint out of the pick for a while: after so many failures in a row, each time longer (outlier ejection, as
 * Envoy has it), and for a moment when it could not be reached at all or is leaving, which one attempt proves. Never more than a share of
 * the endpoints, and never the last one: where most fail, the fault is likely not theirs.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import type { EndpointLoad } from './load.ts'

type Policy = NonNullable<CallPolicy['ejection']>

/** For one that provably took nothing. The registry takes it out for good, mostly sooner. */
const awayMs = 1_000
/** An ejection grows with each in a row up to so many times the first one. */
const maxGrowth = 10

/** True when the endpoint is ejected by this failure; `all` are those that share the work with it. */
export function ejectFailed(
  endpoint: EndpointLoad,
  all: readonly { load: EndpointLoad }[],
  policy: Policy,
  { isUnexecuted, now }: { isUnexecuted: boolean; now: number },
): boolean {
  endpoint.failures++
  const isFailing = endpoint.failures >= policy.failures
  if (!isFailing && !isUnexecuted) return false
  if (endpoint.ejectedUntil > now || !isAllowed(all, policy, now)) return false
  if (isFailing) {
    const wasWellMs = now - endpoint.ejectedUntil
    endpoint.ejections = wasWellMs > policy.forMs * maxGrowth ? 1 : endpoint.ejections + 1
  }
  const forMs = isFailing ? policy.forMs * Math.min(endpoint.ejections, maxGrowth) : awayMs
  endpoint.ejectedUntil = now + forMs
  return true
}

/** One may always be out where there are two, as with Envoy; more only up to the share. */
function isAllowed(all: readonly { load: EndpointLoad }[], { maxShare }: Policy, now: number) {
  const most = Math.min(Math.max(Math.floor(all.length * maxShare), 1), all.length - 1)
  let out = 0
  for (const { load } of all) if (load.ejectedUntil > now && ++out >= most) return false
  return most > 0
}
