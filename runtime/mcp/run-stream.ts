/**
 * Runs a handler that streams: each chunk is sent as it is made, and the next is asked for when there is room for it, so
 * a slow reader slows the handler and nothing piles up. Where the caller wants no chunks they are dropped.
 */
import { setImmediate } from 'node:timers/promises'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { Notes } from './notes.ts'

/** A handler that never waits would keep the process from everything else: after so long it has to. */
const maxSliceMs = 10

/** True for what an async generator function gives back, and for what reads like it. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** The value that the stream returns. When the signal aborts, `finally` in the handler runs and its reason is thrown. */
export async function runStream(
  stream: AsyncIterable<unknown>,
  notes: Notes | undefined,
  signal: CancelSignal,
): Promise<unknown> {
  const iterator = stream[Symbol.asyncIterator]()
  let isDone = false
  let sliceEnd = performance.now() + maxSliceMs
  try {
    for (;;) {
      const step = await iterator.next()
      isDone = step.done === true
      if (step.done) return step.value
      if (signal.aborted) throw signal.reason
      await notes?.chunk(step.value)
      if (performance.now() >= sliceEnd) {
        await setImmediate()
        sliceEnd = performance.now() + maxSliceMs
      }
      if (signal.aborted) throw signal.reason
    }
  } finally {
    if (!isDone) await iterator.return?.()
  }
}
