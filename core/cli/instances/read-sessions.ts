/** Asks the instances of agents whose tools have sessions which ones they own: nobody else knows, the registry least of all. */
import { formatDuration } from '../../model/duration.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { mostInMemory, type SessionList } from '../../model/session-list.ts'
import { instancesOf, type InstanceRow } from '../agents/agents-view.ts'
import type { Context } from '../command.ts'
import type { Column } from '../output/output.ts'
import { askInstance } from './scrape.ts'

const patienceMs = 2_000

type Session = SessionList['items'][number]

export interface SessionRow extends Session {
  agent: string
  namespace: string
  /** The instance that owns it. */
  owner: string
  store: SessionList['store']
}

/** What one instance says of its sessions, or why it says nothing. */
export interface SessionsOfInstance extends Pick<InstanceRow, 'id' | 'agent' | 'namespace'> {
  list?: SessionList
  error?: MeshError
}

export async function readSessions(
  agents: readonly AgentResource[],
  { env }: Pick<Context, 'env'>,
): Promise<SessionsOfInstance[]> {
  const holders = agents.filter(hasSessions)
  if (holders.length === 0) return []
  const { Agent } = await import('undici')
  const dispatcher = new Agent({ connectTimeout: patienceMs })
  const ask = async (row: InstanceRow): Promise<SessionsOfInstance> => {
    const { id, agent, namespace, endpoint } = row
    try {
      const asked = { endpoint, token: env.MESH_TOKEN, timeoutMs: patienceMs, dispatcher }
      const text = await askInstance('/sessions', asked)
      return { id, agent, namespace, list: JSON.parse(text) as SessionList }
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      return { id, agent, namespace, error }
    }
  }
  try {
    return await Promise.all(instancesOf(holders).map(ask))
  } finally {
    await dispatcher.destroy()
  }
}

export function sessionRows(found: readonly SessionsOfInstance[]): SessionRow[] {
  return found.flatMap(({ id: owner, agent, namespace, list }) =>
    (list?.items ?? []).map(item => ({
      ...item,
      ...{ agent, namespace, owner, store: list?.store ?? 'memory' },
    })),
  )
}

/** Those that could not be asked, a line each. */
export function silentOf(found: readonly SessionsOfInstance[]): string[] {
  return found.flatMap(({ id, error }) =>
    error ? [`${id} cannot be asked: ${error.message}`] : [],
  )
}

export const sessionColumns: readonly Column<SessionRow>[] = [
  { head: 'ID', of: row => row.id },
  { head: 'NAMESPACE', of: row => row.namespace, wide: true },
  { head: 'AGENT', of: row => row.agent },
  { head: 'OWNER', of: row => row.owner },
  { head: 'IDLE', of: row => formatDuration(row.idleMs) },
  { head: 'EXPIRES', of: row => `in ${leftOf(row)}` },
  { head: 'CALLS', of: row => String(row.calls) },
  { head: 'STORE', of: row => row.store, wide: true },
  { head: 'SIZE', of: row => `${row.characters}`, wide: true },
]

export function leftOf({ expiresAt }: Session): string {
  return formatDuration(
    Math.max(0, Math.round((Date.parse(expiresAt) - Date.now()) / 1_000) * 1_000),
  )
}

/** A row of `meshctl status`. */
export const holderColumns: readonly Column<SessionsOfInstance>[] = [
  { head: 'INSTANCE', of: row => row.id },
  { head: 'LIVE', of: row => (row.list ? String(row.list.items.length) : '') },
  { head: 'STORE', of: row => row.list?.store ?? '' },
  {
    head: 'NOTE',
    of: row =>
      row.error
        ? `cannot be asked: ${row.error.message}`
        : row.list?.store === 'memory'
          ? `end with this process, and no other instance finds them; at most ${mostInMemory}`
          : '',
  },
]

export function hasSessions({ spec }: Pick<AgentResource, 'spec'>): boolean {
  return 'tools' in spec && (spec.tools ?? []).some(tool => tool.session !== undefined)
}
