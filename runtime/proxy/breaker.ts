/**
 * Stops calling a capability that fails and fails, so that its callers get their answer at once and it gets the time to
 * recover (the circuit breaker of Nygard, Release It!, 2007). Closed it lets all through; after so many calls in a row
 * that failed it is open and refuses; when its time is over it is half-open and lets one probe through, which closes or
 * opens it. It stands outside of retry: a call that a repeat saved has not failed.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import { formatDuration } from '../../core/model/duration.ts'
import { hasCode, MeshError, messageOf } from '../../core/model/error.ts'
import type { Layer } from './call.ts'
import { failureOf } from './failure.ts'

export class BreakerState {
  /** Calls in a row that failed. */
  failures = 0
  /** While it is not closed, when it lets a probe through, in milliseconds of `performance.now()`. */
  probeAt: number | undefined
  /** Since when it is not closed, the same clock. */
  since = 0
  isProbing = false
  lastFailure: unknown

  get phase(): 'closed' | 'open' | 'half-open' {
    if (this.probeAt === undefined) return 'closed'
    return this.isProbing || performance.now() >= this.probeAt ? 'half-open' : 'open'
  }

  /** Somebody new can be called: the next call may find out. */
  reconsider(): void {
    if (this.probeAt !== undefined) this.probeAt = 0
  }

  close(): void {
    this.failures = 0
    this.probeAt = undefined
    this.isProbing = false
    this.lastFailure = undefined
  }

  fail(error: unknown, { failures, openMs }: Breaker): void {
    this.lastFailure = error
    this.failures++
    const isProbe = this.probeAt !== undefined
    if (!isProbe && this.failures < failures) return
    const now = performance.now()
    if (!isProbe) this.since = now
    this.probeAt = now + openMs
  }
}

type Breaker = NonNullable<CallPolicy['breaker']>

/** Throws MESH_BREAKER_OPEN. `timeoutMs` is that of an attempt: a call that had less time says nothing of the provider. */
export const breaker =
  (policy: Breaker, edge: { name: string; breaker: BreakerState }, timeoutMs: number): Layer =>
  next =>
  async request => {
    const state = edge.breaker
    const isProbe = state.probeAt !== undefined
    if (isProbe) {
      if (state.isProbing || performance.now() < (state.probeAt ?? 0)) throw refusal(edge, policy)
      state.isProbing = true
    }
    const hadTime =
      request.expiresAt === Infinity || request.expiresAt - performance.now() >= timeoutMs
    try {
      const result = await next(request)
      if (state.failures > 0 && (isProbe || state.probeAt === undefined)) state.close()
      return result
    } catch (error) {
      const isOurs = isProbe || state.probeAt === undefined // one that began before it opened says nothing new
      const isLate = hadTime && hasCode(error, 'MESH_DEADLINE_EXCEEDED')
      if (failureOf(error) || isLate) {
        if (isOurs) state.fail(error, policy)
      } else if (isProbe && isAnswer(error)) state.close()
      throw error
    } finally {
      if (isProbe) state.isProbing = false
    }
  }

/** The provider has answered, though not what was hoped for. */
function isAnswer(error: unknown): boolean {
  return hasCode(error, 'MESH_CALL_REFUSED')
}

/** Names since when, why, and when it tries again; `details.retryAfterMs` for programs. */
function refusal(edge: { name: string; breaker: BreakerState }, { failures }: Breaker): MeshError {
  const { breaker: state } = edge
  const now = performance.now()
  const retryAfterMs = Math.max(Math.ceil((state.probeAt ?? now) - now), 0)
  const since = formatDuration(Math.max(Math.round(now - state.since), 1))
  const again = state.isProbing
    ? 'a probe is on its way'
    : `it tries again in ${formatDuration(Math.max(retryAfterMs, 1))}`
  const found = `${edge.name}: the breaker has been open for ${since} after ${failures} failed calls in a row, and ${again}; the last failure: ${messageOf(state.lastFailure)}`
  return new MeshError('MESH_BREAKER_OPEN', found, undefined, {
    details: { retryAfterMs, failures: state.failures },
  })
}
