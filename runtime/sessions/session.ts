/**
 * A session as its owner holds it in memory, and as one call of a handler sees it: what the call sets is its own until it has
 * succeeded, and then it is written in one step. Values are kept as JSON, so that nothing which a handler holds on to
 * changes them.
 */
import { MeshError } from '../../core/model/error.ts'
import type { HandlerSession } from '../handler.ts'
import { jsonOf } from '../proxy/values.ts'
import type { Changes } from './store.ts'

/** What all values of a session may hold, as JSON text. */
const mostCharacters = 1024 * 1024

export class HeldSession {
  readonly id: string
  readonly handle: string
  readonly values: Map<string, string>
  readonly ttlMs: number
  fence: number
  /** In milliseconds of `performance.now()`. */
  expiresAt: number
  /** When the store was told last that it is in use, the same clock. */
  touchedAt: number
  /** Calls that run or wait. */
  calls = 0
  /** Set when it has ended, or another instance has it: calls that wait look again. */
  isLost = false
  /** What the store has not taken yet, where it may be away for a while. */
  readonly unsaved = new Map<string, string | undefined>()
  #last: Promise<void> = Promise.resolve()

  constructor(
    { id, handle }: { id: string; handle: string },
    { values, fence, ttlMs }: { values: Map<string, string>; fence: number; ttlMs: number },
  ) {
    this.id = id
    this.handle = handle
    this.values = values
    this.fence = fence
    this.ttlMs = ttlMs
    this.touchedAt = performance.now()
    this.expiresAt = this.touchedAt + ttlMs
  }

  /** Resolves when those before have ended, to what ends the turn. */
  async turn(): Promise<() => void> {
    const before = this.#last
    let end: () => void = () => undefined
    this.#last = new Promise(resolve => (end = resolve))
    await before
    return end
  }

  touch(): void {
    this.touchedAt = performance.now()
    this.expiresAt = this.touchedAt + this.ttlMs
  }

  take(changes: Changes): void {
    for (const [name, text] of changes) {
      if (text === undefined) this.values.delete(name)
      else this.values.set(name, text)
    }
  }
}

/** The session in the context of one call. */
export class SessionOfCall implements HandlerSession {
  readonly changes = new Map<string, string | undefined>()
  hasEnded = false
  readonly #session: HeldSession

  constructor(session: HeldSession) {
    this.#session = session
  }

  get id(): string {
    return this.#session.handle
  }

  get expiresAt(): number {
    return Math.round(Date.now() + this.#session.ttlMs)
  }

  get(key: string): unknown {
    const text = this.changes.has(key) ? this.changes.get(key) : this.#session.values.get(key)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) return this.delete(key)
    const text = jsonOf(value)
    this.changes.set(key, text)
    const kept = new Map([...this.#session.values, ...this.changes])
    let characters = 0
    for (const [name, other] of kept) characters += name.length + (other?.length ?? 0)
    if (characters <= mostCharacters) return
    this.changes.delete(key)
    throw new MeshError(
      'MESH_SESSION_TOO_LARGE',
      `with "${key.slice(0, 64)}" the session would hold ${characters} characters of JSON, more than ${mostCharacters}`,
    )
  }

  delete(key: string): void {
    this.changes.set(key, undefined)
  }

  end(): void {
    this.hasEnded = true
  }
}
