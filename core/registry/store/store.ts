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

/** One generation of an agent as it was wanted; `from` is the generation that a rollback took up again. */
export interface StoredRevision extends StoredAgent {
  origin: 'announced' | 'applied' | 'rollback'
  /** ISO 8601. */
  at: string
  from: number | undefined
}

/** Generations that are kept of each agent, the current one among them. */
export const KEPT_REVISIONS = 50

export interface Store {
  /** All applied manifests. */
  load(): Promise<StoredAgent[]>
  /**
   * The last of `revisions` becomes the stored agent, all of them its history; durable when it resolves. Throws
   * MESH_GENERATION_CONFLICT where the stored generation is not `expected` (0: none is stored).
   */
  save(revisions: readonly StoredRevision[], expected: number): Promise<void>
  /** The history that is kept of an agent, oldest first. */
  history(namespace: string, name: string): Promise<StoredRevision[]>
  /** The agent and its history. */
  delete(namespace: string, name: string): Promise<void>
  /** Gives the first of `count` revisions that nobody else is given, above all that were. */
  reserveRevisions(count: number): Promise<number>
  /** Resolves when the store answers; every method throws MESH_STORE_UNAVAILABLE when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}
