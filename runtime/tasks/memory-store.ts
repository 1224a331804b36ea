/** Tasks of one process, which end with it: its owner is always this process. What is past its ttl is dropped by and by. */
import { randomBytes } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import type { StoredTask, TaskChange, TaskStore } from './store.ts'
import { seedState, type InputRequest, type TaskState } from './task.ts'

/** Of all results that are kept; beyond it nothing is begun until some have expired. */
const mostBytes = 256 * 1024 * 1024
/** How often what has expired is looked for, at most. */
const sweepMs = 1_000

interface Kept extends StoredTask {
  state: TaskState & { requests: Map<string, InputRequest> }
  asked: Map<string, InputRequest>
  answers: Map<string, unknown>
  bytes: number
  /** In milliseconds of `now`. */
  expiresAt: number
}

/** `now` in milliseconds since the epoch; default Date.now. */
export function memoryTaskStore(now: () => number = Date.now): TaskStore {
  const key = randomBytes(32)
  const kept = new Map<string, Kept>()
  let bytes = 0
  let sweptAt = -Infinity
  let wake: (id: string) => void = () => undefined
  let tellChanged: (id: string) => void = () => undefined

  /** Ttls differ, so all are looked at, once a second at most. */
  function sweep(): void {
    if (now() - sweptAt < sweepMs) return
    sweptAt = now()
    for (const [id, task] of kept) if (task.expiresAt <= sweptAt) drop(id, task)
  }

  function drop(id: string, task: Kept): void {
    bytes -= task.bytes
    kept.delete(id)
  }

  function find(id: string): Kept | undefined {
    const task = kept.get(id)
    if (!task || task.expiresAt > now()) return task
    drop(id, task)
    return undefined
  }

  /** What nobody has answered. */
  function open({ asked, answers }: Kept): Map<string, InputRequest> {
    return new Map([...asked].filter(([name]) => !answers.has(name)))
  }

  function end(task: Kept, state: Partial<TaskState>): void {
    task.asked.clear()
    task.answers.clear()
    task.state = { ...task.state, ...state, progress: undefined, requests: new Map() }
  }

  function change(task: Kept, { status, message, progress, outcome, ask, drop }: TaskChange): void {
    if (ask) task.asked.set(ask.key, ask.request)
    if (drop !== undefined) {
      task.asked.delete(drop)
      task.answers.delete(drop)
    }
    const told = { ...(message !== undefined && { message }), ...(progress && { progress }) }
    task.state = { ...task.state, ...told, updatedAt: now(), requests: open(task) }
    if (!status) return
    end(task, { status, outcome })
    if (!outcome) return
    task.bytes = 2 * ('result' in outcome ? outcome.result : outcome.error).length
    bytes += task.bytes
  }

  return {
    isShared: false,
    key: async () => key,
    async create({ id, spec, owner, fence }) {
      sweep()
      if (bytes > mostBytes) throw full()
      const state = { ...seedState(spec), requests: new Map<string, InputRequest>() }
      const expiresAt = spec.createdAt + spec.ttlMs
      const own = { asked: new Map(), answers: new Map(), bytes: 0, expiresAt }
      kept.set(id, { spec, state, owner, fence, ...own })
    },
    async read(id) {
      sweep()
      return find(id)
    },
    async write(id, _fence, changed) {
      const task = find(id)
      if (!task) return 'missing'
      if (task.state.status !== 'working') return 'ended'
      change(task, changed)
      tellChanged(id)
      return 'kept'
    },
    async cancel(id, message) {
      const task = find(id)
      if (task?.state.status !== 'working') return false
      end(task, { status: 'cancelled', message, updatedAt: now() })
      tellChanged(id)
      wake(id)
      return true
    },
    async answer(id, answers) {
      const task = find(id)
      if (!task) return
      for (const [name, value] of answers)
        if (task.asked.has(name) && !task.answers.has(name)) task.answers.set(name, value)
      task.state = { ...task.state, updatedAt: now(), requests: open(task) }
      tellChanged(id)
      wake(id)
    },
    answers: async id => new Map(find(id)?.answers),
    async release() {
      // nobody else can take it
    },
    take: async () => undefined,
    working: async () => new Map(),
    async forget() {
      // `working` remembers none
    },
    isAlive: async () => true,
    onWake(listener) {
      wake = listener
    },
    async listen() {
      // there are no others
    },
    onChange(changed) {
      tellChanged = changed
    },
    onBack() {
      // it is never away
    },
    async close() {
      kept.clear()
    },
  }
}

function full(): MeshError {
  const found = `this instance keeps ${mostBytes / 1024 / 1024} MiB of results of tasks, which is all that its memory has for them; the call was not executed`
  return new MeshError('MESH_TASK_LIMIT', found)
}
