/**
 * What outlives the registry's process: applied manifests and the revisions handed out. Everything that is observed
 * (instances, leases, resolutions) lives in memory and comes back by itself, as agents announce themselves again. Where
 * several registries may share the store, they tell each other through it what they observe (`shared`).
 */
import type { Manifest } from '../../model/manifest.ts'
import type { SharedStore } from './shared-store.ts'

export interface StoredAgent {
  namespace: string
  name: string
  generation: number
  revision: number
  digest: string
  manifest: Manifest
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
   * The last of `revisions` becomes the stored agent, all of them its history; durable when it resolves. Gives back the
   * revision that the last one got: above `after` and above all that were given, in the order in which changes become visible.
   * Throws MESH_GENERATION_CONFLICT where the stored generation is not `expected` (0: none is stored).
   */
  save(
    revisions: readonly StoredRevision[],
    options: { expected: number; after: number },
  ): Promise<number>
  /** The history that is kept of an agent, oldest first. */
  history(namespace: string, name: string): Promise<StoredRevision[]>
  /** The agent and its history; unknown ones are no error. Gives back the revision of the deletion. */
  delete(namespace: string, name: string, after: number): Promise<number>
  /** Gives the first of `count` revisions that nobody else is given, above all that were. */
  reserveRevisions(count: number): Promise<number>
  /** Resolves when the store answers; every method throws MESH_STORE_UNAVAILABLE when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
  /** What is between several registries over this store; undefined where there can be only one. */
  readonly shared: SharedStore | undefined
}
