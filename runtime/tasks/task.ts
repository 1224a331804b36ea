/**
 * A task: one call of a tool that outlives its request. What it is of never changes (`TaskSpec`), how it stands does
 * (`TaskState`), and what MCP shows of the two is `detailed`.
 */
import type { ProgressNote } from '../../core/model/chunk.ts'
import type { Question } from '../mcp/asking.ts'

/** The extension of MCP 2026-07-28 that tasks are. */
export const tasksExtension = 'io.modelcontextprotocol/tasks'
/** Whether a client or a server with these capabilities knows tasks. */
export function declaresTasks(capabilities: unknown): boolean {
  const { extensions } = (capabilities ?? {}) as { extensions?: unknown }
  return typeof extensions === 'object' && extensions !== null && tasksExtension in extensions
}

/** In the `_meta` of a task that works: `{ progress, total?, message? }`, as its handler told it last. */
export const progressKey = 'mcp-mesh.dev/progress'

export type TaskStatus = 'working' | 'completed' | 'failed' | 'cancelled'

export interface TaskSpec {
  tool: string
  /** The `_meta` of its request. */
  meta: Readonly<Record<string, unknown>>
  /** In milliseconds since the epoch. */
  createdAt: number
  /** From `createdAt` on, in milliseconds; until then it is kept. */
  ttlMs: number
  pollIntervalMs: number
  /** When it has to be done, in milliseconds since the epoch. */
  deadline: number
}

/** A question to the client, as elicitation/create or sampling/createMessage. */
export type InputRequest = Pick<Question, 'method' | 'params'>

/** How it ended, as JSON text: the result of the call, or its JSON-RPC error. */
export type Outcome = { result: string } | { error: string }

export interface TaskState {
  status: TaskStatus
  message: string | undefined
  /** In milliseconds since the epoch. */
  updatedAt: number
  progress: ProgressNote | undefined
  /** By key, those that nobody has answered yet. */
  requests: ReadonlyMap<string, InputRequest>
  outcome: Outcome | undefined
}

/** A JSON-RPC error as it stands in a task that failed. */
export interface TaskError {
  code: number
  message: string
  data?: unknown
}

/** As it begins. */
export function seedState({ createdAt }: TaskSpec): TaskState {
  const nothing = { message: undefined, progress: undefined, outcome: undefined }
  return { status: 'working', updatedAt: createdAt, requests: new Map(), ...nothing }
}

/** A task as MCP has it, without what an answer to tasks/get adds. */
export function taskOf(taskId: string, spec: TaskSpec, state: TaskState): Record<string, unknown> {
  const isWaiting = state.status === 'working' && state.requests.size > 0
  return {
    taskId,
    status: isWaiting ? 'input_required' : state.status,
    ...(state.message && { statusMessage: state.message }),
    createdAt: new Date(spec.createdAt).toISOString(),
    lastUpdatedAt: new Date(state.updatedAt).toISOString(),
    ttlMs: spec.ttlMs,
    pollIntervalMs: spec.pollIntervalMs,
  }
}

/** With its result, error or open requests, as tasks/get answers. */
export function detailed(
  taskId: string,
  spec: TaskSpec,
  state: TaskState,
): Record<string, unknown> {
  const { outcome, requests, progress, status } = state
  const task = taskOf(taskId, spec, state)
  if (status === 'working') {
    return {
      ...task,
      ...(requests.size > 0 && { inputRequests: Object.fromEntries(requests) }),
      ...(progress && { _meta: { [progressKey]: progress } }),
    }
  }
  if (!outcome) return task
  return 'result' in outcome
    ? { ...task, result: JSON.parse(outcome.result) as unknown }
    : { ...task, error: JSON.parse(outcome.error) as unknown }
}

/** `42 of 100: rendering`, for people. */
export function progressText({ progress, total, message }: ProgressNote): string {
  const count = total === undefined ? String(progress) : `${progress} of ${total}`
  return message === undefined || message === '' ? count : `${count}: ${message}`
}
