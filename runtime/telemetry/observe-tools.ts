/** Follows each call of a tool of this agent from end to end: its span and its figures. */
import { InputRequired } from '../mcp/asking.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { ToolMeters } from './tool-meters.ts'
import { readTrace } from './trace-context.ts'
import { failureOfError, failureOfResult } from './traced-failure.ts'
import type { ServedTrace, TracedFailure, Tracing } from './tracing.ts'

export interface ObserveOptions {
  tracing: Tracing
  meters: ToolMeters
}

/** Results and what is thrown come through unchanged. */
export function observeTools(
  invoke: (invocation: Invocation, trace: ServedTrace) => Promise<ToolResult>,
  { tracing, meters }: ObserveOptions,
): Invoke {
  return async invocation => {
    const { tool, meta, headers = {}, traceparent } = invocation
    const { name } = tool.spec
    const began = performance.now()
    const received = readTrace(meta, headers, traceparent)
    const trace = tracing.serve(name, received, 'tools/call', began)
    const meter = meters.of(name)
    let failure: TracedFailure | undefined
    meter.begin()
    try {
      const result = await trace.within(() => invoke(invocation, trace))
      failure = failureOfResult(result)
      return result
    } catch (error) {
      if (!(error instanceof InputRequired)) failure = failureOfError(error)
      throw error
    } finally {
      const ended = performance.now()
      meter.end(ended - began, failure && (failure.code ?? failure.type))
      trace.end(failure, ended)
    }
  }
}
