/** Rows of what registries tell each other, and what they mean. */
import type { Manifest } from '../../model/manifest.ts'
import type { InstanceState } from '../../model/registry-api.ts'
import { agentFromRow, type AgentRow } from './rows.ts'
import type { Change, DeletionReason, SharedInstance } from './shared-store.ts'

export interface InstanceRow {
  id: string
  namespace: string
  agent: string
  digest: string
  endpoint: string
  pid: number
  host: string
  since: string
  state: string
  observed_generation: number
  drift_generation: number | null
  drift_reason: string | null
  unhealthy: string | null
  is_deleted: boolean
  owner: string
  writer: string
  change: number
}

export interface ManifestRow {
  namespace: string
  name: string
  digest: string
  /** JSON. */
  manifest: string
}

/** One row of the reading of all changes: `body` is that of its table. */
export type ChangeRow = { change: string } & (
  | { kind: 'agent'; body: AgentRow }
  | {
      kind: 'announced'
      body: { namespace: string; name: string; generation: number; digest: string; at: string }
    }
  | { kind: 'instance'; body: InstanceRow }
  | { kind: 'deletion'; body: { kind: 'agent' | 'instance'; key: string; why: DeletionReason } }
)

export function rowFromInstance(
  instance: SharedInstance,
  { owner, change }: { owner: string; change: number },
): InstanceRow {
  const { observedGeneration, drift, unhealthy, isDeleted, ...same } = instance
  return {
    ...same,
    observed_generation: observedGeneration,
    drift_generation: drift?.generation ?? null,
    drift_reason: drift?.reason ?? null,
    unhealthy: unhealthy?.reason ?? null,
    is_deleted: isDeleted,
    ...{ owner, writer: owner, change },
  }
}

export function changeFromRow(row: ChangeRow): Change {
  const change = Number(row.change)
  if (row.kind === 'agent') return { change, kind: 'agent', agent: agentFromRow(row.body) }
  if (row.kind === 'announced') {
    const { namespace, name, generation, digest, at } = row.body
    return { change, kind: 'announced', announced: { namespace, name, generation, digest, at } }
  }
  if (row.kind === 'deletion') {
    const { kind: of, key, why } = row.body
    return { change, kind: 'deletion', of, key, why }
  }
  return { change, kind: 'instance', instance: instanceFromRow(row.body), owner: row.body.owner }
}

function instanceFromRow(row: InstanceRow): SharedInstance {
  const { id, namespace, agent, digest, endpoint, pid, host, since } = row
  const { drift_generation: generation, drift_reason: reason } = row
  return {
    ...{ id, namespace, agent, digest, endpoint, pid, host, since },
    state: row.state as InstanceState,
    observedGeneration: row.observed_generation,
    drift: generation === null ? undefined : { generation, reason: reason ?? '' },
    unhealthy: row.unhealthy === null ? undefined : { reason: row.unhealthy },
    isDeleted: row.is_deleted,
  }
}

export function manifestFromRow({ namespace, name, digest, manifest }: ManifestRow) {
  return { namespace, name, digest, manifest: JSON.parse(manifest) as Manifest } // checked before it was written
}
