/** Follows a call to a dependency from end to end: its span, and one line of the log when it fails. */
import { messageOf } from '../../core/model/error.ts'
import type { Edge } from '../proxy/edge.ts'
import { textOf, type ToolResult } from '../proxy/values.ts'
import { CallRecord } from './call-record.ts'
import type { Log } from './log.ts'
import { failureOfError, failureOfResult, toolError } from './traced-failure.ts'
import type { ServedTrace, TracedFailure } from './tracing.ts'

export interface ObservedCall {
  edge: Edge
  /** Of the call of a tool that this is a part of. */
  served: ServedTrace
  log: Log
}

/** Runs the call with a record of its own. The result and what is thrown come through unchanged. */
export async function observeCall(
  { edge, served, log }: ObservedCall,
  run: (record: CallRecord) => Promise<ToolResult>,
): Promise<ToolResult> {
  const began = performance.now()
  const record = new CallRecord(served.call(edge, began))
  try {
    const result = await run(record)
    const failure = failureOfResult(result)
    if (failure) say(log, edge, record, { failure, began, cause: textOf(result) })
    record.trace.end(failure)
    return result
  } catch (error) {
    const failure = failureOfError(error)
    say(log, edge, record, { failure, began, cause: messageOf(error) })
    record.trace.end(failure)
    throw error
  }
}

/** So much of a provider's words; the leaf has taken out of them what this agent sent as a secret. */
const maxCause = 500

function say(
  log: Log,
  { name, capability }: Edge,
  { trace, attempts, endpoint }: CallRecord,
  { failure, began, cause }: { failure: TracedFailure; began: number; cause: string },
): void {
  const code =
    failure.type === toolError ? 'MESH_TOOL_FAILED' : (failure.code ?? 'MESH_INTERNAL_FAILED')
  log[code === 'MESH_CALL_CANCELLED' ? 'debug' : 'warn']('call failed', {
    ...{ edge: name, capability, attempts, code, traceId: trace.traceId },
    ...{ provider: endpoint?.instance, ms: Math.round(performance.now() - began) },
    cause: cause.length > maxCause ? `${cause.slice(0, maxCause)}…` : cause,
  })
}
