/** What is known of a call to a dependency while it runs: for its span, and for the line of the log should it fail. */
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { TraceContext } from './trace-context.ts'
import { failureOfError } from './traced-failure.ts'
import type { CallTrace } from './tracing.ts'

export class CallRecord {
  readonly trace: CallTrace
  /** Requests that were tried. */
  attempts = 0
  /** Where the last one went. */
  endpoint: Endpoint | undefined

  constructor(trace: CallTrace) {
    this.trace = trace
  }

  /** What the provider is told. */
  get context(): TraceContext | undefined {
    return this.trace.context
  }

  attempt(endpoint: Endpoint): void {
    this.attempts++
    this.endpoint = endpoint
    this.trace.attempt(endpoint)
  }

  attemptFailed(endpoint: Endpoint, error: unknown): void {
    this.trace.attemptFailed(endpoint, failureOfError(error))
  }
}
