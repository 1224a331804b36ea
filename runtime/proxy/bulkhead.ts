/**
 * Bounds how many calls of an edge are under way, so that one slow provider can't take all that this process has (the
 * bulkhead of Nygard, Release It!, 2007). A few more wait in the order in which they came, no longer than their deadline
 * and no longer than their caller waits; the next is refused.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Layer } from './call.ts'
import type { Turns } from './turns.ts'

/** How many may be under way the edge knows (policy-stack.ts). Throws MESH_BULKHEAD_FULL. */
export const bulkhead = (
  { queue }: Pick<NonNullable<CallPolicy['concurrency']>, 'queue'>,
  edge: { name: string; bulkhead: Turns },
): Layer => {
  const state = edge.bulkhead
  return next => async request => {
    if (!state.take()) {
      if (state.waiting < queue) await state.wait(request.signal)
      else throw full(edge.name, state)
    }
    try {
      return await next(request)
    } finally {
      state.leave()
    }
  }
}

function full(edge: string, { running, waiting }: Turns): MeshError {
  const found = `${edge}: ${running} calls are under way and ${waiting} wait, which is all that concurrency allows; the call was not sent`
  return new MeshError('MESH_BULKHEAD_FULL', found)
}
