/**
 * The tasks that this instance runs, and those that it takes over. When an owner is gone, whoever finds out, as it is asked
 * for a task or as it looks, takes the task: a tool whose calls may be repeated runs again, any other has failed and says
 * why, since a handler can't be gone on with in its middle.
 */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Invoke } from '../mcp/invoke.ts'
import type { ServedTool } from '../mcp/tools.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import type { ToolResult } from '../proxy/values.ts'
import { StoreLost } from '../sessions/store.ts'
import type { Log } from '../telemetry/log.ts'
import { failed, HeldTask, meshFailure, type HeldOptions } from './run-task.ts'
import type { StoredTask, TaskChange, Taken, TaskStore } from './store.ts'
import type { TaskSpec } from './task.ts'

export interface OwnerOptions {
  store: TaskStore
  instance: string
  invoke: Invoke
  /** Of the manifest that is served now. */
  tools: () => ReadonlyMap<string, ServedTool>
  log: Log
}

export interface OwnerFigures {
  /** That run here now. */
  running: number
  /** By how they ended, by the instance that ended them. */
  ended: Readonly<Record<'completed' | 'failed' | 'cancelled', number>>
  /** From an owner that was gone. */
  takenOver: number
  /** Ends that were not kept, since the task had ended, or was another's, by then. */
  dropped: number
}

type OwnTask = Pick<HeldOptions, 'id' | 'spec' | 'fence' | 'signal'>

export interface Owner {
  /** Runs it in the background. */
  run(task: OwnTask, tool: ServedTool, args: unknown): void
  /** Takes over a call that runs, ending with the signal. */
  follow(task: OwnTask & { signal: Cancellation }, call: Promise<ToolResult>): HeldTask
  /** The task as it stands, once it has an owner that lives, or has ended. */
  takeUp(id: string, stored: StoredTask): Promise<StoredTask>
  cancel(id: string): Promise<void>
  readonly figures: OwnerFigures
  readonly drain: (ms: number) => Promise<void>
  close(): void
}

/** How often tasks of owners that are gone are looked for, give or take a quarter. */
const lookMs = 5_000
/** How often an owner asks what clients said at other instances. */
const listenMs = 200
/** After Redis was away, the sign of life of others may be late. */
const lateMs = 5_000
/** A task that has outlived so many owners may be what ends them. */
const mostOwners = 5

export function createOwner({ store, instance, invoke, tools, log }: OwnerOptions): Owner {
  const held = new Map<string, HeldTask>()
  /** Ends that the store was not there to take. */
  const unwritten = new Map<HeldTask, TaskChange>()
  const ended = { completed: 0, failed: 0, cancelled: 0 }
  const counts = { takenOver: 0, dropped: 0 }
  let backAt = -Infinity
  let isDraining = false
  let onEmpty: (() => void) | undefined
  const quietly = (error: unknown) => {
    if (error instanceof StoreLost) return // the link logs it, and it is looked at again
    log.error('task not kept', { error: messageOf(error) })
  }

  const hold = (task: OwnTask) => new HeldTask({ ...task, owner: instance, store })

  function run(own: OwnTask, tool: ServedTool, args: unknown): void {
    const task = hold(own)
    const { spec } = task
    const timeoutMs = Math.max(spec.deadline - Date.now(), 1)
    const { signal } = task
    const call = { tool, args, signal, timeoutMs, meta: spec.meta, sink: task, asker: task }
    settle(task, invoke(call))
  }

  function follow(own: OwnTask, call: Promise<ToolResult>): HeldTask {
    const task = hold(own)
    settle(task, call)
    return task
  }

  function settle(task: HeldTask, call: Promise<ToolResult>): void {
    const { id } = task
    held.set(id, task)
    listen()
    void task
      .end(call)
      .then(change => keep(task, change))
      .catch(quietly)
      .finally(() => {
        held.delete(id)
        if (held.size === 0) onEmpty?.()
      })
  }

  async function keep(task: HeldTask, change: TaskChange): Promise<void> {
    if (task.isLost) return
    try {
      let written = await store.write(task.id, task.fence, change)
      if (written === 'missing') {
        await task.restore()
        written = await store.write(task.id, task.fence, change)
      }
      unwritten.delete(task)
      if (written !== 'kept') counts.dropped++
      else if (change.status) ended[change.status]++
    } catch (error) {
      if (!(error instanceof StoreLost)) throw error
      unwritten.set(task, change)
    }
  }

  async function isGone(owner: string): Promise<boolean> {
    if (owner === instance || isDraining || !store.isShared) return false
    if (owner === '') return true
    return performance.now() - backAt > lateMs && !(await store.isAlive(owner))
  }

  async function takeOver(id: string, { spec, owner, fence }: StoredTask): Promise<void> {
    const taken = await store.take(id, fence, instance)
    if (!taken) return // somebody else was faster
    counts.takenOver++
    const tool = tools().get(spec.tool)
    const why = whyNot(spec, tool, taken)
    log.info('task taken over', { tool: spec.tool, from: owner, runs: why === undefined })
    const task = { id, spec, fence: taken.fence }
    if (tool && why === undefined) return run(task, tool, JSON.parse(taken.args ?? '{}'))
    const error = new MeshError('MESH_TASK_LOST', why ?? '')
    const lost = hold(task)
    await keep(lost, failed(meshFailure(error)))
    lost.leave(error)
  }

  async function takeUp(id: string, stored: StoredTask): Promise<StoredTask> {
    if (stored.state.status !== 'working' || !(await isGone(stored.owner))) return stored
    await takeOver(id, stored)
    return (await store.read(id)) ?? stored
  }

  /** Looks for those of owners that are gone, and for answers whose wake was lost. */
  async function look(): Promise<void> {
    for (const task of held.values()) if (task.isWaiting) await task.look()
    const gone = new Map<string, boolean>()
    for (const [id, owner] of await store.working()) {
      if (held.has(id)) continue
      const isOver = gone.get(owner) ?? (owner === instance || (await isGone(owner)))
      gone.set(owner, isOver)
      if (!isOver) continue
      const stored = await store.read(id)
      if (stored?.state.status === 'working') await takeUp(id, stored)
      else await store.forget(id)
    }
  }

  let ear: NodeJS.Timeout | undefined
  /** While nothing runs here there is nothing to hear. */
  function listen(): void {
    if (!store.isShared || ear) return
    ear = setInterval(() => {
      if (held.size > 0) return void store.listen().catch(quietly)
      clearInterval(ear)
      ear = undefined
    }, listenMs)
    ear.unref()
  }

  const timer = setInterval(() => void look().catch(quietly), lookMs * (0.75 + Math.random() / 2))
  timer.unref()
  void look().catch(quietly)
  store.onWake(id => void held.get(id)?.look().catch(quietly))
  store.onBack(() => {
    backAt = performance.now()
    for (const [task, change] of [...unwritten]) void keep(task, change).catch(quietly)
    for (const task of held.values()) void task.look().catch(quietly)
  })

  /** This instance ends before the task does. */
  async function letGo(task: HeldTask): Promise<void> {
    const { id, spec, fence } = task
    const found = `the instance that ran "${spec.tool}" was stopped before it was done`
    const error = new MeshError('MESH_TASK_LOST', found)
    const isRepeatable = store.isShared && tools().get(spec.tool)?.spec.isRepeatable
    const told = isRepeatable ? store.release(id, fence) : keep(task, failed(meshFailure(error)))
    await told.catch(quietly)
    task.leave(error)
  }

  return {
    run,
    follow,
    takeUp,
    async cancel(id) {
      if (await store.cancel(id, 'cancelled by its client')) ended.cancelled++
    },
    get figures() {
      return { ...counts, ended: { ...ended }, running: held.size }
    },
    async drain(ms) {
      clearInterval(timer)
      isDraining = true
      if (held.size > 0) {
        await new Promise<void>(resolve => {
          const late = setTimeout(resolve, ms)
          onEmpty = () => {
            clearTimeout(late)
            resolve()
          }
        })
      }
      await Promise.all([...held.values()].map(letGo))
    },
    close() {
      clearInterval(timer)
      clearInterval(ear)
    },
  }
}

/** Why a task is not run by another owner; undefined where it is. */
function whyNot(
  spec: TaskSpec,
  tool: ServedTool | undefined,
  { fence, args }: Taken,
): string | undefined {
  const gone = `the instance that ran "${spec.tool}" ended`
  if (!tool) return `${gone}, and no tool of that name is left`
  if (!tool.spec.isRepeatable || args === undefined)
    return `${gone}, and how much of the call it had done is not known`
  if (fence > mostOwners) return `${fence - 1} instances that ran "${spec.tool}" ended, one by one`
  if (spec.deadline <= Date.now()) return `${gone}, and the time of the call is over`
  return undefined
}
