/**
 * Where sessions are kept, as a port with two implementations: memory for one process, Redis for all instances of an agent.
 * Who owns a session may write it; each change of owner gets a higher fence (a fencing token, as in Kleppmann, How to do
 * distributed locking, 2016), and a write with a lower one is refused, so that an owner that was paused and superseded
 * can't overwrite its successor.
 */

/** An instance as others reach it. */
export interface Owner {
  instance: string
  /** URL of its MCP endpoint. */
  url: string
}

export type Opened =
  | { kind: 'owned'; fence: number; values: Map<string, string> }
  | { kind: 'elsewhere'; owner: Owner; fence: number }
  /** Nobody called it for its ttl, or it has ended. */
  | { kind: 'missing'; hasEnded: boolean }

export interface OpenRequest {
  id: string
  me: Owner
  ttlMs: number
  /** Begins the session where there is none. */
  create: boolean
  /** Takes it from its owner where the fence is still this one. */
  takeOver?: number | undefined
}

/** JSON texts by key; undefined takes a key away. */
export type Changes = ReadonlyMap<string, string | undefined>

export interface SaveRequest {
  id: string
  me: Owner
  fence: number
  ttlMs: number
  changes: Changes
  /** All values with the changes: for a store that has lost what it held. */
  all: ReadonlyMap<string, string>
}

/** Each may reject with StoreLost. */
export interface SessionStore {
  /** By which handles are sealed, 32 bytes, the same for all that share the store. */
  key(): Promise<Buffer>
  open(request: OpenRequest): Promise<Opened>
  /** Keeps the changes, and the session for another ttl; false where the fence is not the newest any more. */
  save(request: SaveRequest): Promise<boolean>
  /** The state as it is, for calls that own nothing; undefined where there is none. */
  read(id: string): Promise<Map<string, string> | undefined>
  /** Writes without owning; false where there is no such session. */
  write(request: Pick<SaveRequest, 'id' | 'ttlMs' | 'changes'>): Promise<boolean>
  /** The next who asks may own it at once. */
  release(id: string, fence: number): Promise<void>
  end(id: string, fence: number | undefined): Promise<void>
  /** Whether the instance has given a sign of life within the last three seconds. */
  isAlive(instance: string): Promise<boolean>
  /** Called when it answers again after it was lost. */
  onBack(listener: () => void): void
  close(): Promise<void>
}

/** The store does not answer: the message says how. Whether a write took effect is not known. */
export class StoreLost extends Error {}
