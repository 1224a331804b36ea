/** The one mapping between rows and the model. PostgreSQL gives bigints as text, SQLite as numbers. */
import type { AgentManifest } from '../../model/generated/manifest.ts'
import type { StoredAgent } from './store.ts'

export interface AgentRow {
  namespace: string
  name: string
  generation: number
  revision: number | string
  digest: string
  /** JSON. */
  manifest: string
}

export interface CounterRow {
  name: string
  value: number | string
}

export function agentFromRow(row: AgentRow): StoredAgent {
  return {
    ...row,
    revision: Number(row.revision),
    manifest: JSON.parse(row.manifest) as AgentManifest, // checked before it was written
  }
}

export function rowFromAgent(agent: StoredAgent): AgentRow {
  return { ...agent, manifest: JSON.stringify(agent.manifest) }
}
