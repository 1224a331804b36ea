/**
 * Task ids: sealed like the handles of sessions, with a key of their own, so that one can't be guessed, changed or used by a
 * caller with another credential. Whoever has no right to a task is told no more than that there is none.
 */
import { createHandles, newSessionId, type Holder } from '../sessions/handle.ts'
import { MeshError } from '../../core/model/error.ts'

export interface TaskIds {
  /** A new task's: what it is kept under, and what callers are given. */
  make(): { id: string; taskId: string }
  /** What it is kept under; undefined for what this agent has not given out to such a caller. */
  open(taskId: unknown): string | undefined
}

export function createTaskIds(key: Buffer, { agent, principal }: Holder): TaskIds {
  const handles = createHandles(key, { agent: `task ${agent}`, principal })
  return {
    make() {
      const id = newSessionId()
      return { id, taskId: handles.seal(id) }
    },
    open(taskId) {
      try {
        return handles.open(taskId)
      } catch (error) {
        if (error instanceof MeshError) return undefined
        throw error
      }
    },
  }
}
