/**
 * Where an agent remembers the sessions of older clients: in the Redis that its instances share, else in its process. Nothing is
 * connected before the first of them comes.
 */
import type { Agent } from '../../core/model/agent.ts'
import { messageOf } from '../../core/model/error.ts'
import { createSealing } from '../mcp/sealing.ts'
import type { McpOptions } from '../mcp/serve.ts'
import type { Environment } from '../secrets.ts'
import { openRedisOf, redisUrlOf } from '../sessions/open-store.ts'
import type { Log } from '../telemetry/log.ts'
import { memoryClientStore } from './memory-store.ts'
import type { ClientStore } from './store.ts'

export interface ClientsOfAgent {
  agent: Agent
  env: Environment
  instance: string
  /** The URL of this instance, once it serves. */
  endpoint: () => string
  /** What callers present, resolved. */
  bearer: string | undefined
  /** `spec.seal`, resolved. */
  secret: string | undefined
  log: Log
}

export interface Clients {
  answering: Pick<McpOptions, 'owned' | 'sealer' | 'instance' | 'clients' | 'log'>
  /** Tells the other instances that a resource is another. */
  updated: (uri: string) => void
  close(): Promise<void>
}

/** Throws MESH_SECRET_MISSING where Redis is wanted and not named. */
export function openClients(options: ClientsOfAgent): Clients {
  const { agent, env, instance, endpoint, bearer, secret, log } = options
  const isShared = redisUrlOf(agent, env) !== undefined
  let opening: Promise<ClientStore> | undefined
  async function open(): Promise<ClientStore> {
    const link = isShared ? await openRedisOf(agent, { env, log }) : undefined
    if (!link) return memoryClientStore()
    const { redisClientStore } = await import('./redis-store.ts')
    const named = { agent: `${agent.namespace}/${agent.name}`, instance, place: endpoint() }
    return redisClientStore(link, named)
  }
  const store = () => (opening ??= open())
  async function key(): Promise<Buffer> {
    const found = await (await store()).key?.()
    if (!found) throw new Error('a shared store has a key')
    return found
  }
  const tell = async (uri: string) => (await store()).tell({ kind: 'updated', uri })
  return {
    answering: {
      owned: { agent: `${agent.namespace}/${agent.name}`, principal: bearer },
      sealer: createSealing({ secret, shared: isShared ? key : undefined, env, log }),
      ...{ instance, clients: store, log },
    },
    updated(uri) {
      if (!isShared) return
      tell(uri).catch((error: unknown) => {
        const why = { uri, error: messageOf(error) }
        log.warn('the other instances do not hear that a resource has changed', why)
      })
    },
    close: async () => (await opening?.catch(() => undefined))?.close(),
  }
}
