/**
 * One call of a session at its owner: its turn, the handler, and what it has set, kept before the answer leaves. A call that
 * fails keeps nothing.
 */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import { withTimeLimit } from '../proxy/time-limit.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { HeldSession, SessionOfCall } from './session.ts'
import { StoreLost, type Owner, type SessionStore } from './store.ts'

/** In a result's `_meta`: `{ id, expiresAt }`, the handle, and until when it is good if nobody calls (ISO 8601). */
export const sessionKey = 'mcp-mesh.dev/session'

export interface RunnerOptions {
  store: SessionStore
  /** By handle. */
  owned: Map<string, HeldSession>
  me: () => Owner
  onStoreLoss: 'fail' | 'memory'
  log: Log
  /** Called after a call when none of its session runs or waits. */
  onIdle: (session: HeldSession) => void
}

export interface Runner {
  /** Undefined where the session was lost while the call waited for its turn: it was not executed. */
  run(
    session: HeldSession,
    invocation: Invocation,
    trace: ServedTrace | undefined,
    invoke: Invoke,
  ): Promise<ToolResult | undefined>
  /** With the state as the store has it, and no turn to wait for. */
  runUnowned(
    known: { id: string; handle: string },
    invocation: Invocation,
    trace: ServedTrace | undefined,
    invoke: Invoke,
  ): Promise<ToolResult>
}

/** A store is told of a session that is only read when so much of its ttl has passed. */
const touchAfter = 0.1

export function createRunner(options: RunnerOptions): Runner {
  const { store, owned, me, onStoreLoss, log, onIdle } = options
  const lose = (session: HeldSession) => {
    session.isLost = true
    if (owned.get(session.handle) === session) owned.delete(session.handle)
  }

  /** What a call has set, and what the store lacks from before. Throws MESH_SESSION_MOVED and MESH_SESSION_UNAVAILABLE. */
  async function keep(session: HeldSession, call: SessionOfCall): Promise<void> {
    if (call.hasEnded) {
      lose(session)
      return told(store.end(session.id, session.fence))
    }
    const now = performance.now()
    for (const [name, text] of call.changes) session.unsaved.set(name, text)
    const isTold = now - session.touchedAt < session.ttlMs * touchAfter
    session.take(call.changes)
    session.expiresAt = now + session.ttlMs
    if (session.unsaved.size === 0 && isTold) return
    await save(session)
  }

  /** What the store lacks of the session. */
  async function save(session: HeldSession): Promise<void> {
    const changes = new Map(session.unsaved)
    session.unsaved.clear()
    const { id, fence, ttlMs, values } = session
    try {
      const isKept = await store.save({ id, me: me(), fence, ttlMs, changes, all: values })
      if (isKept) return session.touch()
    } catch (error) {
      if (error instanceof StoreLost && onStoreLoss === 'memory') {
        for (const [name, text] of changes)
          if (!session.unsaved.has(name)) session.unsaved.set(name, text)
        return
      }
      lose(session) // whether it was written is not known: the next call asks the store
      throw error instanceof StoreLost ? lostAfter(error) : error
    }
    lose(session)
    const found = 'another instance took the session over while the call ran'
    throw new MeshError('MESH_SESSION_MOVED', `${found}; nothing that it set was kept`)
  }

  store.onBack(() => {
    for (const session of owned.values()) {
      if (session.unsaved.size === 0) continue
      save(session).catch((error: unknown) =>
        log.warn('a session was not written', { error: messageOf(error) }),
      )
    }
  })

  async function runInTurn(
    session: HeldSession,
    invocation: Invocation,
    trace: ServedTrace | undefined,
    invoke: Invoke,
  ): Promise<ToolResult> {
    const call = new SessionOfCall(session)
    const result = await invoke({ ...invocation, session: call }, trace)
    if (result.isError === true) return result
    await keep(session, call)
    return withSession(result, session, call)
  }

  return {
    async run(session, invocation, trace, invoke) {
      session.calls++
      try {
        if (session.isLost) return undefined
        if (invocation.tool.spec.session?.isConcurrent)
          return await runInTurn(session, invocation, trace, invoke)
        if (!session.takeTurn()) await untilTurn(session, invocation)
        try {
          if (session.isLost) return undefined
          return await runInTurn(session, invocation, trace, invoke)
        } finally {
          session.endTurn()
        }
      } catch (error) {
        if (error instanceof MeshError && isOfSession(error)) {
          log.warn('session call failed', { tool: invocation.tool.spec.name, code: error.code })
          return failure(error)
        }
        throw error
      } finally {
        if (--session.calls === 0) onIdle(session)
      }
    },

    async runUnowned(known, invocation, trace, invoke) {
      const { session: spec } = invocation.tool.spec
      const ttlMs = spec?.ttlMs ?? 0
      const values = await store.read(known.id)
      if (!values) throw new MeshError('MESH_SESSION_EXPIRED', 'the session has ended or expired')
      const session = new HeldSession(known, { values, fence: 0, ttlMs })
      const call = new SessionOfCall(session)
      const result = await invoke({ ...invocation, session: call }, trace)
      if (result.isError === true) return result
      if (call.hasEnded) await told(store.end(known.id, undefined))
      else await told(store.write({ id: known.id, ttlMs, changes: call.changes }))
      return withSession(result, session, call)
    },
  }
}

/** The handler has run. */
async function told(telling: Promise<unknown>): Promise<void> {
  try {
    await telling
  } catch (error) {
    throw error instanceof StoreLost ? lostAfter(error) : error
  }
}

function lostAfter(error: StoreLost): MeshError {
  const found = `the store of the sessions does not answer (${error.message}); the call ran, and what it set may be lost`
  return new MeshError('MESH_SESSION_UNAVAILABLE', found, undefined, { cause: error })
}

function isOfSession({ code }: MeshError): boolean {
  return code === 'MESH_SESSION_MOVED' || code === 'MESH_SESSION_UNAVAILABLE'
}

/** Waits for its turn as long as its caller does. */
function untilTurn(session: HeldSession, { tool, signal, timeoutMs }: Invocation): Promise<void> {
  const ms = Math.min(timeoutMs, tool.spec.timeoutMs)
  const late = () =>
    new MeshError(
      'MESH_DEADLINE_EXCEEDED',
      `"${tool.spec.name}" waited for the calls of the same session before it, and its time was over`,
    )
  return withTimeLimit(ms, signal, late, limited => session.turn(limited))
}

function withSession(result: ToolResult, session: HeldSession, call: SessionOfCall): ToolResult {
  const about = call.hasEnded
    ? { id: session.handle, hasEnded: true }
    : { id: session.handle, expiresAt: new Date(Date.now() + session.ttlMs).toISOString() }
  return { ...result, _meta: { ...result._meta, [sessionKey]: about } }
}
