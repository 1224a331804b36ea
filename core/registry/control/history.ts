/** The generations of an agent that are kept: those of the store, and of an agent that was only announced its one. */
import type { StoredRevision } from '../store/store.ts'
import { agentKey, type Desired } from './desired.ts'
import type { Mesh } from './mesh.ts'

/** Oldest first; empty where the agent is unknown. Throws MESH_STORE_UNAVAILABLE. */
export async function historyOf(
  mesh: Pick<Mesh, 'store' | 'desired'>,
  namespace: string,
  name: string,
): Promise<StoredRevision[]> {
  const desired = mesh.desired.get(agentKey(namespace, name))?.desired
  if (!desired) return []
  if (desired.origin === 'announced') return [revisionOf(desired, { origin: 'announced' })]
  return mesh.store.history(namespace, name)
}

/** A desired manifest as an entry of its history. */
export function revisionOf(
  desired: Desired,
  { origin, from }: { origin: StoredRevision['origin']; from?: number | undefined },
): StoredRevision {
  const { manifest, agent, digest, generation, revision, at } = desired
  const { namespace, name } = agent
  return {
    ...{ namespace, name, generation, revision, digest, manifest, origin, from },
    at: at ?? new Date().toISOString(),
  }
}
