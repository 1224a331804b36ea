/** The one mapping between rows and the model. PostgreSQL gives bigints as text, SQLite as numbers. */
import type { Manifest } from '../../model/manifest.ts'
import type { StoredAgent, StoredRevision } from './store.ts'

export interface AgentRow {
  namespace: string
  name: string
  generation: number
  revision: number | string
  digest: string
  /** JSON. */
  manifest: string
}

export interface RevisionRow extends AgentRow {
  origin: StoredRevision['origin']
  at: string
  from_generation: number | null
}

export interface CounterRow {
  name: string
  value: number | string
}

export interface DeletionRow {
  change: number
  kind: string
  key: string
  why: string
  writer: string
}

export function agentFromRow(row: AgentRow): StoredAgent {
  return {
    ...row,
    revision: Number(row.revision),
    manifest: JSON.parse(row.manifest) as Manifest, // checked before it was written
  }
}

export function rowFromAgent(agent: StoredAgent): AgentRow {
  const { namespace, name, generation, revision, digest, manifest } = agent
  return { namespace, name, generation, revision, digest, manifest: JSON.stringify(manifest) }
}

export function revisionFromRow(row: RevisionRow): StoredRevision {
  const { origin, at, from_generation: from, ...agent } = row
  return { ...agentFromRow(agent), origin, at, from: from ?? undefined }
}

export function rowFromRevision(revision: StoredRevision): RevisionRow {
  const { origin, at, from } = revision
  return { ...rowFromAgent(revision), origin, at, from_generation: from ?? null }
}
