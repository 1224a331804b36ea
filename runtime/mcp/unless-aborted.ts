/** The end of waiting for a handler that does not end by itself. */
import type { CancelSignal } from '../proxy/cancellation.ts'

/** A handler that does not heed its signal is left behind: its caller has an answer, its late error is nobody's. */
export function unlessAborted<T>(signal: CancelSignal, run: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    run().then(resolve, reject)
  })
}
