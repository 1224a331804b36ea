/** The tasks of an agent, wired from their parts; nothing of it is loaded for an agent that has none. */
import type { Agent } from '../../core/model/agent.ts'
import type { Invoke } from '../mcp/invoke.ts'
import type { Tools } from '../mcp/tools.ts'
import { openRedisOf } from '../sessions/open-store.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import type { Tasks } from './tasks.ts'

export interface TasksOfAgent {
  agent: Agent
  env: Environment
  instance: string
  /** What callers present, resolved. */
  bearer: string | undefined
  invoke: Invoke
  /** What is served now. */
  served: () => { readonly tools: Tools }
  log: Log
}

/** Undefined for an agent whose tools are no tasks. Throws what keeps its store from being opened. */
export async function openTasks(options: TasksOfAgent): Promise<Tasks | undefined> {
  const { agent, env, instance, bearer, served, log } = options
  if (!agent.tools.some(tool => tool.task)) return undefined
  const name = `${agent.namespace}/${agent.name}`
  const [{ createTasks }, link] = await Promise.all([
    import('./tasks.ts'),
    openRedisOf(agent, { env, log }),
  ])
  const store = link
    ? (await import('./redis-store.ts')).redisTaskStore({ link, agent: name, instance })
    : (await import('./memory-store.ts')).memoryTaskStore()
  if (!link) {
    log.info('tasks are kept in the memory of this process and end with it', {
      mend: 'set REDIS_URL for tasks that all instances share',
    })
  }
  const tools = () => served().tools.byName
  return createTasks({ ...options, tools, store, holder: { agent: name, principal: bearer } })
}
