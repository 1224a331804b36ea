/** Tasks of agents as a client of the gateway hears of them: the agent of each is listened to while the client does. */
import { isRecord, without } from './record.ts'
import { mostWatched, type TaskWatch, type TellTask } from '../tasks/watch-tasks.ts'
import { listen } from './listen.ts'
import type { GatewayTaskIds } from './task-ids.ts'

/** Where an agent is asked: at the instance that gave the task out, where that is there. */
export type PlaceOf = (
  key: string,
  instance: string,
) => { endpoint: string; bearer: string | undefined } | undefined

export interface WatchedTasksOptions {
  ids: GatewayTaskIds
  client: () => { name: string; version: string }
  placeOf: PlaceOf
}

interface Group {
  key: string
  instance: string
  /** Ids of the gateway, by those of the agent. */
  ids: Map<string, string>
}

export function createWatchedTasks({ ids, client, placeOf }: WatchedTasksOptions) {
  return async (taskIds: readonly string[], tell: TellTask): Promise<TaskWatch> => {
    const groups = new Map<string, Group>()
    const known: string[] = []
    for (const shown of new Set(taskIds.slice(0, mostWatched))) {
      const place = await ids.open(shown)
      if (!place || !placeOf(place.key, place.instance)) continue
      const { key, instance, taskId } = place
      const sign = JSON.stringify([key, instance])
      const group = groups.get(sign) ?? { key, instance, ids: new Map<string, string>() }
      groups.set(sign, group)
      group.ids.set(taskId, shown)
      known.push(shown)
    }
    const stops = new Map<Group, () => void>()
    let isClosed = false

    /** Each stream begins with how its tasks stand, so that nothing is missed between two. */
    function hear(group: Group): void {
      const place = placeOf(group.key, group.instance)
      if (isClosed || !place) return // the agent is gone, and its tasks with it or not: tasks/get says so
      const stop = listen({
        ...{ ...place, client: client(), uris: [], areListsWanted: false },
        taskIds: [...group.ids.keys()],
        onNotification(method, { _meta, ...task }) {
          const shown = group.ids.get(String(task['taskId']))
          if (method !== 'notifications/tasks' || shown === undefined) return
          tell({ ...task, taskId: shown, ...progressIn(_meta) })
        },
        onBroken: () => hear(group),
      })
      stops.set(group, stop)
    }

    return {
      ids: known,
      begin: () => groups.forEach(hear),
      close() {
        isClosed = true
        for (const stop of stops.values()) stop()
      },
    }
  }
}

/** The subscription is the gateway's own. */
function progressIn(meta: unknown): object {
  const rest = isRecord(meta) ? without(meta, 'io.modelcontextprotocol/subscriptionId') : {}
  return Object.keys(rest).length > 0 ? { _meta: rest } : {}
}
