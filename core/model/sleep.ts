/** A wait that its caller can end. All waits go through here, so that a test's clock steps them. */

/** What a wait needs of an `AbortSignal`; the calls of the runtime have a lighter one of their own. */
export interface EndSignal {
  readonly aborted: boolean
  readonly reason: Error
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal: EndSignal = endless): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal.addEventListener('abort', abort)
  })
}

const nothing = () => undefined
const endless: EndSignal = {
  aborted: false,
  reason: new Error('never aborts'),
  addEventListener: nothing,
  removeEventListener: nothing,
}
