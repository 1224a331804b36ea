/** How many tasks of each tool this instance keeps: those it began, until their ttl is over. */
import { MeshError } from '../../core/model/error.ts'

/** The longest JSON text of a result that is kept, in characters. */
export const mostResultLength = 4 * 1024 * 1024
/** Of the answer to one request. */
export const mostAnswerLength = 1024 * 1024
/** Requests to the client that are open at a time. */
export const mostRequests = 64

export interface TaskBounds {
  /** Throws MESH_TASK_LIMIT. */
  take(tool: string, max: number, expiresAt: number): void
  /** One that was taken and did not begin. */
  giveBack(tool: string): void
}

/** `now` in milliseconds since the epoch. */
export function createBounds(now: () => number = Date.now): TaskBounds {
  /** By tool, when each expires, in the order in which they began. */
  const kept = new Map<string, number[]>()
  return {
    take(tool, max, expiresAt) {
      const all = (kept.get(tool) ?? []).filter(at => at > now())
      if (all.length >= max) {
        const found = `this instance keeps ${all.length} tasks of "${tool}", which is all that its task.max allows; the call was not executed`
        throw new MeshError('MESH_TASK_LIMIT', found)
      }
      kept.set(tool, [...all, expiresAt])
    },
    giveBack(tool) {
      kept.get(tool)?.pop()
    },
  }
}
