/** Runs something with an end: the one way in which deadline and attempt timeout bound what they wrap. */

/** A timer takes no more; a later end is the same as none. */
const longestMs = 2_147_483_647

/**
 * Runs `run` with a signal that aborts when `parent` does, with its reason, or after `ms` with the error that `late`
 * makes. The timer is gone when this settles; `run` is expected to end when its signal aborts.
 */
export async function withTimeLimit<T>(
  ms: number,
  parent: AbortSignal,
  late: () => Error,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (parent.aborted) throw parent.reason
  if (ms <= 0) throw late()
  const controller = new AbortController()
  const onAbort = () => controller.abort(parent.reason)
  parent.addEventListener('abort', onAbort, { once: true })
  const timer = ms <= longestMs ? setTimeout(() => controller.abort(late()), ms) : undefined
  try {
    return await run(controller.signal)
  } finally {
    clearTimeout(timer)
    parent.removeEventListener('abort', onAbort)
  }
}
