/**
 * Tools with sessions: which session a call is of, and those that this instance owns. An owner has the session in its memory
 * and asks the store for nothing but to keep what a call has set, before its answer leaves. How a call comes to the
 * owner is in to-owner.ts.
 */
import { createHash } from 'node:crypto'
import type { ToolSession } from '../../core/model/agent.ts'
import { MeshError } from '../../core/model/error.ts'
import type { SessionList } from '../../core/model/session-list.ts'
import { isThrownOn, type Invocation, type Invoke } from '../mcp/invoke.ts'
import { failure } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import type { Forwarding } from './forward.ts'
import { createHandles, newSessionId, type Handles, type Holder } from './handle.ts'
import { unavailable } from './keep-session.ts'
import { watchOwners } from './owner-watch.ts'
import { createRunner } from './run-session.ts'
import { HeldSession, keepMsOf } from './session.ts'
import { watchSigns } from './signs-of-life.ts'
import { StoreLost, type Owner, type SessionStore, type StoreFigures } from './store.ts'
import { createToOwner } from './to-owner.ts'

export interface SessionsOptions {
  store: SessionStore
  holder: Holder
  /** This instance, once it serves. */
  me: () => Owner
  forwarding: Forwarding
  onStoreLoss: 'fail' | 'memory'
  log: Log
}

interface Known {
  id: string
  handle: string
}

export interface SessionFigures {
  /** Owned by this instance. */
  owned: number
  begun: number
  /** Calls that were handed to the owner of their session. */
  forwarded: number
  /** Sessions that were taken from an owner that was gone. */
  takenOver: number
  /** Of the store; undefined for memory. */
  store: StoreFigures | undefined
}

export interface Sessions {
  /** Calls of tools without a session are handed on as they are. */
  wrap: (invoke: Invoke) => Invoke
  readonly figures: SessionFigures
  /** What this instance owns, for people; nothing by which a session can be called. */
  list: () => SessionList
  /** From here on nothing is kept for longer than the calls that run: every session is free for others. */
  drain: () => Promise<void>
  close(): Promise<void>
}

export function createSessions(options: SessionsOptions): Sessions {
  const { store, holder, me, forwarding, log } = options
  /** By handle. */
  const owned = new Map<string, HeldSession>()
  const figures = { begun: 0, forwarded: 0, takenOver: 0 }
  let sealing: Promise<Handles> | undefined
  let isDraining = false
  /** By handle: what is being given free is not to be taken again before it is. */
  const releasing = new Map<string, Promise<void>>()
  const release = (session: HeldSession) => {
    const { id, handle, fence } = session
    if (owned.get(handle) === session) owned.delete(handle)
    session.isLost = true
    const done = store
      .release(id, me(), fence)
      .catch(ignoreLoss)
      .finally(() => {
        if (releasing.get(handle) === done) releasing.delete(handle)
      })
    releasing.set(handle, done)
    return done
  }
  const runner = createRunner({
    ...{ store, owned, me, log, onStoreLoss: options.onStoreLoss },
    onIdle(session) {
      if (isDraining) void release(session)
    },
  })

  /** Made once; a store that is away is asked again by the next call. */
  async function handles(): Promise<Handles> {
    sealing ??= store.key().then(key => createHandles(key, holder))
    try {
      return await sealing
    } catch (error) {
      sealing = undefined
      throw error
    }
  }

  async function begin({ ttlMs, isSticky }: ToolSession): Promise<Known> {
    const sealer = await handles()
    const id = newSessionId()
    const opened = await store.open({ id, me: me(), ttlMs: keepMsOf(ttlMs), create: true })
    if (opened.kind !== 'owned') throw new Error('a new session is owned by somebody') // 128 random bits
    figures.begun++
    const known = { id, handle: sealer.seal(id) }
    const { fields, fence } = opened
    if (isSticky) hold(new HeldSession(known, { fields, fence, ttlMs, isWhole: true }))
    return known
  }

  function heldBy(handle: string): HeldSession | undefined {
    const held = owned.get(handle)
    return held && held.expiresAt > performance.now() ? held : undefined
  }

  function hold(session: HeldSession): HeldSession {
    dropExpired(owned)
    const other = owned.get(session.handle)
    // Calls that asked the store at the same time share one session, and its turn.
    if (other && other.fence >= session.fence) return other
    if (other) other.isLost = true
    owned.set(session.handle, session)
    return session
  }

  const isPresent = watchSigns(store, forwarding.pools)
  const watch = watchOwners(isPresent)
  const toOwner = createToOwner({
    released: handle => releasing.get(handle),
    ...{ store, me, forwarding, isPresent, watch, runner, heldBy, hold, figures, log },
  })

  async function route(invocation: Invocation, trace: ServedTrace | undefined, invoke: Invoke) {
    const { tool, args } = invocation
    const spec = sessionOf(tool)
    const { argument, required, isSticky } = spec
    const handle = (args as Record<string, unknown> | undefined)?.[argument]
    const isNew = handle === undefined
    if (isNew && !required) return invoke(invocation, trace)
    // Nothing is begun for a call that will be refused.
    if (isNew && 'handler' in tool && tool.checkArguments(args ?? {}).length > 0)
      return invoke(invocation, trace)
    const run = (session: HeldSession) => runner.run(session, invocation, trace, invoke)
    // What is held here was opened before: its handle need not be unsealed again.
    const first = typeof handle === 'string' && isSticky ? heldBy(handle) : undefined
    const early = first && (await run(first))
    if (early) return early
    const known = isNew
      ? await begin(spec)
      : { id: (await handles()).open(handle), handle: textOf(handle) }
    return isSticky
      ? toOwner(known, invocation, trace, invoke)
      : runner.runUnowned(known, invocation, trace, invoke)
  }

  return {
    wrap(invoke) {
      return async (invocation, trace) => {
        if (!invocation.tool.spec.session) return invoke(invocation, trace)
        try {
          return await route(invocation, trace, invoke)
        } catch (error) {
          if (isThrownOn(error)) throw error
          if (error instanceof StoreLost) return failure(unavailable(error))
          if (!(error instanceof MeshError)) throw error
          return failure(error)
        }
      }
    },
    get figures() {
      return { ...figures, owned: owned.size, store: store.figures }
    },
    list: () => ({
      store: store.isShared ? 'redis' : 'memory',
      isDraining,
      items: [...owned.values()]
        .filter(({ expiresAt }) => expiresAt > performance.now())
        .map(shown),
    }),
    async drain() {
      isDraining = true
      const idle = [...owned.values()].filter(({ calls }) => calls === 0)
      await Promise.all(idle.map(release))
    },
    async close() {
      watch.close()
      await Promise.all([...owned.values()].map(release))
      await store.close()
    },
  }
}

/** A handle that was opened is one. */
const textOf = (handle: unknown) => (typeof handle === 'string' ? handle : '')

function sessionOf(tool: Invocation['tool']): ToolSession {
  const { session } = tool.spec
  if (!session) throw new Error(`${tool.spec.name} has no session`) // the caller has looked
  return session
}

/** The map is in the order in which sessions were taken; a look at the first few is enough to keep up. */
function dropExpired(owned: Map<string, HeldSession>): void {
  const now = performance.now()
  let looks = 4
  for (const [handle, session] of owned) {
    if (looks-- === 0) return
    owned.delete(handle)
    if (session.expiresAt > now || session.calls > 0) owned.set(handle, session)
  }
}

/** They expire by themselves. */
function ignoreLoss(error: unknown): void {
  if (!(error instanceof StoreLost)) throw error
}

/** By a digest of what the handle leads to: enough to tell sessions apart, of no use to whoever calls. */
function shown(session: HeldSession): SessionList['items'][number] {
  const now = performance.now()
  const inMs = session.expiresAt - now
  return {
    id: createHash('sha256').update(`shown ${session.id}`).digest('hex').slice(0, 12),
    expiresAt: new Date(Date.now() + inMs).toISOString(),
    idleMs: Math.max(0, Math.round(session.keepMs - inMs)),
    calls: session.calls,
    characters: session.characters,
    isSaved: session.unsaved.size === 0,
  }
}
