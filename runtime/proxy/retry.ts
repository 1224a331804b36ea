/**
 * Repeats an attempt that failed, where that is safe and of use. Safe is what provably did not run, what the provider
 * declares repeatable, and what it runs once by its key, this last at the same instance only, or at one that shares the
 * session of the call (DESIGN sections 5 and 6). Of use
 * is what the policy names as a cause, the budget still pays for, and the deadline leaves time for. The pause is random
 * below a bound that doubles, "full jitter" (Brooker, Exponential Backoff And Jitter, AWS 2015), which spreads callers
 * that failed together best. What provably did not run and can go elsewhere does not wait: nobody is loaded by it twice.
 * A repeat goes by the endpoints that are known then: those that the call began with may be gone, and one that comes
 * while it waits is asked at once. When all have left there is nothing to wait for.
 */
import type { CallPolicy, RetryCause } from '../../core/model/call-policy.ts'
import { formatDuration } from '../../core/model/duration.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { CallRequest, Layer } from './call.ts'
import type { CancelSignal } from './cancellation.ts'
import type { Edge, Wired } from './edge.ts'
import { failureOf, isUnexecuted, retryAfterOf } from './failure.ts'
import type { RetryBudget } from './retry-budget.ts'
import { Trail } from './trail.ts'
import { codeKey, type ToolResult } from './values.ts'

export interface RetryOptions {
  edge: Edge
  endpoints: readonly Endpoint[]
  budget: RetryBudget
  /** Below 1, at least 0; default Math.random. */
  random?: () => number
}

/** A provider keeps the run of a key whose caller has gone for this time and more (runtime/mcp/deduplicate.ts). */
const longestKeyedPauseMs = 100

/** Throws what the last attempt threw, with how many there were and why there is no other. */
export const retry = (policy: CallPolicy['retries'], options: RetryOptions): Layer => {
  const { edge, budget, endpoints, random = Math.random } = options
  const isKeyed = policy.on.includes('unavailable') || policy.on.includes('timeout')
  const onError = policy.on.includes('error')

  /** How long to wait before the next attempt, in milliseconds; or why there is none, '' where that needs no words. */
  function pauseOrEnd(error: unknown, attempts: number, trail: Trail): number | string {
    if (attempts >= policy.attempts) return ''
    const after = retryAfterOf(error)
    const isElsewhere = trail.endpoints.length < endpoints.length && !trail.mayHaveRun
    const bound = Math.min(policy.backoff.initialMs * 2 ** (attempts - 1), policy.backoff.maxMs)
    const drawn = random() * (trail.only ? Math.min(bound, longestKeyedPauseMs) : bound)
    const pauseMs = Math.max(isElsewhere ? 0 : drawn, after)
    if (performance.now() + pauseMs >= trail.expiresAt) {
      return `the deadline leaves no time for another attempt in ${formatDuration(Math.ceil(pauseMs))}`
    }
    if (isUnsent(error) && !trail.mayHaveRun) return pauseMs
    if (policy.budget > 0 && budget.withdraw()) return pauseMs
    return `the retry budget of the capability, ${policy.budget * 100} % of its calls, is spent`
  }

  return next => async request => {
    const { args, signal, expiresAt, stream, record, passed } = request
    const trail = new Trail(expiresAt, isKeyed && !stream, args)
    const attempt: CallRequest = { args, signal, expiresAt, trail, stream, record, passed }
    budget.deposit(policy.budget)
    for (let attempts = 1; ; attempts++) {
      const from = trail.endpoints.length
      const wired = edge.wired
      let result: ToolResult | undefined
      let error: unknown
      try {
        result = await (attempts === 1 ? next : (wired?.attempt ?? next))(attempt)
        if (!onError || result.isError !== true) return result
      } catch (thrown) {
        error = thrown
      }
      if (signal.aborted) throw signal.reason
      const objection = result
        ? objectToFailed(result, trail, from)
        : object(error, trail, from, { on: policy.on, hasBegun: stream?.hasBegun === true })
      let pause = objection ?? pauseOrEnd(error, attempts, trail)
      if (typeof pause === 'number') {
        if (await isWorthIt(edge, pause, { wired, trail, signal })) {
          edge.retries++
          continue
        }
        pause = 'meanwhile nothing fills the dependency any more'
      }
      if (result) return result
      throw explain(error, attempts, trail, pause)
    }
  }
}

/**
 * Waits before a repeat; false when there is nobody to ask any more. Ends early when the edge is, or meanwhile was, wired
 * to somebody whom this call may ask and has not, or to nobody.
 */
async function isWorthIt(
  edge: Edge,
  ms: number,
  before: { wired: Wired | undefined; trail: Trail; signal: CancelSignal },
): Promise<boolean> {
  const { wired, trail, signal } = before
  const endsAt = performance.now() + ms
  const isNew = (endpoint: Endpoint) => trail.allows(endpoint) && !trail.hasAsked(endpoint)
  for (let left = ms; ; left = endsAt - performance.now()) {
    if (wired && !edge.wired) return false
    const isRewired = edge.wired !== wired
    if (left <= 0 || (isRewired && edge.wired?.endpoints.some(isNew))) return true
    await edge.rewired(left, signal)
  }
}

/** Why a thrown error may not or need not be repeated. Where it may be, the trail says from here on where. */
function object(
  error: unknown,
  trail: Trail,
  from: number,
  { on, hasBegun }: { on: readonly RetryCause[]; hasBegun: boolean },
): string | undefined {
  const failure = failureOf(error)
  if (!failure) return ''
  const last = trail.endpoints.at(-1)
  const isRepeatable = areRepeatable(trail, from)
  const isKeyed = last !== undefined && trail.keyFor(last) !== undefined
  if (!failure.isUnexecuted && !isRepeatable && !isKeyed) {
    return 'it may have been executed, and the tool is not declared idempotent, so it is not repeated'
  }
  if (hasBegun) return 'a part of its answer has been handed out, so it is not repeated'
  if (!on.includes(failure.cause)) return ''
  if (failure.isUnexecuted) return undefined
  trail.mayHaveRun = true
  if (isRepeatable) return undefined
  trail.only = last
  return undefined
}

/** Repeating what the tool itself answered is only for what may run again. */
function objectToFailed(result: ToolResult, trail: Trail, from: number): string | undefined {
  if (lasting.has(result._meta?.[codeKey]) || !areRepeatable(trail, from)) return ''
  trail.mayHaveRun = true
  return undefined
}

/** Codes of failed results that another attempt would only get again. */
const lasting = new Set<unknown>([
  ...['MESH_ARGUMENTS_INVALID', 'MESH_OUTPUT_INVALID', 'MESH_CALL_REFUSED'],
])

function areRepeatable({ endpoints }: Trail, from: number): boolean {
  return endpoints.slice(from).every(endpoint => endpoint.isRepeatable)
}

/** No connection came about: whoever was asked has no load of it, so that no budget need bound it. */
function isUnsent(error: unknown): boolean {
  return error instanceof MeshError && error.code === 'MESH_ENDPOINT_UNREACHABLE'
}

/** `details.attempts` and `details.endpoints` for programs; the code is that of the cause. */
function explain(error: unknown, attempts: number, trail: Trail, why: string): unknown {
  if (!(error instanceof MeshError) || (attempts === 1 && why === '')) return error
  const urls = trail.endpoints.map(endpoint => endpoint.url)
  const isOpen = trail.mayHaveRun && isUnexecuted(error)
  const parts = [
    error.message,
    ...(attempts > 1 ? [`this was the last of ${attempts} attempts, at ${urls.join(', ')}`] : []),
    ...(isOpen ? ['an earlier one may have been executed'] : []),
    ...(why === '' ? [] : [why]),
  ]
  const details = { ...error.details, attempts, endpoints: urls }
  const [code, mend] = isOpen
    ? (['MESH_CALL_INTERRUPTED', undefined] as const)
    : [error.code, error.mend]
  return new MeshError(code, parts.join('; '), mend, { cause: error, details })
}
