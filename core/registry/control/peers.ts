/**
 * The other registries over the same store. With one of its own (SQLite, memory) a registry is alone, and none of this costs
 * anything; over PostgreSQL see replication.ts.
 */
import type { Manifest } from '../../model/manifest.ts'
import type { Serving } from './mesh-index.ts'

/**
 * What happened to an instance here: it announced itself, is in another state, was asked to drain, said goodbye, or was judged
 * dead.
 */
export type InstanceNews = 'claim' | 'update' | 'drain' | 'left' | 'gone'

export interface Peers {
  /** Written with the next batch, as the instance is by then. */
  tell(this: void, id: string, news: InstanceNews): void
  /** An announced manifest became what is wanted of the agent. */
  tellAnnounced(this: void, key: string): void
  /** The manifest behind what an instance serves: the others may have to be told. */
  remember(this: void, serving: Serving, manifest: Manifest): void
  /** Resolves when all that the others had committed before is known here. Throws MESH_STORE_UNAVAILABLE. */
  catchUp(this: void): Promise<void>
  /**
   * Renews the lease of an instance that is judged elsewhere; false when nobody knows it, or nobody judges it any more. Throws
   * MESH_STORE_UNAVAILABLE where that cannot be known.
   */
  renew(this: void, id: string): Promise<boolean>
  /** False while nothing can be heard of the others. */
  readonly isUp: boolean
  close(this: void): Promise<void>
}

export const alone: Peers = {
  tell: () => undefined,
  tellAnnounced: () => undefined,
  remember: () => undefined,
  catchUp: () => Promise.resolve(),
  renew: () => Promise.resolve(false),
  isUp: true,
  close: () => Promise.resolve(),
}
