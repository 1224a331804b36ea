/**
 * Tasks of the mesh for clients of a gateway: a call that its agent answers with a handle, and what is asked with the handle. The
 * gateway keeps nothing of them: the id leads back to the agent (task-ids.ts), first to the instance that gave it out.
 */
import { MeshError } from '../../core/model/error.ts'
import { headerValue } from '../../core/model/param-headers.ts'
import type { Owned } from '../mcp/legacy-sessions.ts'
import type { RpcError } from '../mcp/rpc-error.ts'
import type { Sealer } from '../mcp/seal.ts'
import { refusal, unknownTask } from '../tasks/refusals.ts'
import { tasksExtension } from '../tasks/task.ts'
import type { TaskRequests } from '../tasks/tasks.ts'
import type { Log } from '../telemetry/log.ts'
import { resultOf } from './answers-for-sdk.ts'
import { envelopeOf } from './ask.ts'
import type { Catalog, Target } from './catalog.ts'
import type { Relayed } from './relayed.ts'
import { runPassed } from './run-passed.ts'
import { createWatchedTasks, type PlaceOf } from './watched-tasks.ts'
import {
  createGatewayTaskIds,
  handleIn,
  instanceArgument,
  type Handle,
  type TaskMethod,
} from './task-ids.ts'

export interface PassedTasks extends TaskRequests {
  /** An answer to a call of a client that knows tasks: where it is a handle, with an id that leads back here. */
  shown(answer: Relayed, target: Target): Promise<Relayed>
  /** The same of a handle that was read. */
  shownHandle(handle: Handle, from: { target: Target; instance: string }): Promise<Handle>
}

export interface PassedTasksOptions {
  catalog: () => Catalog
  /** The gateway, as it names itself to agents. */
  client: () => { name: string; version: string }
  owned: Owned
  sealer: () => Promise<Sealer>
  placeOf: PlaceOf
  log: Log
}

const declared = { extensions: { [tasksExtension]: {} } }

export function createPassedTasks(options: PassedTasksOptions): PassedTasks {
  const { catalog, client, owned, sealer, placeOf, log } = options
  const ids = createGatewayTaskIds(owned, sealer)

  async function shownHandle(
    handle: Handle,
    { target, instance }: { target: Target; instance: string },
  ): Promise<Handle> {
    const { taskId, ttlMs } = handle
    const place = { key: target.provider.key, instance, taskId }
    // Without an end it is for the agent to say when it knows the task no more.
    return {
      ...handle,
      taskId: await ids.seal(place, typeof ttlMs === 'number' ? ttlMs : Infinity),
    }
  }

  /** Resolves to what its agent answers. Throws RpcError. */
  const pass: Pass = async (method, taskId, caller, more = {}) => {
    const place = await ids.open(taskId)
    if (!place) throw unknownTask()
    const target = catalog().task(place.key, method)
    if (!target) throw away(place.key)
    const { signal, timeoutMs } = caller
    const _meta = envelopeOf(client(), declared)
    const headers = ['mcp-name', headerValue(place.taskId)]
    const passed = { id: 1, params: { taskId: place.taskId, ...more, _meta }, headers }
    // The instance is for `pick`, and is not sent.
    const args = { [instanceArgument]: place.instance }
    try {
      return resultOf(await runPassed({ target, args, signal, timeoutMs, passed, log }))
    } catch (error) {
      throw error instanceof MeshError ? refusal(-32603, error) : error
    }
  }

  return {
    async shown(answer, target) {
      const found = handleIn(answer.bytes)
      if (!found) return answer
      const result = await shownHandle(found.result, { target, instance: answer.instance })
      return { ...answer, bytes: Buffer.from(JSON.stringify({ ...found.message, result })) }
    },
    shownHandle,
    watch: createWatchedTasks({ ids, client, placeOf }),
    async get(taskId, caller) {
      return { ...(await pass('tasks/get', taskId, caller)), taskId }
    },
    async update(taskId, inputResponses, caller) {
      await pass('tasks/update', taskId, caller, { inputResponses })
    },
    async cancel(taskId, caller) {
      await pass('tasks/cancel', taskId, caller)
    },
  }
}

type Pass = (
  method: TaskMethod,
  taskId: unknown,
  caller: Parameters<TaskRequests['cancel']>[1],
  more?: Record<string, unknown>,
) => Promise<Record<string, unknown>>

function away(key: string): RpcError {
  const found = `"${key}", which has the task, is not there or no longer shown`
  return refusal(-32603, new MeshError('MESH_TASK_UNAVAILABLE', found))
}
