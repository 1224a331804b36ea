/**
 * What the calls of an agent tell of themselves to whoever follows them, as a port: `passOn` hands on what came in and
 * records nothing, span-tracing.ts makes spans of it. Propagation is not recording: a trace that goes through an agent
 * without telemetry must not break there.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'
import { traceIdOf, type ReceivedTrace, type TraceContext } from './trace-context.ts'

/** What a client asks an agent for, as MCP names it. */
export type ServedMethod = 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete'

/** Moments are those of `performance.now()`, which whoever tells of a call has read; default: now. */
export interface Tracing {
  /** Begins a request that came in, for a tool where no `method` is said; `name` is one of the manifest. */
  serve(
    name: string,
    received: ReceivedTrace | undefined,
    method?: ServedMethod,
    began?: number,
  ): ServedTrace
  /** Hands over what is recorded, for two seconds at most. */
  close(): Promise<void>
}

/** A call of a tool of this agent, or a request for something else of it, from its arrival to its answer. */
export interface ServedTrace {
  /** 32 hexadecimal digits; undefined for a call that belongs to no trace. */
  readonly traceId: string | undefined
  /** What is told on where a call to elsewhere has no span of its own. */
  readonly context: TraceContext | undefined
  /** Runs what the call does, so that spans that a handler makes by itself have the right parent. */
  within<T>(run: () => T): T
  /** Begins a call to a dependency, as a part of this one. */
  call(edge: TracedEdge, began?: number): CallTrace
  /** `failure` says how it failed; absent where it did not. To be called once. */
  end(failure?: TracedFailure, ended?: number): void
}

/** A call to a dependency, from the handler's word to its value: all attempts of it. */
export interface CallTrace {
  readonly traceId: string | undefined
  /** What providers are told, in each attempt. */
  readonly context: TraceContext | undefined
  /** An attempt went to this endpoint; the last one said is the one that answered. */
  attempt(endpoint: Endpoint): void
  /** An attempt failed. */
  attemptFailed(endpoint: Endpoint, failure: TracedFailure): void
  end(failure?: TracedFailure): void
}

/** Names of the manifest: they tell nothing of a call. */
export interface TracedEdge {
  /** `agent.tool -> dependency`. */
  readonly name: string
  readonly capability: string
}

export interface TracedFailure {
  /** A code of the mesh, a JSON-RPC error code, or `tool_error`. */
  readonly type: string
  /** What the code means, in words that hold nothing of the call. */
  readonly about: string | undefined
  /** The JSON-RPC error code that the provider answered. */
  readonly rpc?: number | undefined
  /** The code that a failed tool of the mesh says of itself. */
  readonly code?: string | undefined
}

class PassedOn implements ServedTrace, CallTrace {
  readonly traceId: string | undefined
  readonly context: TraceContext | undefined

  constructor(context: TraceContext | undefined) {
    this.context = context
    this.traceId = context?.traceparent === undefined ? undefined : traceIdOf(context.traceparent)
  }

  within<T>(run: () => T): T {
    return run()
  }

  call(): CallTrace {
    return this
  }

  attempt(): void {
    // nothing is recorded
  }

  attemptFailed(): void {
    // nothing is recorded
  }

  end(): void {
    // nothing is recorded
  }
}

/** A call that tells its providers this and records nothing. */
export const passOnFrom = (context: TraceContext): CallTrace => new PassedOn(context)

/** A call that belongs to no trace, where nothing is recorded. */
export const untraced: ServedTrace & CallTrace = new PassedOn(undefined)

export const passOn: Tracing = {
  serve: (_name, received) => (received ? new PassedOn(received) : untraced),
  close: () => Promise.resolve(),
}
