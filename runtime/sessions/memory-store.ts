/**
 * Sessions of one process, which end with it. Its owner is always this process; what is past its ttl is dropped by and by. So
 * many are kept and no more: callers without a handle begin one with each call.
 */
import { randomBytes } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import { mostInMemory } from '../../core/model/session-list.ts'
import type { Changes, SessionStore } from './store.ts'

interface Kept {
  fields: Map<string, string>
  ttlMs: number
  /** In milliseconds of `now`. */
  expiresAt: number
}

/** `now` in milliseconds; default performance.now(). */
export function memoryStore(now: () => number = () => performance.now()): SessionStore {
  const key = randomBytes(32)
  /** By ttl, each in the order of the last touch: the first is the next to expire. */
  const queues = new Map<number, Map<string, Kept>>()
  const kept = new Map<string, Kept>()
  const ended = new Set<string>()

  function touch(id: string, session: Kept, ttlMs: number): void {
    queues.get(session.ttlMs)?.delete(id)
    session.ttlMs = ttlMs
    session.expiresAt = now() + ttlMs
    const queue = queues.get(ttlMs) ?? new Map<string, Kept>()
    queues.set(ttlMs, queue.set(id, session))
  }

  function drop(id: string): void {
    const session = kept.get(id)
    if (!session) return
    kept.delete(id)
    queues.get(session.ttlMs)?.delete(id)
  }

  function dropExpired(): void {
    for (const queue of queues.values()) {
      for (const [id, { expiresAt }] of queue) {
        if (expiresAt > now()) break
        drop(id)
      }
    }
  }

  function write(id: string, ttlMs: number, changes: Changes): boolean {
    const session = kept.get(id)
    if (!session) return false
    for (const [name, text] of changes) {
      if (text === undefined) session.fields.delete(name)
      else session.fields.set(name, text)
    }
    touch(id, session, ttlMs)
    return true
  }

  return {
    isShared: false,
    figures: undefined,
    key: async () => key,
    async open({ id, ttlMs, create }) {
      dropExpired()
      const session = kept.get(id)
      if (!session && !create) return { kind: 'missing', hasEnded: ended.has(id) }
      if (!session && kept.size >= mostInMemory) throw full()
      const found = session ?? { fields: new Map<string, string>(), ttlMs, expiresAt: 0 }
      kept.set(id, found)
      touch(id, found, ttlMs)
      return { kind: 'owned', fence: 1, fields: new Map(found.fields) }
    },
    async save({ id, ttlMs, changes }) {
      if (write(id, ttlMs, changes)) return 'kept'
      return ended.has(id) ? 'ended' : 'missing'
    },
    settled: () => Promise.resolve(),
    read: async id => {
      dropExpired()
      const fields = kept.get(id)?.fields
      return fields && new Map(fields)
    },
    write: async ({ id, ttlMs, changes }) => write(id, ttlMs, changes),
    async release() {
      // nobody else can take it
    },
    async end(id) {
      drop(id)
      ended.add(id)
      if (ended.size > mostEnded) for (const first of ended) return void ended.delete(first)
    },
    isSure: () => true,
    isAlive: async () => false,
    async disown() {
      // there is no other
    },
    onBack() {
      // it is never away
    },
    async close() {
      kept.clear()
      queues.clear()
    },
  }
}

/** Of so many sessions it is remembered that they were ended and did not expire. */
const mostEnded = 10_000

function full(): MeshError {
  const found = `this process keeps ${mostInMemory} sessions in its memory, which is all that it may; the call was not executed`
  return new MeshError('MESH_SESSION_UNAVAILABLE', found)
}
