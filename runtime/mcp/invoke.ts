/**
 * Runs one tool for one call: checks the arguments, waits for its turn and its dependencies, runs the handler within its
 * time, checks and encodes what it returns. Whatever goes wrong is a result with `isError`, worded for the model or
 * program that called; only what is answered with a JSON-RPC error is thrown: a refusal before anything ran, as
 * MESH_TOOL_BUSY, such an error of a wrapped server, and what the caller is to be asked for.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { formatDuration } from '../../core/model/duration.ts'
import type { DependencyFunctions, HandlerSession } from '../handler.ts'
import type { Passed } from '../proxy/call.ts'
import type { Cancellation, CancelSignal } from '../proxy/cancellation.ts'
import type { ChunkSink } from '../proxy/chunk-queue.ts'
import { encodeValue, failure, type ToolResult } from '../proxy/values.ts'
import { withTimeLimit, type Clock } from '../proxy/time-limit.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { ClientLacks, InputRequired, type Asker } from './asking.ts'
import { contentOf } from './content.ts'
import { unlessAborted } from './unless-aborted.ts'
import { Notes, type NoteSink } from './notes.ts'
import { ContextOfCall } from './context-of-call.ts'
import { createPlaces, ToolBusy, type Places } from './places.ts'
import { isStream, runStream } from './run-stream.ts'
import { RunningCall } from './running-call.ts'
import { RpcError } from './rpc-error.ts'
import { telling, type Tell } from './telling.ts'
import type { HandledTool, ServedTool } from './tools.ts'

export interface Invocation {
  tool: ServedTool
  args: unknown
  /** Aborts when the caller goes away. */
  signal: CancelSignal
  /** What remains of the caller's deadline, in milliseconds; Infinity where it set none. */
  timeoutMs: number
  /** The request's own `_meta`. */
  meta?: Readonly<Record<string, unknown>> | undefined
  /** Those of the HTTP request. */
  headers?: IncomingHttpHeaders | undefined
  /** A sound one that is not among the headers. */
  traceparent?: string | undefined
  /** Where chunks and progress go; absent where the caller asked for none. */
  sink?: NoteSink | undefined
  /** That which the call is of. */
  session?: HandlerSession | undefined
  /** Whom the handler may ask; absent where nobody can be asked. */
  asker?: Asker | undefined
  /** Makes a task of the call, where its tool begins one late. */
  detach?: (() => Promise<void>) | undefined
  /** Where the lines of its log go beside the log; absent where the caller asked for none. */
  tell?: Tell | undefined
  /** Of a gateway: the request, which is passed on as it came, and where the events of its answer go. */
  passed?: Passed | undefined
  stream?: ChunkSink | undefined
}

/** What a call's proxies need to know of the call that they serve. */
export interface CallContext {
  signal: CancelSignal
  /** In milliseconds of `performance.now()`. */
  readonly expiresAt: number
  /** What calls to dependencies are a part of. */
  trace?: ServedTrace | undefined
  /** Ends each stream that is open; what a handler leaves open ends with it. */
  streams?: Set<() => void>
}

export interface InvokeOptions {
  log: Log
  /** The dependency functions for one call; waits, within the settle window, for those not there yet. */
  inject: (tool: ServedTool, context: CallContext) => Promise<DependencyFunctions>
  /** Told of resources that a handler has changed. */
  changed?: (uri: string) => void
  /** Who runs and who waits; default: nobody yet. */
  places?: Places
}

/** Throws MESH_TOOL_BUSY, MESH_CLIENT_INCAPABLE, RpcError and InputRequired. */
export type Invoke = (invocation: Invocation, trace?: ServedTrace) => Promise<ToolResult>

export function createInvoke(options: InvokeOptions): Invoke {
  const { log, inject, places = createPlaces(), changed = ignore } = options
  const logs = new Map<string, Log>()
  const logOf = (tool: string): Log => {
    const known = logs.get(tool) ?? log.with({ tool })
    logs.set(tool, known)
    return known
  }
  return async (invocation, trace) => {
    const { tool } = invocation
    try {
      if ('forward' in tool) return await tool.forward(invocation, { places, trace, withinTime })
      checkArguments(tool, invocation.args)
      const means = { log: logOf(tool.spec.name), inject, places, trace, changed }
      const returned = await runHandler(tool, invocation, means)
      if (tool.spec.returns === 'content')
        return { content: contentOf(returned, `what "${tool.spec.name}" returned`) }
      const value = withHandle(tool, returned, invocation.session)
      checkValue(tool, value)
      return encodeValue(value, tool.checkValue !== undefined)
    } catch (error) {
      if (isThrownOn(error)) throw error
      const code = error instanceof MeshError ? error.code : undefined
      const isCallers = code === 'MESH_ARGUMENTS_INVALID' || invocation.signal.aborted
      log[isCallers ? 'debug' : 'warn']('tool failed', {
        ...{ tool: tool.spec.name, code, traceId: trace?.traceId, error: messageOf(error) },
      })
      if (!(error instanceof MeshError))
        log.debug('cause', { stack: (error as Error | null)?.stack })
      return failure(error)
    }
  }
}

/** Answered with something else than a result. */
export const isThrownOn = (error: unknown): boolean =>
  [ToolBusy, RpcError, InputRequired, ClientLacks].some(kind => error instanceof kind)

/** Runs within the tool's timeout and what the caller has left, whichever is less. */
function withinTime<T>(
  { tool, signal, timeoutMs }: Invocation,
  run: (limited: Cancellation, clock: Clock) => Promise<T>,
): Promise<T> {
  const late = () =>
    timeoutMs < tool.spec.timeoutMs ? callersTime(tool, timeoutMs) : ownTime(tool)
  return withTimeLimit(Math.min(tool.spec.timeoutMs, timeoutMs), signal, late, run)
}

interface HandlerMeans {
  log: Log
  inject: InvokeOptions['inject']
  places: Places
  trace: ServedTrace | undefined
  changed: (uri: string) => void
}

const ignore = () => undefined

async function runHandler(
  tool: HandledTool,
  invocation: Invocation,
  { log, inject, places, trace, changed }: HandlerMeans,
): Promise<unknown> {
  const { args, timeoutMs, sink } = invocation
  const ms = Math.min(tool.spec.timeoutMs, timeoutMs)
  const expiresAt = performance.now() + ms
  const deadline = Date.now() + ms
  return withinTime(invocation, (limited, clock) =>
    unlessAborted(limited, async () => {
      const leave = tool.spec.concurrency && (await places.take(tool.spec, limited))
      const call = new RunningCall(limited, { expiresAt, clock, trace, leave })
      if (invocation.asker) call.endWithQuestion()
      try {
        const dependencies = await inject(tool, call)
        const notes = sink && new Notes(sink)
        const { session, asker, tell, detach } = invocation
        const context = new ContextOfCall(tell ? telling(log, tell) : log, {
          limited,
          deadline,
          notes,
          session,
          asker,
          clock,
          changed,
          detach,
        })
        const given = (args ?? {}) as Record<string, unknown>
        const value = await tool.handler(given, dependencies, context)
        return isStream(value) ? await runStream(value, notes, limited) : value
      } finally {
        call.end()
      }
    }),
  )
}

/** The handle of a session also stands in the value, where the outputSchema has a place for it that the handler left open. */
function withHandle(tool: HandledTool, value: unknown, session: HandlerSession | undefined) {
  const { outputSchema, session: spec } = tool.spec
  if (!session || !spec || typeof value !== 'object' || value === null || Array.isArray(value))
    return value
  const { argument } = spec
  const properties: object = outputSchema?.['properties'] ?? {}
  if (!Object.hasOwn(properties, argument) || Object.hasOwn(value, argument)) return value
  return { ...value, [argument]: session.id }
}

function checkArguments(tool: HandledTool, args: unknown): void {
  const faults = tool.checkArguments(args ?? {})
  if (faults.length === 0) return
  throw new MeshError(
    'MESH_ARGUMENTS_INVALID',
    `the arguments of "${tool.spec.name}" do not fit its inputSchema:\n${list(faults)}`,
    'send arguments as the schema in tools/list says',
  )
}

function checkValue(tool: HandledTool, value: unknown): void {
  if (!tool.checkValue) return
  const faults = value === undefined ? ['value is undefined'] : tool.checkValue(value)
  if (faults.length === 0) return
  throw new MeshError(
    'MESH_OUTPUT_INVALID',
    `what "${tool.spec.name}" returned does not fit its outputSchema:\n${list(faults)}`,
  )
}

/** The caller's remaining time as it stands in `_meta`, 0 where it is over; Infinity where there is no number. */
export function timeoutOf(meta: unknown): number {
  const ms = (meta as Record<string, unknown> | undefined)?.['mcp-mesh.dev/timeout-ms']
  return typeof ms === 'number' ? Math.max(ms, 0) : Infinity
}

const list = (faults: readonly string[]) => faults.map(fault => `- ${fault}`).join('\n')

function callersTime(tool: ServedTool, ms: number): MeshError {
  const found = `"${tool.spec.name}" did not finish within the ${formatDuration(ms)} that its caller had left`
  return new MeshError('MESH_DEADLINE_EXCEEDED', found)
}

function ownTime(tool: ServedTool): MeshError {
  const found = `"${tool.spec.name}" did not finish within its timeout of ${formatDuration(tool.spec.timeoutMs)}`
  return new MeshError(
    'MESH_TIMEOUT_ELAPSED',
    found,
    `lengthen timeout of the tool, or make it faster`,
  )
}
