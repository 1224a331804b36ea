/** Runs something with an end: the one way in which deadline and attempt timeout bound what they wrap. */
import { Alarm } from './alarm.ts'
import { Cancellation, type CancelSignal } from './cancellation.ts'

/**
 * Runs `run` with a signal that aborts when `parent` does, with its reason, or after `ms` with the error that `late`
 * makes. Nothing of it is left when this settles; `run` is expected to end when its signal aborts.
 */
export async function withTimeLimit<T>(
  ms: number,
  parent: CancelSignal,
  late: () => Error,
  run: (limited: Cancellation) => Promise<T>,
): Promise<T> {
  if (parent.aborted) throw parent.reason
  if (ms <= 0) throw late()
  const limited = new Cancellation()
  const onAbort = () => limited.abort(parent.reason)
  const alarm = new Alarm(performance.now() + ms, () => limited.abort(late()))
  parent.addEventListener('abort', onAbort)
  if (ms < Infinity) alarm.set()
  try {
    return await run(limited)
  } finally {
    alarm.clear()
    parent.removeEventListener('abort', onAbort)
  }
}
