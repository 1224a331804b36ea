/**
 * Task ids as clients of a gateway have them: the agent's own, sealed with the agent and the instance that it leads back to. So no
 * gateway keeps a table of tasks, and each that seals with the same secret and knows its callers by the same token takes
 * what another has given out. Which agent is asked is never for a client to say.
 */
import type { Sealer } from '../mcp/seal.ts'
import type { Owned } from '../mcp/legacy-sessions.ts'
import { isRecord } from './record.ts'

/** What clients ask with a handle. */
export const taskMethods = ['tasks/get', 'tasks/update', 'tasks/cancel'] as const
export type TaskMethod = (typeof taskMethods)[number]

/** Under it the arguments of such a call, which are not sent, name the instance that is asked first. */
export const instanceArgument = 'instance'

/** What a task id of an agent leads to. */
export interface TaskPlace {
  /** Of its agent, `namespace/name`. */
  key: string
  /** That which gave it out: without a store that instances share, it alone knows the task. */
  instance: string
  /** As the agent calls it. */
  taskId: string
}

export interface GatewayTaskIds {
  /** Good for so long, in milliseconds. */
  seal(place: TaskPlace, ttlMs: number): Promise<string>
  /** Undefined for what was not given out to such a caller, and what is over. */
  open(taskId: unknown): Promise<TaskPlace | undefined>
}

export function createGatewayTaskIds(
  { principal }: Pick<Owned, 'principal'>,
  sealer: () => Promise<Sealer>,
): GatewayTaskIds {
  const purpose = JSON.stringify(['task of a gateway', principal ?? null])
  return {
    async seal({ key, instance, taskId }, ttlMs) {
      return (await sealer()).seal(JSON.stringify([key, instance, taskId]), purpose, ttlMs)
    },
    async open(sealed) {
      const text = typeof sealed === 'string' ? (await sealer()).open(sealed, purpose) : undefined
      if (text === undefined) return undefined
      const [key, instance, taskId] = JSON.parse(text) as [string, string, string] // we wrote it
      return { key, instance, taskId }
    },
  }
}

/** No handle is longer. */
const mostBytes = 1024 * 1024

/** The handle in the answer to a call, with its message; undefined for every other answer. */
export function handleIn(bytes: Buffer) {
  if (bytes.length > mostBytes || !bytes.includes('"task"')) return undefined
  const message: unknown = JSON.parse(bytes.toString('utf8'))
  const result = isRecord(message) ? message['result'] : undefined
  return isRecord(message) && isHandle(result) ? { message, result } : undefined
}

/** CreateTaskResult of MCP. */
export interface Handle extends Record<string, unknown> {
  taskId: string
}

export function isHandle(result: unknown): result is Handle {
  return isRecord(result) && result['resultType'] === 'task' && typeof result['taskId'] === 'string'
}
