/** The sessions of an agent, wired from their parts; nothing of it is loaded for an agent that has none. */
import type { Agent } from '../../core/model/agent.ts'
import { createPools } from '../proxy/pools.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import type { Sessions } from './sessions.ts'

export interface SessionsOfAgent {
  agent: Agent
  env: Environment
  instance: string
  /** What callers present, resolved. */
  bearer: string | undefined
  /** This instance's MCP endpoint, once it serves. */
  endpoint: () => string
  log: Log
}

/** Undefined for an agent whose tools have no sessions. Throws what keeps its store from being opened. */
export async function openSessions(options: SessionsOfAgent): Promise<Sessions | undefined> {
  const { agent, env, instance, bearer, endpoint, log } = options
  if (!agent.tools.some(tool => tool.session)) return undefined
  const [{ openSessionStore }, { createSessions }] = await Promise.all([
    import('./open-store.ts'),
    import('./sessions.ts'),
  ])
  const store = await openSessionStore(agent, { env, instance, log })
  const pools = createPools()
  const sessions = createSessions({
    ...{ store, log, onStoreLoss: agent.session.onStoreLoss },
    holder: { agent: `${agent.namespace}/${agent.name}`, principal: bearer },
    me: () => ({ instance, url: endpoint() }),
    forwarding: { pools, instance, bearer },
  })
  return {
    wrap: sessions.wrap,
    drain: sessions.drain,
    list: sessions.list,
    get figures() {
      return sessions.figures
    },
    async close() {
      await sessions.close()
      pools.destroy()
    },
  }
}
