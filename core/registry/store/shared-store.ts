/**
 * What several registries over one store tell each other. Each writes what it judges itself: the instances that announced
 * themselves at it. Every change has a number, and becomes visible in the order of numbers; so whoever has read up to one
 * knows all up to it.
 */
import type { Manifest } from '../../model/manifest.ts'
import type { InstanceState } from '../../model/registry-api.ts'
import type { StoredAgent } from './store.ts'

/** An instance as one registry judges it and the others take it. */
export interface SharedInstance {
  id: string
  namespace: string
  agent: string
  digest: string
  endpoint: string
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  state: InstanceState
  observedGeneration: number
  drift: { generation: number; reason: string } | undefined
  unhealthy: { reason: string } | undefined
  isDeleted: boolean
}

/** What is wanted of an agent that was only announced. */
export interface SharedAnnounced {
  namespace: string
  name: string
  generation: number
  digest: string
  /** ISO 8601. */
  at: string
}

/** `left`: it said goodbye, or its agent was deleted; `gone`: it was judged dead. */
export type DeletionReason = 'left' | 'gone' | 'deleted'

export type Change = { change: number } & (
  | { kind: 'agent'; agent: StoredAgent }
  | { kind: 'announced'; announced: SharedAnnounced }
  | { kind: 'instance'; instance: SharedInstance; owner: string }
  | { kind: 'deletion'; of: 'agent' | 'instance'; key: string; why: DeletionReason }
)

export interface Changes {
  /** In their order. */
  items: Change[]
  /** All up to this number were read. */
  newest: number
  /** Deletions behind the number that was asked for are not kept any more: `items` is all that there is. */
  isWhole: boolean
}

export interface ManifestKey {
  namespace: string
  name: string
  digest: string
}

/** What one registry has to say at once. */
export interface Batch {
  /** Numbers are above this one. */
  after: number
  /** From now on this registry judges them, whoever did before. */
  claims: SharedInstance[]
  /** Written only while this registry judges them. */
  updates: SharedInstance[]
  /** Picked no more, whoever judges them. */
  drains: string[]
  /** Forced: whoever judges them. */
  removals: { id: string; why: DeletionReason; isForced: boolean }[]
  /** Written where nobody has announced this generation before. */
  announced: SharedAnnounced[]
  /** Of a claimed instance, where the store does not have it. */
  manifestOf(this: void, key: ManifestKey): Manifest | undefined
}

export interface Replica {
  id: string
  isSettled: boolean
  /** Milliseconds that are left of its last beat; below 0 it is over. By the clock of the store. */
  leftMs: number
}

/** A connection on which news come at once, made anew by itself when it breaks. */
export interface Link {
  /** False while the store does not answer on it. */
  readonly isUp: boolean
  close(): Promise<void>
}

export interface LinkOptions {
  beatMs: number
  /** A beat counts for this long. */
  ttlMs: number
  /** Told to the others with each beat. */
  isSettled(this: void): boolean
  /** Ids of instances whose lease was renewed here and is judged elsewhere; sent with the beat. */
  takeRenewals(this: void): string[]
  /** After each beat, the first of a new connection among them. */
  onBeat(this: void, beat: { replicas: Replica[]; newest: number }): void
  /** Another registry has changed something. */
  onChange(this: void): void
  onRenewals(this: void, ids: string[]): void
  /** The connection broke, or none can be made; told once, and not for every try. */
  onDown(this: void, error: unknown): void
}

/** Every method throws MESH_STORE_UNAVAILABLE when the store does not answer. */
export interface SharedStore {
  /** Of this registry, another one with each start. */
  readonly id: string
  /** What others wrote behind `after`; everything with 0. */
  changesAfter(after: number): Promise<Changes>
  manifests(keys: readonly ManifestKey[]): Promise<(ManifestKey & { manifest: Manifest })[]>
  /** One transaction; the others are told. */
  write(batch: Batch): Promise<void>
  /** Instances of a registry whose beats are over, and the registry; nothing where it beats again. */
  removeReplica(id: string, after: number): Promise<void>
  /** Deletions older than this many seconds are not kept. */
  trim(seconds: number): Promise<void>
  connect(options: LinkOptions): Link
}
