/**
 * One call of a session at its owner: its turn, the handler, and what it has set, kept before the answer leaves. A call that
 * fails keeps nothing. One whose key the session knows is answered as before, and not run.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { sessionKey } from '../proxy/session-owners.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import { withTimeLimit } from '../proxy/time-limit.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { keyedCallOf } from './answered-calls.ts'
import { createKeeper, expired, told, type KeeperOptions } from './keep-session.ts'
import { HeldSession, SessionOfCall } from './session.ts'

export interface RunnerOptions extends KeeperOptions {
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

export function createRunner(options: RunnerOptions): Runner {
  const { store, me, log, onIdle } = options
  const keeper = createKeeper(options)

  async function runInTurn(
    session: HeldSession,
    invocation: Invocation,
    trace: ServedTrace | undefined,
    invoke: Invoke,
  ): Promise<ToolResult | undefined> {
    const isSure = !session.isRestored && store.isSure(session.touchedAt)
    if (!isSure && !(await keeper.assure(session))) return undefined
    const keyed = store.isShared ? keyedCallOf(invocation) : undefined
    const before = keyed && session.answered.answerTo(keyed)
    const call = new SessionOfCall(session)
    if (before) return withSession(before, session, { owner: me().instance })
    const { timeoutMs, tool } = invocation
    const stop = keeper.use(session, Math.min(timeoutMs, tool.spec.timeoutMs))
    let result: ToolResult
    try {
      result = await invoke({ ...invocation, session: call }, trace)
    } finally {
      stop()
    }
    const hasFailed = result.isError === true
    if (hasFailed) call.forget()
    if (keyed && !call.hasEnded) call.changes.set(...session.answered.fieldOf(keyed, result))
    if (!hasFailed || call.changes.size > 0) await keeper.keep(session, call)
    if (hasFailed) return result
    return withSession(result, session, { owner: me().instance, hasEnded: call.hasEnded })
  }

  return {
    async run(session, invocation, trace, invoke) {
      session.calls++
      try {
        if (session.isLost) return undefined
        if (invocation.tool.spec.session?.isConcurrent)
          return await runInTurn(session, invocation, trace, invoke)
        if (!session.turns.take()) await untilTurn(session, invocation)
        try {
          if (session.isLost) return undefined
          return await runInTurn(session, invocation, trace, invoke)
        } finally {
          session.turns.leave()
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
      const fields = await store.read(known.id)
      if (!fields) throw expired(false)
      const session = new HeldSession(known, { fields, fence: 0, ttlMs, isWhole: true })
      const call = new SessionOfCall(session)
      const result = await invoke({ ...invocation, session: call }, trace)
      if (result.isError === true) return result
      const { id } = known
      if (call.hasEnded) await told(store.end(id, me(), undefined))
      else if (!(await told(store.write({ id, ttlMs: session.keepMs, changes: call.changes }))))
        throw expired(false)
      return withSession(result, session, call)
    },
  }
}

function isOfSession({ code }: MeshError): boolean {
  return (
    code === 'MESH_SESSION_MOVED' ||
    code === 'MESH_SESSION_UNAVAILABLE' ||
    code === 'MESH_SESSION_EXPIRED'
  )
}

/** Waits for its turn as long as its caller does. */
function untilTurn(session: HeldSession, { tool, signal, timeoutMs }: Invocation): Promise<void> {
  const ms = Math.min(timeoutMs, tool.spec.timeoutMs)
  const late = () =>
    new MeshError(
      'MESH_DEADLINE_EXCEEDED',
      `"${tool.spec.name}" waited for the calls of the same session before it, and its time was over`,
    )
  return withTimeLimit(ms, signal, late, limited => session.turns.wait(limited))
}

function withSession(
  result: ToolResult,
  session: HeldSession,
  { owner, hasEnded = false }: { owner?: string; hasEnded?: boolean },
): ToolResult {
  const about = hasEnded
    ? { id: session.handle, hasEnded }
    : {
        id: session.handle,
        expiresAt: new Date(Date.now() + session.ttlMs).toISOString(),
        ...(owner !== undefined && { owner }),
      }
  return { ...result, _meta: { ...result._meta, [sessionKey]: about } }
}
