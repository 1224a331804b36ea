/** Runs a request at whom it is for: by the policies of the gateway, seen as a call in traces and figures. */
import type { CallRequest, Passed } from '../proxy/call.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { ChunkSink } from '../proxy/chunk-queue.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import { observeCall } from '../telemetry/observe-call.ts'
import { untraced, type ServedTrace } from '../telemetry/tracing.ts'
import type { Target } from './catalog.ts'
import { isRelayed, type Relayed } from './relayed.ts'

export interface PassedRun {
  target: Target
  args: Readonly<Record<string, unknown>>
  /** Aborts when the client goes away. */
  signal: CancelSignal
  /** What remains of the client's deadline, in milliseconds; Infinity where it set none. */
  timeoutMs: number
  passed: Passed
  stream?: ChunkSink | undefined
  trace?: ServedTrace | undefined
  log: Log
}

/** Throws what keeps the request from being answered by its agent. */
export async function runPassed(run: PassedRun): Promise<Relayed> {
  const { target, args, signal, timeoutMs, passed, stream, trace = untraced, log } = run
  const { edge, call } = target
  const expiresAt = timeoutMs < Infinity ? performance.now() + timeoutMs : Infinity
  const result: ToolResult = await observeCall({ edge, served: trace, log }, record => {
    const request: CallRequest = { args, signal, expiresAt, stream, record, passed }
    return call(request)
  })
  if (isRelayed(result)) return result
  throw new Error(`${edge.name} gave back what was not relayed`)
}
