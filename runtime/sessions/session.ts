/**
 * A session as its owner holds it in memory, and as one call of a handler sees it: what the call sets is its own until it has
 * succeeded, and then it is written in one step. Values are kept as JSON, so that nothing which a handler holds on to
 * changes them.
 */
import { MeshError } from '../../core/model/error.ts'
import type { HandlerSession } from '../handler.ts'
import { jsonOf } from '../proxy/values.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
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
  /** Of all values, as `sizeOf` counts. */
  characters: number
  /** A call has the turn. */
  #isTaken = false
  readonly #waiting: (() => void)[] = []

  constructor(
    { id, handle }: { id: string; handle: string },
    { values, fence, ttlMs }: { values: Map<string, string>; fence: number; ttlMs: number },
  ) {
    this.id = id
    this.handle = handle
    this.values = values
    this.fence = fence
    this.ttlMs = ttlMs
    this.characters = [...values].reduce((sum, [name, text]) => sum + sizeOf(name, text), 0)
    this.touchedAt = performance.now()
    this.expiresAt = this.touchedAt + ttlMs
  }

  /** Takes the turn where nobody has it. */
  takeTurn(): boolean {
    if (this.#isTaken) return false
    return (this.#isTaken = true)
  }

  /** Resolves when it is this call's turn, after those that came before it; rejects with the signal's reason. */
  turn(signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort)
      this.#waiting.push(enter)
    })
  }

  /** Gives the turn on. */
  endTurn(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#isTaken = false
  }

  touch(): void {
    this.touchedAt = performance.now()
    this.expiresAt = this.touchedAt + this.ttlMs
  }

  take(changes: Changes): void {
    for (const [name, text] of changes) {
      this.characters += sizeOf(name, text) - sizeOf(name, this.values.get(name))
      if (text === undefined) this.values.delete(name)
      else this.values.set(name, text)
    }
  }
}

/** The session in the context of one call. */
export class SessionOfCall implements HandlerSession {
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
    const text = this.#textOf(key)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }

  set(key: string, value: unknown): void {
    if (value === undefined) return this.delete(key)
    const text = jsonOf(value)
    const added = this.#added + sizeOf(key, text) - sizeOf(key, this.#textOf(key))
    const characters = this.#session.characters + added
    if (characters <= mostCharacters) {
      this.#added = added
      this.changes.set(key, text)
      return
    }
    throw new MeshError(
      'MESH_SESSION_TOO_LARGE',
      `with "${key.slice(0, 64)}" the session would hold ${characters} characters of JSON, more than ${mostCharacters}`,
    )
  }

  delete(key: string): void {
    this.#added -= sizeOf(key, this.#textOf(key))
    this.changes.set(key, undefined)
  }

  end(): void {
    this.hasEnded = true
  }

  #textOf(key: string): string | undefined {
    return this.changes.has(key) ? this.changes.get(key) : this.#session.values.get(key)
  }
}

function sizeOf(name: string, text: string | undefined): number {
  return text === undefined ? 0 : name.length + text.length
}
