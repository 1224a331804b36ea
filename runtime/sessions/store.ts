/**
 * Where sessions are kept, as a port with two implementations: memory for one process, Redis for all instances of an agent.
 * Who owns a session may write it; each change of owner gets a higher fence (a fencing token, as in Kleppmann, How to do
 * distributed locking, 2016), and a write with a lower one is refused, so that an owner that was paused and superseded
 * can't overwrite its successor.
 */
import type { LatencyHistogram } from '../proxy/latency-histogram.ts'

/** An instance as others reach it. */
export interface Owner {
  instance: string
  /** URL of its MCP endpoint. */
  url: string
}

/** What is kept of a session: texts by name; what the names mean is for the session to say (session.ts). */
export type Fields = ReadonlyMap<string, string>

/** Undefined takes a field away. */
export type Changes = ReadonlyMap<string, string | undefined>

export type Opened =
  | { kind: 'owned'; fence: number; fields: Map<string, string> }
  | { kind: 'elsewhere'; owner: Owner; fence: number }
  /** Nobody called it for its ttl, or it has ended. */
  | { kind: 'missing'; hasEnded: boolean }
  /** The store has just lost what it held, and the owner may be about to put it back. */
  | { kind: 'settling' }

export interface OpenRequest {
  id: string
  me: Owner
  ttlMs: number
  /** Begins the session where there is none. */
  create: boolean
  /** Takes it from its owner where the fence is still this one. */
  takeOver?: number | undefined
}

export interface SaveRequest {
  id: string
  me: Owner
  fence: number
  ttlMs: number
  changes: Changes
  /** All fields with the changes: for a store that has lost what it held. */
  all: Fields
  /** When the store last said that the session is this instance's, in milliseconds of `performance.now()`. */
  heldSince: number
  /** False where the session has expired by this instance's own clock: then nothing is put back. */
  mayRestore: boolean
}

/**
 * `restored`: the store had lost it and was given it back; whether another owner does the same with a newer state is known
 * when it has `settled`. `moved`: another instance owns it.
 */
export type Saved = 'kept' | 'restored' | 'moved' | 'missing' | 'ended'

/** Each operation may reject with StoreLost. */
export interface SessionStore {
  /** Whether other instances of the agent find the sessions. */
  readonly isShared: boolean
  /** Time of its answers, and how often there was none; undefined for one that needs no time. */
  readonly figures: StoreFigures | undefined
  /** By which handles are sealed, 32 bytes, the same for all that share the store. */
  key(): Promise<Buffer>
  open(request: OpenRequest): Promise<Opened>
  /** Keeps the changes, and the session for another ttl. */
  save(request: SaveRequest): Promise<Saved>
  /** Resolves when every owner that lives has put back what the store had lost. */
  settled(): Promise<void>
  /** The state as it is, for calls that own nothing; undefined where there is none. */
  read(id: string): Promise<Map<string, string> | undefined>
  /** Writes without owning; false where there is no such session. */
  write(request: Pick<SaveRequest, 'id' | 'ttlMs' | 'changes'>): Promise<boolean>
  /** The next who asks may own it at once. */
  release(id: string, me: Owner, fence: number): Promise<void>
  end(id: string, me: Owner, fence: number | undefined): Promise<void>
  /** Whether nobody can have taken a session over that was this instance's at that time (`performance.now()`). */
  isSure(since: number): boolean
  /** Whether the instance has given a sign of life lately. */
  isAlive(instance: string): Promise<boolean>
  /** It was found gone: where it lives nevertheless, it learns by its next sign of life to ask whose its sessions are. */
  disown(instance: string): Promise<void>
  /** Called when it answers again after it was lost, or has lost what it held. */
  onBack(listener: () => void): void
  close(): Promise<void>
}

export interface StoreFigures {
  /** Of the operations that were answered. */
  readonly latency: LatencyHistogram
  /** Operations without an answer. */
  lost: number
}

/** The store does not answer: the message says how. Whether a write took effect is not known. */
export class StoreLost extends Error {}
