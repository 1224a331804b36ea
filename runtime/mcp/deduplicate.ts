/**
 * Runs a call of one idempotency key once: a repeat while it runs waits for the same answer, a later one gets it again. That
 * makes safe what else is not, the repeat of a call whose answer was lost on its way. The window is bounded, so a repeat
 * may come too late: it is marked as one, and where its first attempt may have come here and been forgotten, it is
 * refused. For a repeat to find something, a run outlives its caller's connection for a moment.
 */
import { createHash } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import { Alarm } from '../proxy/alarm.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'
import { idempotencyKey, repeatKey } from '../proxy/trail.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import type { Invocation, Invoke } from './invoke.ts'
import { RunWindow, type WindowLimits } from './run-window.ts'

export interface DeduplicateOptions extends Partial<WindowLimits> {
  /** For how long a run goes on whose caller is gone, in milliseconds; default 500. */
  graceMs?: number
  /** Which instance this is. */
  instance: string
}

const defaults = { ageMs: 60_000, runs: 10_000, bytes: 16 * 1024 * 1024, graceMs: 500 }

/** Calls without a key, and those that stream, are handed on as they are. */
export function deduplicate(invoke: Invoke, options: DeduplicateOptions): Invoke {
  const { graceMs, instance, ...limits } = { ...defaults, ...options }
  const known = new RunWindow<Run>(limits)
  return invocation => {
    const key = invocation.meta?.[idempotencyKey]
    if (key === undefined || invocation.sink) return invoke(invocation)
    if (!isKey(key)) return refuse(noKey(key))
    const id = `${callerOf(invocation)} ${key}`
    const name = invocation.tool.spec.name
    const run = known.get(id)
    if (!run) {
      const doubt = doubtOf(invocation, instance, known.forgottenUntil)
      if (doubt !== undefined) return refuse(forgotten(name, doubt))
      const next = new Run(invocation, invoke, graceMs)
      known.add(id, next)
      next.answer?.then(
        answer => {
          if (next.signal.aborted) next.answer = undefined
          known.settle(next, sizeOf(answer))
        },
        () => known.delete(id), // refused before it ran
      )
      return next.join(invocation.signal)
    }
    if (run.of !== fingerprint(invocation)) return refuse(reused(name))
    return run.join(invocation.signal)
  }
}

/** What is longer would be kept ten thousand times. */
const longestKey = 256
const isKey = (key: unknown): key is string =>
  typeof key === 'string' && key !== '' && key.length <= longestKey

/** One execution and those who wait for it. */
class Run {
  /** Tool and arguments. */
  readonly of: string
  readonly signal = new Cancellation()
  /** Undefined where it is not kept. */
  answer: Promise<ToolResult> | undefined
  bytes = 0
  isSettled = false
  readonly at = performance.now()
  readonly #tool: string
  readonly #graceMs: number
  #callers = 0
  #alarm: Alarm | undefined

  constructor(invocation: Invocation, invoke: Invoke, graceMs: number) {
    const { tool, args, timeoutMs, meta, asker, tell } = invocation
    this.of = fingerprint(invocation)
    this.#tool = tool.spec.name
    this.#graceMs = graceMs
    this.answer = invoke({ tool, args, signal: this.signal, timeoutMs, meta, asker, tell })
  }

  /** Drops the answer, not the knowledge that it ran. */
  forget(): void {
    this.answer = undefined
  }

  join(caller: CancelSignal): Promise<ToolResult> {
    const { answer } = this
    if (!answer) return refuse(forgotten(this.#tool, this.#why()))
    if (this.isSettled) return answer
    this.#callers++
    this.#alarm?.clear()
    caller.addEventListener('abort', () => this.#left(caller.reason))
    return answer
  }

  #left(reason: Error): void {
    if (--this.#callers > 0 || this.isSettled) return
    this.#alarm = new Alarm(performance.now() + this.#graceMs, () => this.signal.abort(reason))
    this.#alarm.set()
  }

  #why(): string {
    return this.signal.aborted
      ? 'it was stopped as its caller was gone'
      : 'it has run, and its answer is kept no more'
  }
}

/**
 * Why the first attempt of a repeat with an unknown key may have run; undefined where it can't have: what came here since
 * `forgottenUntil` is known. The age that a repeat names is that of its sending; it was under way no longer than its
 * caller waits for it.
 */
function doubtOf(invocation: Invocation, here: string, forgottenUntil: number): string | undefined {
  const { meta, timeoutMs } = invocation
  const repeat = meta?.[repeatKey]
  // A session keeps the keys of its calls with its state, and moves with both.
  if (repeat === undefined || isOfSession(invocation)) return undefined
  const { instance, afterMs } = (repeat ?? {}) as Partial<Record<string, unknown>>
  if (instance !== here) return `it went to another instance, ${String(instance)}; this is ${here}`
  const isKnown =
    typeof afterMs === 'number' && performance.now() - afterMs - timeoutMs > forgottenUntil
  return isKnown ? undefined : 'this instance does not know its key any more'
}

/** Whether it names a session that has an owner; one that is to begin a session may have begun it elsewhere. */
function isOfSession({ tool, args }: Invocation): boolean {
  const { session } = tool.spec
  if (!session?.isSticky || typeof args !== 'object' || args === null) return false
  return Object.hasOwn(args, session.argument)
}

/** Nobody gets the answer to another's call, as far as callers name themselves. */
export function callerOf({ meta }: Pick<Invocation, 'meta'>): string {
  const client = meta?.['io.modelcontextprotocol/clientInfo'] as { name?: unknown } | undefined
  return typeof client?.name === 'string' ? client.name : ''
}

/** What is longer is kept as its digest. */
const longestText = 512

/** Of the tool and the arguments. */
export function fingerprint({ tool, args }: Pick<Invocation, 'tool' | 'args'>): string {
  const text = `${tool.spec.name} ${JSON.stringify(args)}`
  return text.length <= longestText ? text : createHash('sha256').update(text).digest('base64')
}

/** About so many bytes of memory. */
function sizeOf({ content }: ToolResult): number {
  let bytes = 500
  for (const block of content) {
    const { text, data } = block
    if (typeof text === 'string') bytes += 2 * text.length // and as much as a value
    if (typeof data === 'string') bytes += data.length
  }
  return bytes
}

function refuse(error: MeshError): Promise<ToolResult> {
  return Promise.resolve(failure(error))
}

/** To go on without it would run twice what its caller takes for safe. */
function noKey(key: unknown): MeshError {
  const what = typeof key === 'string' ? `a text of ${key.length} characters` : JSON.stringify(key)
  const found = `"${idempotencyKey}" is ${what.slice(0, 100)}; it takes a text of 1 to ${longestKey} characters`
  return new MeshError('MESH_KEY_INVALID', `${found}; the call was not executed`)
}

function forgotten(tool: string, why: string): MeshError {
  const found = `a repeated call of "${tool}" may have been executed by its first attempt: ${why}`
  return new MeshError('MESH_CALL_FORGOTTEN', found)
}

function reused(tool: string): MeshError {
  const found = `a call of "${tool}" has the idempotency key of another call`
  return new MeshError('MESH_KEY_REUSED', found)
}
