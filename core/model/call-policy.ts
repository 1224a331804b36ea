/**
 * How a call to a dependency behaves, with every default filled in. Policy is data: the manifest says it, core/manifest
 * merges and lowers it, and runtime/proxy has one layer for each part of it. An absent part means that the layer is left out.
 */

/** When an attempt that failed is worth another one. */
export type RetryCause =
  /** No endpoint could be reached, it refused before it began, or its connection broke. */
  | 'unavailable'
  /** An attempt ran into its timeout. */
  | 'timeout'
  /** The tool itself answered an error. */
  | 'error'

export interface CallPolicy {
  /** The longest that one attempt may take. */
  timeoutMs: number
  /** The longest that the whole call may take, waits and attempts included. */
  deadlineMs: number
  retries: {
    /** Attempts in all, the first among them; 1 for no repeat. */
    attempts: number
    /** The pause before the n-th repeat is random below initial * 2^(n-1), at most max (full jitter). */
    backoff: { initialMs: number; maxMs: number }
    on: readonly RetryCause[]
    /** Repeats that the callers of a capability in this process may add to its calls, as a share of them: 0.2 is a fifth. */
    budget: number
  }
  /** A second attempt beside a slow first one; only of what may be repeated. */
  hedge: { afterMs: number } | undefined
  /** After so many failures in a row of a capability its calls fail at once, for so long. */
  breaker: { failures: number; openMs: number } | undefined
  /** Calls at a time, and how many more may wait; the next is refused. */
  concurrency: { max: number; queue: number } | undefined
  /** After so many failures in a row an endpoint is not picked for so long; at most this share of endpoints at a time. */
  ejection: { failures: number; forMs: number; maxShare: number } | undefined
  /** `auto`: consistent-hash by the session's handle for tools whose sessions have owners, p2c for all others. */
  balance: 'auto' | 'p2c' | 'round-robin' | 'consistent-hash'
  /** The argument whose value consistent-hash goes by; set where `balance` says so. */
  hashOn: string | undefined
  /** Sent with each call, one hop only. Values may be references, which the runtime resolves. */
  headers: Readonly<Record<string, string>>
  /** `never`: no chunks are asked for, a stream has none and returns the value. */
  stream: 'auto' | 'never'
}
