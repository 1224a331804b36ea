/**
 * Where tasks are kept, as a port with two implementations: memory for one process, Redis for all instances of an agent.
 * The owner of a task runs it and alone says how it stands; each change of owner gets a higher fence, and what is written
 * with a lower one is refused, so that an owner that was paused and superseded ends nothing. What clients say (answers,
 * a cancellation) anybody may write: the owner is woken and reads it.
 */
import type { InputRequest, Outcome, TaskSpec, TaskState } from './task.ts'
import type { ProgressNote } from '../../core/model/chunk.ts'

export interface StoredTask {
  spec: TaskSpec
  state: TaskState
  /** Instance; empty where nobody owns it. */
  owner: string
  fence: number
}

/** What the owner writes; a task that has ended stays as it is. */
export interface TaskChange {
  status?: 'completed' | 'failed'
  message?: string
  progress?: ProgressNote
  outcome?: Outcome
  /** Asks the client. */
  ask?: { key: string; request: InputRequest }
  /** Takes a request, answered or not, away. */
  drop?: string
}

export interface Taken {
  fence: number
  args: string | undefined
}

/** ended: it was cancelled, or superseded; missing: the store knows nothing of it. */
export type Written = 'kept' | 'ended' | 'missing'

export interface NewTask {
  id: string
  spec: TaskSpec
  owner: string
  fence: number
  /** JSON text, for another owner to run it again; undefined where none may. */
  args: string | undefined
}

/** Each may reject with StoreLost. */
export interface TaskStore {
  /** Whether another instance can read it. */
  readonly isShared: boolean
  /** By which task ids are sealed, 32 bytes, the same for all that share the store. */
  key(): Promise<Buffer>
  /** Whoever asks for it from then on finds it. Throws MESH_TASK_LIMIT. */
  create(task: NewTask): Promise<void>
  /** Undefined where there is none, or its ttl is over. */
  read(id: string): Promise<StoredTask | undefined>
  write(id: string, fence: number, change: TaskChange): Promise<Written>
  /** Ends a task that works as cancelled; true where this was what ended it. Its owner is woken. */
  cancel(id: string, message: string): Promise<boolean>
  /** Keeps answers to open requests, the first to each, and wakes the owner. */
  answer(id: string, answers: ReadonlyMap<string, unknown>): Promise<void>
  /** The answers that its owner has not dropped yet. */
  answers(id: string): Promise<ReadonlyMap<string, unknown>>
  /** The next who looks may own it. */
  release(id: string, fence: number): Promise<void>
  /** Makes `me` the owner where the fence is still this one and the task works. */
  take(id: string, fence: number, me: string): Promise<Taken | undefined>
  /** Owner by id of the tasks that work; those that have ended may be among them. */
  working(): Promise<ReadonlyMap<string, string>>
  /** Takes a task that does not work any more out of `working`. */
  forget(id: string): Promise<void>
  /** Whether the instance has given a sign of life within the last seconds. */
  isAlive(instance: string): Promise<boolean>
  /** Called with the id of a task of this instance to which a client said something here, or as `listen` finds out. */
  onWake(listener: (id: string) => void): void
  /** Asks what clients said to other instances. */
  listen(): Promise<void>
  /** `changed` hears of each task that stands otherwise than before, `resumed` when some of them may have been missed. Once. */
  onChange(changed: (id: string) => void, resumed: () => void): void
  /** Called when it answers again after it was lost. */
  onBack(listener: () => void): void
  close(): Promise<void>
}
