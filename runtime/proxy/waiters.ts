/** Calls that wait for something to change, without polling. */
import type { CancelSignal } from './cancellation.ts'

export interface Waiters {
  /** Resolves at the next `wake` or after `ms`, whichever is first; rejects with the signal's reason. */
  wait(ms: number, signal: CancelSignal): Promise<void>
  wake(): void
}

export function createWaiters(): Waiters {
  let controller = new AbortController()
  return {
    wake() {
      controller.abort()
      controller = new AbortController()
    },
    wait(ms, signal) {
      const woken = controller.signal
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const end = (settle: () => void) => () => {
          clearTimeout(timer)
          woken.removeEventListener('abort', onWake)
          signal.removeEventListener('abort', onAbort)
          settle()
        }
        const onWake = end(resolve)
        const onAbort = end(() => reject(signal.reason))
        const timer = setTimeout(onWake, ms)
        woken.addEventListener('abort', onWake, { once: true })
        signal.addEventListener('abort', onAbort)
      })
    },
  }
}
