/**
 * Tools as MCP tasks: a call that is answered with a handle at once and goes on behind it, and what clients do with the handle.
 * Any instance answers, from the store; the one that began a task runs it (owner.ts).
 */
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { Holder } from '../sessions/handle.ts'
import { StoreLost } from '../sessions/store.ts'
import { answersOf } from './answers.ts'
import { createBounds } from './bounds.ts'
import { beginLate } from './late-begin.ts'
import { createOwner, type OwnerFigures, type OwnerOptions } from './owner.ts'
import { away, missingCapability, refused, unknownTask } from './refusals.ts'
import { createTaskIds, type TaskIds } from './task-id.ts'
import { createTaskWatches, type TaskWatch, type TellTask } from './watch-tasks.ts'
import { detailed, seedState, taskOf, type TaskSpec } from './task.ts'

export interface TasksOptions extends OwnerOptions {
  holder: Holder
  invoke: Invoke
}

export interface TaskFigures extends OwnerFigures {
  begun: number
}

/** CreateTaskResult of MCP. */
export type TaskHandle = Record<string, unknown>

/** What clients ask with a handle. Each throws RpcError for what is answered with a JSON-RPC error. */
export interface TaskRequests {
  get(taskId: unknown, caller: TaskCaller): Promise<Record<string, unknown>>
  update(taskId: unknown, responses: unknown, caller: TaskCaller): Promise<void>
  cancel(taskId: unknown, caller: TaskCaller): Promise<void>
  /** Tells how tasks stand, until it is closed. Rejects as the others do. */
  watch(taskIds: readonly string[], tell: TellTask): Promise<TaskWatch>
}

/** Who asks: of no use where the answer is at hand. */
export interface TaskCaller {
  signal: CancelSignal
  /** What remains of its deadline, in milliseconds; Infinity where it set none. */
  timeoutMs: number
}

/** Each throws RpcError for what is answered with a JSON-RPC error. */
export interface Tasks extends TaskRequests {
  /** Answers a call of a tool with `task`: with a handle, or, for a client that does not know tasks, with the result. */
  call(invocation: Invocation, isDeclared: boolean): Promise<ToolResult | TaskHandle>
  readonly figures: TaskFigures
  /** Lets what runs go on for so long; then what may be repeated is free for others, and the rest has failed. */
  drain(ms: number): Promise<void>
  close(): Promise<void>
}

export function createTasks(options: TasksOptions): Tasks {
  const { store, holder, instance, invoke } = options
  const owner = createOwner(options)
  const bounds = createBounds()
  let begun = 0
  let ids: Promise<TaskIds> | undefined

  /** Made once; a store that is away is asked again by the next. */
  async function sealer(): Promise<TaskIds> {
    ids ??= store.key().then(key => createTaskIds(key, holder))
    try {
      return await ids
    } catch (error) {
      ids = undefined
      throw error
    }
  }

  /** Of a task that is there. */
  async function find(taskId: unknown) {
    const id = (await sealer()).open(taskId)
    const stored = id === undefined ? undefined : await store.read(id)
    if (id === undefined || !stored) throw unknownTask()
    return { id, stored }
  }

  /** Makes the task of a call, kept but owned by nobody yet. Throws MESH_TASK_LIMIT and StoreLost. */
  async function make({ tool, args, meta = {} }: Invocation) {
    const { task: own, name, timeoutMs, isRepeatable } = tool.spec
    if (!own) throw new Error(`${name} has no task`) // the caller has looked
    const createdAt = Date.now()
    const ttlMs = timeoutMs + own.ttlMs
    const { pollIntervalMs } = own
    const deadline = createdAt + timeoutMs
    const spec: TaskSpec = { tool: name, meta, createdAt, ttlMs, pollIntervalMs, deadline }
    bounds.take(name, own.max, createdAt + ttlMs)
    try {
      const { id, taskId } = (await sealer()).make()
      const text = isRepeatable && store.isShared ? JSON.stringify(args ?? {}) : undefined
      await store.create({ id, spec, owner: instance, fence: 1, args: text })
      begun++
      const handle: TaskHandle = { resultType: 'task', ...taskOf(taskId, spec, seedState(spec)) }
      return { task: { id, spec, fence: 1 }, handle }
    } catch (error) {
      bounds.giveBack(name)
      throw error
    }
  }

  async function begin(invocation: Invocation): Promise<TaskHandle> {
    const { task, handle } = await make(invocation)
    owner.run(task, invocation.tool, invocation.args)
    return handle
  }

  /** What keeps a task from beginning is the handler's to deal with. */
  const late = (invocation: Invocation) =>
    beginLate(invocation, invoke, async (signal, call) => {
      try {
        const { task, handle } = await make(invocation)
        return { task: owner.follow({ ...task, signal }, call), handle }
      } catch (error) {
        throw error instanceof StoreLost ? away(error) : error
      }
    })

  const watch = createTaskWatches(store, async taskId => {
    const id = (await sealer()).open(taskId)
    return id !== undefined && (await store.read(id)) ? id : undefined
  })

  return {
    watch: (taskIds, tell) => watch(taskIds, tell).catch(refuse),
    async call(invocation, isDeclared) {
      const { tool, args } = invocation
      if (!isDeclared && tool.spec.task?.required) throw missingCapability()
      // Nothing is begun for a call that will be refused.
      const isRefused = 'handler' in tool && tool.checkArguments(args ?? {}).length > 0
      if (!isDeclared || isRefused) return invoke(invocation)
      if (tool.spec.task?.beginsLate) return late(invocation)
      return begin(invocation).catch(refuse)
    },
    async get(taskId) {
      try {
        const found = await find(taskId)
        const { spec, state } = await owner.takeUp(found.id, found.stored)
        return detailed(String(taskId), spec, state)
      } catch (error) {
        return refuse(error)
      }
    },
    async update(taskId, responses) {
      try {
        const { id, stored } = await find(taskId)
        const answers = answersOf(responses, stored.state)
        if (answers.size > 0) await store.answer(id, answers)
      } catch (error) {
        refuse(error)
      }
    },
    async cancel(taskId) {
      try {
        await owner.cancel((await find(taskId)).id)
      } catch (error) {
        refuse(error)
      }
    },
    get figures() {
      return { ...owner.figures, begun }
    },
    drain: owner.drain,
    async close() {
      owner.close()
      await store.close()
    },
  }
}

function refuse(error: unknown): never {
  throw refused(error instanceof StoreLost ? away(error) : error)
}
