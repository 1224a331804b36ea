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
import { failure, ValueResult, type ToolResult } from '../proxy/values.ts'
import type { Invocation, Invoke } from './invoke.ts'
import { Remembered, RunWindow, type WindowLimits } from './run-window.ts'

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
  const window = new RunWindow<Run>(limits)
  return invocation => {
    const key = invocation.meta?.[idempotencyKey]
    if (key === undefined || invocation.sink) return invoke(invocation)
    if (!isKey(key)) return refuse(noKey(key))
    const caller = callerOf(invocation)
    const known = window.get(caller, key)
    if (known) return known.repeat(invocation)
    const doubt = doubtOf(invocation, instance, window.forgottenUntil)
    if (doubt !== undefined) return refuse(forgotten(invocation.tool.spec.name, doubt))
    const run = new Run(caller, key, invocation)
    const signal = new Cancellation()
    const answer = run.ended(invoke(ownCall(invocation, signal)), window)
    run.running = new Running(signal, answer, graceMs)
    window.add(run)
    return run.running.join(invocation.signal)
  }
}

/** It ends by a signal of its own: not with the first of its callers. */
function ownCall(
  { tool, args, timeoutMs, meta, headers, traceparent, asker, tell }: Invocation,
  signal: Cancellation,
): Invocation {
  return { tool, args, signal, timeoutMs, meta, headers, traceparent, asker, tell }
}

/** What is longer would be kept ten thousand times. */
const longestKey = 256
const isKey = (key: unknown): key is string =>
  typeof key === 'string' && key !== '' && key.length <= longestKey

/** One execution. What is kept of it for long is little and flat: for each of these objects the garbage collector pays twice. */
class Run extends Remembered {
  /** Until it has ended. */
  running: Running | undefined
  readonly #tool: string
  /** The arguments, before the handler had them. */
  readonly #args: string
  /** A value as its JSON; undefined where it is not kept. */
  #answer: ToolResult | string | undefined
  #wasStopped = false

  constructor(caller: string, key: string, { tool, args }: Invocation) {
    super(caller, key, performance.now())
    this.#tool = tool.spec.name
    this.#args = textOf(args)
  }

  /** The answer, once the window knows of it; what is thrown was refused before it ran. */
  async ended(running: Promise<ToolResult>, window: RunWindow<Run>): Promise<ToolResult> {
    try {
      const answer = await running
      this.#wasStopped = this.running?.signal.aborted === true
      if (!this.#wasStopped) this.#answer = answer instanceof ValueResult ? answer.json : answer
      window.settle(this, this.#wasStopped ? 0 : sizeOf(answer))
      return answer
    } catch (error) {
      window.delete(this)
      throw error
    } finally {
      this.running?.end()
      this.running = undefined
    }
  }

  forget(): void {
    this.#answer = undefined
  }

  repeat({ tool, args, signal }: Invocation): Promise<ToolResult> {
    const { name } = tool.spec
    if (name !== this.#tool || textOf(args) !== this.#args) return refuse(reused(name))
    if (this.running) return this.running.join(signal)
    const answer = this.#answer
    if (answer === undefined) return refuse(forgotten(name, this.#why()))
    return Promise.resolve(typeof answer === 'string' ? ValueResult.of(answer) : answer)
  }

  #why(): string {
    return this.#wasStopped
      ? 'it was stopped as its caller was gone'
      : 'it has run, and its answer is kept no more'
  }
}

/** A run that has not ended, and those who wait for it. */
class Running {
  readonly signal: Cancellation
  readonly #answer: Promise<ToolResult>
  readonly #graceMs: number
  #callers = 0
  #hasEnded = false
  #alarm: Alarm | undefined

  constructor(signal: Cancellation, answer: Promise<ToolResult>, graceMs: number) {
    this.signal = signal
    this.#answer = answer
    this.#graceMs = graceMs
  }

  join(caller: CancelSignal): Promise<ToolResult> {
    this.#callers++
    this.#alarm?.clear()
    caller.addEventListener('abort', () => this.#left(caller.reason))
    return this.#answer
  }

  end(): void {
    this.#hasEnded = true
    this.#alarm?.clear()
  }

  #left(reason: Error): void {
    if (--this.#callers > 0 || this.#hasEnded) return
    this.#alarm = new Alarm(performance.now() + this.#graceMs, () => this.signal.abort(reason))
    this.#alarm.set()
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

/** Of the arguments. */
function textOf(args: unknown): string {
  const text = JSON.stringify(args) ?? ''
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
