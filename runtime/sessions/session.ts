/**
 * A session as its owner holds it in memory, and as one call of a handler sees it: what the call sets is its own until it has
 * succeeded, and then it is written in one step. Values are kept as JSON, so that nothing which a handler holds on to
 * changes them.
 */
import { MeshError } from '../../core/model/error.ts'
import type { HandlerSession } from '../handler.ts'
import { Turns } from '../proxy/turns.ts'
import { jsonOf } from '../proxy/values.ts'
import { AnsweredCalls } from './answered-calls.ts'
import type { Changes } from './store.ts'

/** What all values of a session may hold, as JSON text. */
const mostCharacters = 1024 * 1024

/** A store is told of a session that is only read when so much of its ttl has passed, and keeps it for so much longer. */
export const touchAfter = 0.1
export const keepMsOf = (ttlMs: number) => Math.ceil(ttlMs * (1 + touchAfter))

/** Before the name of a value, among the fields of a session. */
const valuePrefix = 'v:'

export interface HeldOptions {
  fields: Map<string, string>
  fence: number
  ttlMs: number
  /** Its owner before gave it up, or there was none; false where it was taken from one that was gone. */
  isWhole: boolean
}

export class HeldSession {
  readonly id: string
  readonly handle: string
  readonly fields: Map<string, string>
  /** What callers are told. */
  readonly ttlMs: number
  /** What the store is told. */
  readonly keepMs: number
  readonly fence: number
  readonly answered: AnsweredCalls
  /** In milliseconds of `performance.now()`. */
  expiresAt: number
  /** When the store said last that it is held here, and was told that it is in use; the same clock. */
  touchedAt: number
  /** Calls that run or wait. */
  calls = 0
  /** Set when it has ended, or another instance has it: calls that wait look again. */
  isLost = false
  /** The store had lost it and was given it back: another owner may do so with a newer state until the store has settled. */
  isRestored = false
  /** Its last write that is under way; the next one waits for it (keep-session.ts). */
  writing: Promise<unknown> | undefined
  /** What the store has not taken yet, where it may be away for a while. */
  readonly unsaved = new Map<string, string | undefined>()
  /** Of all values, as `sizeOf` counts. */
  characters: number
  /** Of calls, one at a time. */
  readonly turns = new Turns(1)

  constructor(
    { id, handle }: { id: string; handle: string },
    { fields, fence, ttlMs, isWhole }: HeldOptions,
  ) {
    this.id = id
    this.handle = handle
    this.fields = fields
    this.fence = fence
    this.ttlMs = ttlMs
    this.keepMs = keepMsOf(ttlMs)
    this.answered = new AnsweredCalls(fields, isWhole)
    this.characters = [...fields].reduce((sum, [name, text]) => sum + sizeOf(name, text), 0)
    this.touchedAt = performance.now()
    this.expiresAt = this.touchedAt + this.keepMs
  }

  /** `at` is when the store was asked. */
  touch(at: number): void {
    this.touchedAt = at
    this.expiresAt = at + this.keepMs
  }

  take(changes: Changes): void {
    for (const [name, text] of changes) {
      this.characters += sizeOf(name, text) - sizeOf(name, this.fields.get(name))
      if (text === undefined) this.fields.delete(name)
      else this.fields.set(name, text)
    }
  }
}

/** The session in the context of one call. */
export class SessionOfCall implements HandlerSession {
  /** Of fields. */
  readonly changes = new Map<string, string | undefined>()
  hasEnded = false
  /** What the changes add to the size of the session. */
  #added = 0
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
    const text = this.#textOf(valuePrefix + key)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) return this.delete(key)
    const text = jsonOf(value)
    const name = valuePrefix + key
    const added = this.#added + sizeOf(name, text) - sizeOf(name, this.#textOf(name))
    const characters = this.#session.characters + added
    if (characters <= mostCharacters) {
      this.#added = added
      this.changes.set(name, text)
      return
    }
    throw new MeshError(
      'MESH_SESSION_TOO_LARGE',
      `with "${key.slice(0, 64)}" the session would hold ${characters} characters of JSON, more than ${mostCharacters}`,
    )
  }

  delete(key: string): void {
    const name = valuePrefix + key
    this.#added -= sizeOf(name, this.#textOf(name))
    this.changes.set(name, undefined)
  }

  end(): void {
    this.hasEnded = true
  }

  /** Drops all that was set. */
  forget(): void {
    this.changes.clear()
    this.#added = 0
    this.hasEnded = false
  }

  #textOf(name: string): string | undefined {
    return this.changes.has(name) ? this.changes.get(name) : this.#session.fields.get(name)
  }
}

/** Only values count against what a session may hold. */
function sizeOf(name: string, text: string | undefined): number {
  if (text === undefined || !name.startsWith(valuePrefix)) return 0
  return name.length - valuePrefix.length + text.length
}
