/**
 * What outlives the registry's process: applied manifests and the revisions handed out. Everything that is observed
 * (instances, leases, resolutions) lives in memory and comes back by itself, as agents announce themselves again.
 */
import type { AgentManifest } from '../../model/generated/manifest.ts'

export interface StoredAgent {
  namespace: string
  name: string
  generation: number
  revision: number
  digest: string
  manifest: AgentManifest
}

export interface Store {
  /** All applied manifests. */
  load(): Promise<StoredAgent[]>
  /** Durable when it resolves. Throws MESH_GENERATION_CONFLICT where the stored generation is not `expected` (0: none is stored). */
  save(agent: StoredAgent, expected: number): Promise<void>
  delete(namespace: string, name: string): Promise<void>
  /** Gives the first of `count` revisions that nobody else is given, above all that were. */
  reserveRevisions(count: number): Promise<number>
  /** Resolves when the store answers; every method throws MESH_STORE_UNAVAILABLE when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}
