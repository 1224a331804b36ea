/**
 * What an owner tells the store of a session: what a call has set, before its answer leaves; that the session is in use; and,
 * where others may have taken it meanwhile, the question whether it is still its own.
 */
import { setImmediate } from 'node:timers/promises'
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Log } from '../telemetry/log.ts'
import { touchAfter, type HeldSession, type SessionOfCall } from './session.ts'
import { StoreLost, type Changes, type Owner, type Saved, type SessionStore } from './store.ts'

export interface KeeperOptions {
  store: SessionStore
  /** By handle. */
  owned: Map<string, HeldSession>
  me: () => Owner
  onStoreLoss: 'fail' | 'memory'
  log: Log
}

export interface Keeper {
  /** What a call has set, and what the store lacks from before. Throws MESH_SESSION_MOVED, _EXPIRED and _UNAVAILABLE. */
  keep(session: HeldSession, call: SessionOfCall): Promise<void>
  /** Asks the store; false where the session is this instance's no more. Throws MESH_SESSION_EXPIRED and _UNAVAILABLE. */
  assure(session: HeldSession): Promise<boolean>
  /** Keeps a session that a call uses for longer than its ttl; ends with what it returns. */
  use(session: HeldSession, timeoutMs: number): () => void
}

/** Put back at the same time. */
const atOnce = 100
const nothing: Changes = new Map()

export function createKeeper(options: KeeperOptions): Keeper {
  const { store, owned, me, onStoreLoss, log } = options
  const lose = (session: HeldSession) => {
    session.isLost = true
    if (owned.get(session.handle) === session) owned.delete(session.handle)
  }

  const requestOf = (session: HeldSession, changes: Changes) => {
    const { id, fence, keepMs: ttlMs, fields: all, touchedAt: heldSince } = session
    const mayRestore = performance.now() < session.expiresAt
    return { id, me: me(), fence, ttlMs, changes, all, heldSince, mayRestore }
  }

  /** Tells the store; twice where it had lost the session, as another owner may put it back with a newer state. */
  async function tell(session: HeldSession, changes: Changes): Promise<Saved> {
    let began = performance.now()
    const request = requestOf(session, changes)
    let saved = await inOrder(session, () => store.save(request))
    if (saved === 'restored' || (saved === 'kept' && session.isRestored)) {
      await store.settled()
      began = performance.now()
      const again = { ...request, changes: nothing, heldSince: began }
      saved = await inOrder(session, () => store.save(again))
      session.isRestored = false
    }
    if (saved === 'kept') session.touch(began)
    return saved === 'restored' ? 'moved' : saved
  }

  async function save(session: HeldSession): Promise<void> {
    const changes = new Map(session.unsaved)
    session.unsaved.clear()
    let saved: Saved
    try {
      saved = await tell(session, changes)
    } catch (error) {
      if (error instanceof StoreLost && onStoreLoss === 'memory') {
        for (const [name, text] of changes)
          if (!session.unsaved.has(name)) session.unsaved.set(name, text)
        session.expiresAt = performance.now() + session.keepMs
        return
      }
      lose(session) // whether it was written is not known: the next call asks the store
      throw error instanceof StoreLost ? lostAfter(error) : error
    }
    if (saved === 'kept') return
    lose(session)
    throw notKept(saved)
  }

  /** Puts back what the store may have lost; whoever has the highest fence keeps the session. */
  async function reassert(session: HeldSession): Promise<void> {
    let unsaved = nothing
    const saved = await inOrder(session, async () => {
      if (session.isLost) return 'moved' // meanwhile: what is held of it is no longer the newest
      unsaved = new Map(session.unsaved)
      return store.save(requestOf(session, new Map([...session.fields, ...unsaved])))
    })
    if (saved === 'restored') session.isRestored = true
    else if (saved !== 'kept') return lose(session)
    for (const [name, text] of unsaved)
      if (session.unsaved.get(name) === text) session.unsaved.delete(name)
  }

  let isBehind = false
  let putting: Promise<void> | undefined
  async function reassertAll(): Promise<void> {
    while (isBehind) {
      isBehind = false
      const held = [...owned.values()]
      for (let i = 0; i < held.length; i += atOnce) {
        const done = await Promise.allSettled(held.slice(i, i + atOnce).map(reassert))
        const failed = done.find(each => each.status === 'rejected')
        // Away again, it is told when it is back.
        if (failed)
          return log.warn('sessions were not written', { error: messageOf(failed.reason) })
      }
    }
  }
  store.onBack(() => {
    isBehind = true
    putting ??= reassertAll().finally(() => (putting = undefined))
  })

  return {
    async keep(session, call) {
      if (call.hasEnded) {
        lose(session)
        return told(store.end(session.id, me(), session.fence))
      }
      for (const [name, text] of call.changes) session.unsaved.set(name, text)
      const isTold = performance.now() - session.touchedAt < session.ttlMs * touchAfter
      session.take(call.changes)
      if (session.unsaved.size > 0 || !isTold) await save(session)
    },

    async assure(session) {
      try {
        const saved = await tell(session, nothing)
        if (saved === 'kept') return true
        lose(session)
        if (saved === 'moved') return false
        throw notKept(saved)
      } catch (error) {
        if (!(error instanceof StoreLost)) throw error
        if (onStoreLoss === 'memory') return true
        throw unavailable(error)
      }
    },

    use(session, timeoutMs) {
      const leftMs = session.expiresAt - performance.now()
      if (timeoutMs < leftMs) return () => undefined
      const timer = setInterval(() => {
        tell(session, nothing).catch((error: unknown) => {
          if (!(error instanceof StoreLost))
            log.warn('a session was not kept', { error: messageOf(error) })
        })
      }, session.ttlMs / 3)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

/**
 * One write of a session after the other, each of what holds when its turn comes. Two at once may arrive the other way round (a
 * script that Redis has forgotten is sent twice): what was put back would undo what a call had set and its caller was told.
 */
function inOrder<T>(session: HeldSession, write: () => Promise<T>): Promise<T> {
  const { writing } = session
  const next = () => setImmediate().then(write) // by then it is known whether the one before has lost the session
  const done = writing ? writing.then(next, next) : write()
  session.writing = done
  const leave = () => {
    if (session.writing === done) session.writing = undefined
  }
  done.then(leave, leave)
  return done
}

/** The handler has run. */
export async function told<T>(telling: Promise<T>): Promise<T> {
  try {
    return await telling
  } catch (error) {
    throw error instanceof StoreLost ? lostAfter(error) : error
  }
}

export function expired(hasEnded: boolean): MeshError {
  const found = hasEnded
    ? 'the session has ended'
    : 'the session has expired, as nobody called it for its ttl'
  return new MeshError('MESH_SESSION_EXPIRED', found)
}

export function unavailable(error: StoreLost): MeshError {
  return new MeshError(
    'MESH_SESSION_UNAVAILABLE',
    `the store of the sessions does not answer (${error.message}); the call was not executed`,
  )
}

function lostAfter(error: StoreLost): MeshError {
  const found = `the store of the sessions does not answer (${error.message}); the call ran, and what it set may be lost`
  return new MeshError('MESH_SESSION_UNAVAILABLE', found, undefined, { cause: error })
}

function notKept(saved: Exclude<Saved, 'kept'>): MeshError {
  if (saved === 'ended' || saved === 'missing') return expired(saved === 'ended')
  const found = 'another instance took the session over while the call ran'
  return new MeshError('MESH_SESSION_MOVED', `${found}; nothing that it set was kept`)
}
