/** The store that the manifest and the environment ask for. The client of Redis is loaded only where it is wanted. */
import type { Agent } from '../../core/model/agent.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import { memoryStore } from './memory-store.ts'
import type { RedisLink } from './redis-link.ts'
import type { SessionStore } from './store.ts'

/** Throws what `openRedisOf` does. */
export async function openSessionStore(
  agent: Agent,
  { env, instance, log }: { env: Environment; instance: string; log: Log },
): Promise<SessionStore> {
  const link = await openRedisOf(agent, { env, log })
  if (!link) {
    log.info('sessions are kept in the memory of this process and end with it', {
      mend: 'set REDIS_URL for sessions that all instances share',
    })
    return memoryStore()
  }
  const { redisStore } = await import('./redis-store.ts')
  return redisStore(link, { agent: `${agent.namespace}/${agent.name}`, instance })
}

/**
 * A link to the Redis that the agent's instances share; undefined where they share none. Throws MESH_SECRET_MISSING where Redis
 * is wanted and not named, MESH_FIELD_INVALID where its address is none.
 */
export async function openRedisOf(
  agent: Agent,
  { env, log }: { env: Environment; log: Log },
): Promise<RedisLink | undefined> {
  const url = redisUrlOf(agent, env)
  return url === undefined ? undefined : (await import('./redis-link.ts')).openRedis(url, log)
}

/** Undefined for memory. Throws MESH_SECRET_MISSING where Redis is wanted and not named. */
export function redisUrlOf(agent: Agent, env: Environment): string | undefined {
  const { store } = agent.session
  const url = env['REDIS_URL']
  if (store === 'redis' && !url) {
    const found = 'spec.session.store is redis, but REDIS_URL is not set'
    throw new MeshError(
      'MESH_SECRET_MISSING',
      found,
      'set REDIS_URL to redis://host:6379, or write store: memory',
    )
  }
  return url && store !== 'memory' ? url : undefined
}
