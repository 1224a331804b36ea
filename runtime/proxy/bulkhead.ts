/**
 * Bounds how many calls of an edge are under way, so that one slow provider can't take all that this process has (the
 * bulkhead of Nygard, Release It!, 2007). A few more wait in the order in which they came, no longer than their deadline
 * and no longer than their caller waits; the next is refused.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Layer } from './call.ts'
import type { CancelSignal } from './cancellation.ts'

export class BulkheadState {
  running = 0
  /** That of the policy now, where it has one. */
  #max = Infinity
  readonly #queue: (() => void)[] = []

  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when it is this call's turn, which then counts as running; rejects with the signal's reason. */
  turn(signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      this.#queue.push(enter)
    })
  }

  leave(): void {
    this.running--
    this.#admit()
  }

  /** Takes the bound of another policy. */
  resize(max: number): void {
    this.#max = max
    this.#admit()
  }

  /** Lets in as many as there is room for. */
  #admit(): void {
    while (this.running < this.#max && this.#queue.length > 0) {
      this.running++
      this.#queue.shift()?.()
    }
  }
}

/** Throws MESH_BULKHEAD_FULL. */
export const bulkhead = (
  { max, queue }: NonNullable<CallPolicy['concurrency']>,
  edge: { name: string; bulkhead: BulkheadState },
): Layer => {
  const state = edge.bulkhead
  return next => async request => {
    if (state.running < max && state.waiting === 0) state.running++
    else if (state.waiting < queue) await state.turn(request.signal)
    else {
      const found = `${edge.name}: ${state.running} calls are under way and ${state.waiting} wait, which is all that concurrency allows; the call was not sent`
      throw new MeshError('MESH_BULKHEAD_FULL', found)
    }
    try {
      return await next(request)
    } finally {
      state.leave()
    }
  }
}
