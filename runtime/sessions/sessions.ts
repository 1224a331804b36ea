/**
 * Tools with sessions: which session a call is of, who owns it, and its turn. An owner has the session in its memory and
 * asks the store for nothing but to keep what a call has set, before its answer leaves. A call whose session is
 * owned elsewhere is handed to its owner; when the owner is gone, this instance takes the session over.
 */
import type { ToolSession } from '../../core/model/agent.ts'
import { MeshError } from '../../core/model/error.ts'
import { sleep } from '../../core/model/sleep.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import { failure } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { forward, forwardedKey, type Forwarding } from './forward.ts'
import { createHandles, newSessionId, type Handles, type Holder } from './handle.ts'
import { HeldSession } from './session.ts'
import { createRunner } from './run-session.ts'
import { StoreLost, type Owner, type SessionStore } from './store.ts'

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
}

export interface Sessions {
  /** Calls of tools without a session are handed on as they are. */
  wrap: (invoke: Invoke) => Invoke
  readonly figures: SessionFigures
  /** From here on nothing is kept for longer than the calls that run: every session is free for others. */
  drain: () => Promise<void>
  close(): Promise<void>
}

/** How often a session that changes hands is looked for. */
const mostTries = 100
/** Between two looks at an owner that is about to let go. */
const againMs = 20

export function createSessions(options: SessionsOptions): Sessions {
  const { store, holder, me, forwarding, log } = options
  /** By handle. */
  const owned = new Map<string, HeldSession>()
  const figures = { begun: 0, forwarded: 0, takenOver: 0 }
  let sealing: Promise<Handles> | undefined
  let isDraining = false
  const release = async (session: HeldSession) => {
    if (owned.get(session.handle) === session) owned.delete(session.handle)
    session.isLost = true
    await store.release(session.id, session.fence).catch(ignoreLoss)
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
    const opened = await store.open({ id, me: me(), ttlMs, create: true })
    if (opened.kind !== 'owned') throw new Error('a new session is owned by somebody') // 128 random bits
    figures.begun++
    const known = { id, handle: sealer.seal(id) }
    if (isSticky) hold(new HeldSession(known, { ...opened, ttlMs }))
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

  async function route(invocation: Invocation, trace: ServedTrace | undefined, invoke: Invoke) {
    const { tool, args } = invocation
    const spec = sessionOf(tool)
    const { argument, required, ttlMs, isSticky } = spec
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
    if (!isSticky) return runner.runUnowned(known, invocation, trace, invoke)
    let takeOver: number | undefined
    for (let tries = 0; tries < mostTries; tries++) {
      if (invocation.signal.aborted) throw invocation.signal.reason
      const held = heldBy(known.handle)
      if (held) {
        const result = await run(held)
        if (result) return result
        continue // it changed hands while the call waited
      }
      const opened = await store.open({ id: known.id, me: me(), ttlMs, create: false, takeOver })
      if (opened.kind === 'missing') throw expired(tool.spec.name, opened.hasEnded, ttlMs)
      if (opened.kind === 'owned') {
        if (takeOver !== undefined) {
          figures.takenOver++
          log.info('session taken over', { tool: tool.spec.name })
        }
        const result = await run(hold(new HeldSession(known, { ...opened, ttlMs })))
        if (result) return result
        continue
      }
      takeOver = undefined
      if (!(await store.isAlive(opened.owner.instance))) {
        takeOver = opened.fence
        continue
      }
      if (invocation.meta?.[forwardedKey] !== undefined) throw elsewhere(opened.owner)
      try {
        figures.forwarded++
        return await forward(invocation, opened.owner, forwarding, trace?.context)
      } catch (error) {
        const code = error instanceof MeshError ? error.code : undefined
        const isRepeatable = tool.spec.isRepeatable && code === 'MESH_CALL_INTERRUPTED'
        if (code === 'MESH_ENDPOINT_UNREACHABLE' || isRepeatable) takeOver = opened.fence
        else if (code !== 'MESH_ENDPOINT_DRAINING' && code !== 'MESH_SESSION_ELSEWHERE') throw error
        // A draining owner lets go of the session when the call of it that runs has ended.
        else await sleep(againMs)
      }
    }
    throw new MeshError(
      'MESH_SESSION_MOVED',
      `the session changed hands ${mostTries} times in a row`,
    )
  }

  return {
    wrap(invoke) {
      return async (invocation, trace) => {
        if (!invocation.tool.spec.session) return invoke(invocation, trace)
        try {
          return await route(invocation, trace, invoke)
        } catch (error) {
          if (error instanceof RpcError) throw error
          if (error instanceof StoreLost) return failure(unavailable(error))
          if (!(error instanceof MeshError)) throw error
          return failure(error)
        }
      }
    },
    get figures() {
      return { ...figures, owned: owned.size }
    },
    async drain() {
      isDraining = true
      const idle = [...owned.values()].filter(({ calls }) => calls === 0)
      await Promise.all(idle.map(release))
    },
    async close() {
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

function expired(tool: string, hasEnded: boolean, ttlMs: number): MeshError {
  const found = hasEnded
    ? `the session of "${tool}" has ended`
    : `the session of "${tool}" has expired: nobody called it for ${ttlMs / 1_000} s`
  return new MeshError('MESH_SESSION_EXPIRED', found)
}

function unavailable(error: StoreLost): MeshError {
  return new MeshError(
    'MESH_SESSION_UNAVAILABLE',
    `the store of the sessions does not answer (${error.message}); the call was not executed`,
  )
}

function elsewhere({ instance }: Owner): RpcError {
  const message = `the session is owned by ${instance}; the call was not executed`
  return new RpcError(-32000, message, { code: 'MESH_SESSION_ELSEWHERE' })
}
