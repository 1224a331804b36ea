/**
 * Brings a call to the owner of its session: to this instance, where it owns the session or may own it; to another one that lives;
 * and where that is gone, to this one again, which then takes the session over. A call that was with an owner which was lost is
 * a repeat from then on: by its key the session tells whether it ran.
 */
import { randomBytes } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import { sleep } from '../../core/model/sleep.ts'
import { InputRequired } from '../mcp/asking.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import type { NoteSink } from '../mcp/notes.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import { idempotencyKey, repeatKey } from '../proxy/trail.ts'
import { codeKey, type ToolResult } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { answered } from './answered-questions.ts'
import { forward, forwardedKey, type Forwarding, type HandedOn } from './forward.ts'
import { expired } from './keep-session.ts'
import { OwnerGone, type OwnerWatch } from './owner-watch.ts'
import type { Runner } from './run-session.ts'
import type { IsPresent } from './signs-of-life.ts'
import { HeldSession, keepMsOf } from './session.ts'
import type { Owner, SessionStore } from './store.ts'

export interface ToOwnerOptions {
  store: SessionStore
  me: () => Owner
  forwarding: Forwarding
  isPresent: IsPresent
  watch: OwnerWatch
  runner: Runner
  /** That which is held here under a handle and has not expired. */
  heldBy: (handle: string) => HeldSession | undefined
  /** Resolves when what is given free under a handle is; undefined where nothing is. */
  released: (handle: string) => Promise<void> | undefined
  /** Keeps it, or gives the one that is kept already. */
  hold: (session: HeldSession) => HeldSession
  figures: { forwarded: number; takenOver: number }
  log: Log
}

/** How often a session that changes hands is looked for. */
const mostTries = 100
/** Between two looks at an owner that is about to let go. */
const againMs = 20
/** How often a call may lose the connection to an owner that lives. */
const mostLosses = 3
const clientKey = 'io.modelcontextprotocol/clientInfo'

/** Throws MESH_SESSION_EXPIRED and _MOVED, MESH_CALL_INTERRUPTED, StoreLost, and what the owner answers with an error. */
export function createToOwner(options: ToOwnerOptions) {
  const { store, me, forwarding, isPresent, watch, runner, heldBy, hold, released, figures, log } =
    options

  return async (
    known: { id: string; handle: string },
    call: Invocation,
    trace: ServedTrace | undefined,
    invoke: Invoke,
  ): Promise<ToolResult> => {
    const { tool, signal } = call
    const ttlMs = tool.spec.session?.ttlMs ?? 0
    const began = performance.now()
    const sink = call.sink && new ToldSink(call.sink)
    let invocation: HandedOn = sink ? { ...call, sink } : call
    let takeOver: { owner: Owner; fence: number } | undefined
    let interrupted: MeshError | undefined
    let losses = 0
    /** That nobody knows whether it ran is for this call what has become of it. */
    const settle = (result: ToolResult) => {
      if (interrupted && result._meta?.[codeKey] === 'MESH_CALL_FORGOTTEN') throw interrupted
      return result
    }
    for (let tries = 0; tries < mostTries; tries++) {
      if (signal.aborted) throw signal.reason
      const held = heldBy(known.handle)
      if (held) {
        const result = await runner.run(held, invocation, trace, invoke)
        if (result) return settle(result)
        continue // it changed hands while the call waited
      }
      await released(known.handle)
      const request = { id: known.id, me: me(), ttlMs: keepMsOf(ttlMs), create: false }
      const opened = await store.open({ ...request, takeOver: takeOver?.fence })
      if (opened.kind === 'missing') throw expired(opened.hasEnded)
      if (opened.kind === 'settling') {
        await sleep(againMs, signal)
        continue
      }
      if (opened.kind === 'owned') {
        if (takeOver) {
          figures.takenOver++
          log.info('session taken over', { tool: tool.spec.name, from: takeOver.owner.instance })
          await store.disown(takeOver.owner.instance)
        }
        const { fields, fence } = opened
        const isWhole = takeOver === undefined
        const session = hold(new HeldSession(known, { fields, fence, ttlMs, isWhole }))
        const result = await runner.run(session, invocation, trace, invoke)
        if (result) return settle(result)
        continue
      }
      const { owner, fence } = opened
      takeOver = undefined
      if (!(await isPresent(owner))) {
        takeOver = { owner, fence }
        continue
      }
      if (invocation.meta?.[forwardedKey] !== undefined) throw elsewhere(owner)
      invocation = withKey(invocation, me().instance)
      figures.forwarded++
      try {
        const run = (limited: Invocation['signal']) =>
          forward({ ...invocation, signal: limited }, owner, forwarding, trace?.context)
        return settle(await watch.during(owner, signal, run))
      } catch (error) {
        if (error instanceof InputRequired) {
          invocation = await answered(invocation, error, call)
          continue
        }
        const code = error instanceof MeshError ? error.code : undefined
        if (code === 'MESH_ENDPOINT_UNREACHABLE') takeOver = { owner, fence }
        else if (code === 'MESH_ENDPOINT_DRAINING' || code === 'MESH_SESSION_ELSEWHERE') {
          // A draining owner lets go of the session when the call of it that runs has ended.
          await sleep(againMs, signal)
        } else {
          const isLost = error instanceof MeshError && code === 'MESH_CALL_INTERRUPTED'
          if (!isLost || sink?.hasBegun || ++losses > mostLosses) throw error
          interrupted = error
          if (error instanceof OwnerGone) takeOver = { owner, fence }
          invocation = asRepeat(call, invocation, owner, performance.now() - began)
        }
      }
    }
    throw new MeshError(
      'MESH_SESSION_MOVED',
      `the session changed hands ${mostTries} times in a row`,
    )
  }
}

/** Knows whether something was told: then a repeat would tell it twice. */
class ToldSink implements NoteSink {
  hasBegun = false
  readonly #sink: NoteSink

  constructor(sink: NoteSink) {
    this.#sink = sink
  }

  get isReady(): boolean {
    return this.#sink.isReady
  }

  send(note: Parameters<NoteSink['send']>[0]): Promise<void> {
    this.hasBegun = true
    return this.#sink.send(note)
  }
}

/** 96 random bits a process, then a count. */
const prefix = `${randomBytes(12).toString('base64url')}-`
let count = 0

/** What is handed on has a key, so that it is found whether it ran when the owner is lost. */
function withKey(invocation: HandedOn, instance: string): HandedOn {
  const { meta, tool } = invocation
  if (tool.spec.isRepeatable || typeof meta?.[idempotencyKey] === 'string') return invocation
  const client = meta?.[clientKey] ?? { name: instance, version: tool.spec.version }
  const key = `${prefix}${(count++).toString(36)}`
  return { ...invocation, meta: { ...meta, [clientKey]: client, [idempotencyKey]: key } }
}

function asRepeat(
  first: Invocation,
  invocation: HandedOn,
  { instance }: Owner,
  elapsedMs: number,
): HandedOn {
  const mark = first.meta?.[repeatKey] as { afterMs?: unknown } | undefined
  const before = typeof mark?.afterMs === 'number' ? mark.afterMs : 0
  const afterMs = Math.ceil(before + elapsedMs)
  return { ...invocation, meta: { ...invocation.meta, [repeatKey]: { instance, afterMs } } }
}

function elsewhere({ instance }: Owner): RpcError {
  const message = `the session is owned by ${instance}; the call was not executed`
  return new RpcError(-32000, message, { code: 'MESH_SESSION_ELSEWHERE' })
}
