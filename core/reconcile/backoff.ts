/** Full jitter: spreads those who failed together over the whole wait, so that they do not come back together. */

export interface BackoffOptions {
  /** Bound of the first wait, in milliseconds; doubles with each attempt. */
  initialMs: number
  maxMs: number
}

/** Wait before the given attempt (1 is the first repetition): between 0 and `initial * 2^(attempt-1)`, at most `maxMs`. */
export function backoffMs(attempt: number, options: BackoffOptions, random = Math.random): number {
  const bound = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(attempt - 1, 52))
  return Math.round(random() * bound)
}
