/**
 * Tells clients how their tasks stand, each time that one of them stands otherwise: the store wakes, the task is read, and what
 * is told is what tasks/get would answer. A task that has ended is told for the last time.
 */
import type { TaskStore } from './store.ts'
import { detailed } from './task.ts'

/** Of one request. */
export const mostWatched = 1_000

export interface TaskWatch {
  /** Those of the ids that were given that are of a task. */
  readonly ids: readonly string[]
  /** Tells how they stand, and goes on with it. */
  begin(): void
  close(): void
}

export type TellTask = (task: Record<string, unknown>) => void

interface Watched {
  id: string
  taskId: string
  tell: TellTask
  last: string
  /** Reads of the store, one after the other; `again`: one more is wanted. */
  isReading: boolean
  again: boolean
}

/** `open` gives the id in the store of a task that is there. */
export function createTaskWatches(
  store: TaskStore,
  open: (taskId: string) => Promise<string | undefined>,
): (taskIds: readonly string[], tell: TellTask) => Promise<TaskWatch> {
  const watched = new Map<string, Set<Watched>>()
  const all = () => [...watched.values()].flatMap(ones => [...ones])
  let isHearing = false

  function hear(): void {
    if (isHearing) return
    isHearing = true
    store.onChange(
      id => watched.get(id)?.forEach(look),
      () => all().forEach(look), // some may have been missed
    )
  }

  function look(one: Watched): void {
    one.again = true
    if (!one.isReading) void read(one)
  }

  async function read(one: Watched): Promise<void> {
    one.isReading = true
    while (one.again) {
      one.again = false
      // Where it is away it says when it is back.
      const stored = await store.read(one.id).catch(() => undefined)
      if (!stored || !watched.get(one.id)?.has(one)) continue
      const task = detailed(one.taskId, stored.spec, stored.state)
      const text = JSON.stringify(task)
      if (text !== one.last) one.tell(task)
      one.last = text
      if (stored.state.status !== 'working') forget(one)
    }
    one.isReading = false
  }

  function forget(one: Watched): void {
    const ones = watched.get(one.id)
    ones?.delete(one)
    if (ones?.size === 0) watched.delete(one.id)
  }

  return async (taskIds, tell) => {
    hear()
    const asked = [...new Set(taskIds)].slice(0, mostWatched)
    const found = await Promise.all(asked.map(async taskId => ({ taskId, id: await open(taskId) })))
    const mine: Watched[] = found.flatMap(({ taskId, id }) =>
      id === undefined ? [] : [{ id, taskId, tell, last: '', isReading: false, again: false }],
    )
    return {
      ids: mine.map(({ taskId }) => taskId),
      begin() {
        for (const one of mine) {
          const ones = watched.get(one.id) ?? new Set()
          watched.set(one.id, ones.add(one))
          look(one)
        }
      },
      close: () => mine.forEach(forget),
    }
  }
}
