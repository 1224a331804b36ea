/**
 * Stops calling a capability that fails and fails, so that its callers get their answer at once and it gets the time to
 * recover (the circuit breaker of Nygard, Release It!, 2007). Closed it lets all through; after so many calls in a row
 * that failed it is open and refuses; when its time is over it is half-open and lets one probe through, which closes or
 * opens it. It stands outside of retry: a call that a repeat saved has not failed. Where there are several instances it
 * opens only when more than one of them failed: one alone is the matter of ejection.
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
  /** Instances at which attempts failed since the last success. */
  readonly #blamed = new Set<string>()

  get phase(): 'closed' | 'open' | 'half-open' {
    if (this.probeAt === undefined) return 'closed'
    return this.isProbing || performance.now() >= this.probeAt ? 'half-open' : 'open'
  }

  /** Somebody new can be called: the next call may find out. */
  reconsider(): void {
    if (this.probeAt !== undefined) this.probeAt = 0
  }

  /** An attempt failed at that instance. */
  blame(instance: string): void {
    this.#blamed.add(instance)
  }

  get isSpotless(): boolean {
    return this.failures === 0 && this.#blamed.size === 0
  }

  close(): void {
    this.#blamed.clear()
    this.failures = 0
    this.probeAt = undefined
    this.isProbing = false
    this.lastFailure = undefined
  }

  fail(error: unknown, { failures, openMs }: Breaker, endpoints: number): void {
    this.lastFailure = error
    this.failures++
    const isProbe = this.probeAt !== undefined
    if (!isProbe && this.failures < failures) return
    // One instance of several that fails is ejected; that it took ten calls with it says nothing of the others.
    if (!isProbe && endpoints > 1 && this.#blamed.size === 1) return
    const now = performance.now()
    if (!isProbe) this.since = now
    this.probeAt = now + openMs
  }
}

type Breaker = NonNullable<CallPolicy['breaker']>

export interface BreakerOptions {
  edge: { name: string; breaker: BreakerState }
  /** How many there are to call. */
  endpoints: number
  /** Of an attempt: a call that had less time says nothing of the provider. */
  timeoutMs: number
}

/** Throws MESH_BREAKER_OPEN. */
export const breaker =
  (policy: Breaker, { edge, endpoints, timeoutMs }: BreakerOptions): Layer =>
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
      if (!state.isSpotless && (isProbe || state.probeAt === undefined)) state.close()
      return result
    } catch (error) {
      const isOurs = isProbe || state.probeAt === undefined // one that began before it opened says nothing new
      const isLate = hadTime && hasCode(error, 'MESH_DEADLINE_EXCEEDED')
      if (failureOf(error) || isLate) {
        if (isOurs) state.fail(error, policy, endpoints)
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
