/**
 * Calls as spans, by the conventions for MCP: a server span for each tool that runs here and each resource,
 * prompt and completion that is asked for, a client span for each call to a
 * dependency, its failed attempts as events of it. A call's context goes from hand to hand (ServedTrace), so that no
 * concurrency can mix two up; the ambient one is set for the handler alone, and heeded only where it is of the same call:
 * then the handler has made spans or baggage of its own, which are the nearer parent.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 */
import * as api from '@opentelemetry/api'
import { TraceState, W3CBaggagePropagator } from '@opentelemetry/core'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Ambient } from './ambient.ts'
import { CallSpan } from './call-span.ts'
import type { Recorder } from './recorder.ts'
import {
  callAttributes,
  endpointAttributes,
  failureAttributes,
  sentAttributes,
  servedAttributes,
  type CallDescription,
} from './span-attributes.ts'
import {
  isSampledIn,
  listOf,
  parentIdOf,
  traceIdOf,
  type ReceivedTrace,
  type TraceContext,
} from './trace-context.ts'
import {
  passOnFrom,
  type CallTrace,
  type ServedTrace,
  type TracedEdge,
  type TracedFailure,
  type Tracing,
} from './tracing.ts'

export interface SpanTools {
  record: Recorder
  ambient: Ambient
}

export function spanTracing(tools: SpanTools, close: () => Promise<void>): Tracing {
  return {
    serve(name, received, method, began = performance.now()) {
      const parent = received && parentOf(received)
      const span = tools.record(servedAttributes(name, method), parent, began)
      return new ServedSpan(tools, span, received)
    },
    close,
  }
}

/** Under it a context says which call it belongs to. */
const callKey = api.createContextKey('mcp-mesh call')
const baggagePropagator = new W3CBaggagePropagator()

class ServedSpan implements ServedTrace {
  readonly #tools: SpanTools
  readonly #span: CallSpan | api.Span
  readonly #received: ReceivedTrace | undefined
  #told: TraceContext | undefined
  #context: api.Context | undefined

  constructor(tools: SpanTools, span: CallSpan | api.Span, received: ReceivedTrace | undefined) {
    this.#tools = tools
    this.#span = span
    this.#received = received
    if (received?.transport !== undefined)
      this.#span.addLink({ context: spanContextOf(received.transport, undefined) })
  }

  get traceId(): string {
    return idsOf(this.#span).traceId
  }

  /** Made when it is asked for: a tool that calls nothing needs none. */
  get context(): TraceContext {
    const received = this.#received
    // Not recorded here: whoever asked stays the parent, so that no span further on has one that nobody exported.
    if (received?.traceparent !== undefined && !(this.#span instanceof CallSpan)) return received
    return (this.#told ??= told(this.#span, received?.baggage))
  }

  within<T>(run: () => T): T {
    return this.#tools.ambient.within(() => this.#ambient(), run)
  }

  call(edge: TracedEdge, began = performance.now()): CallTrace {
    if (!(this.#span instanceof CallSpan)) return passOnFrom(this.context)
    const nearer = this.#nearer()
    const description = callAttributes(edge)
    const parent = (nearer && contextIn(nearer)) ?? this.#span
    const span = this.#tools.record(description, parent, began)
    const baggage = nearer ? baggageOf(nearer) : this.#received?.baggage
    return new CalledSpan(span, description, told(span, baggage))
  }

  end(failure?: TracedFailure, ended = performance.now()): void {
    endSpan(this.#span, failure, ended)
  }

  /** What the handler has made of the context that it was given. */
  #nearer(): api.Context | undefined {
    const active = this.#tools.ambient.active()
    if (!active || active === this.#context) return undefined
    return active.getValue(callKey) === this ? active : undefined
  }

  /** Made for a handler only, since most use none of it. */
  #ambient(): api.Context {
    if (this.#context) return this.#context
    let context = api.trace.setSpan(api.ROOT_CONTEXT, this.#span).setValue(callKey, this)
    const baggage = this.#received?.baggage
    if (baggage !== undefined) {
      const carrier = { baggage }
      context = baggagePropagator.extract(context, carrier, api.defaultTextMapGetter)
    }
    return (this.#context = context)
  }
}

class CalledSpan implements CallTrace {
  readonly context: TraceContext
  readonly #span: CallSpan | api.Span
  readonly #description: CallDescription
  #attempts = 0

  constructor(span: CallSpan | api.Span, description: CallDescription, context: TraceContext) {
    this.context = context
    this.#span = span
    this.#description = description
  }

  get traceId(): string {
    return idsOf(this.#span).traceId
  }

  attempt(endpoint: Endpoint): void {
    if (++this.#attempts > 1) this.#span.setAttribute('mesh.attempts', this.#attempts)
    if (this.#span instanceof CallSpan)
      this.#span.goesOn(sentAttributes(this.#description, endpoint))
  }

  attemptFailed(endpoint: Endpoint, failure: TracedFailure): void {
    const where = endpointAttributes(endpoint)
    this.#span.addEvent('mesh.attempt.failed', { ...where, ...failureAttributes(failure) })
  }

  end(failure?: TracedFailure, ended = performance.now()): void {
    endSpan(this.#span, failure, ended)
  }
}

const idsOf = (span: CallSpan | api.Span): api.SpanContext =>
  span instanceof CallSpan ? span : span.spanContext()

function endSpan(
  span: CallSpan | api.Span,
  failure: TracedFailure | undefined,
  ended: number,
): void {
  if (failure && span.isRecording()) {
    span.setAttributes(failureAttributes(failure))
    const { about } = failure
    span.setStatus({
      code: api.SpanStatusCode.ERROR,
      ...(about !== undefined && { message: about }),
    })
  }
  if (span instanceof CallSpan) span.endAt(ended)
  else span.end()
}

const parentOf = ({ traceparent, tracestate }: ReceivedTrace) =>
  traceparent === undefined ? undefined : spanContextOf(traceparent, tracestate)

/** A handler may have put anything there. */
function contextIn(context: api.Context): api.SpanContext | undefined {
  const found = api.trace.getSpanContext(context)
  return found && api.isSpanContextValid(found) ? found : undefined
}

/** Of a traceparent that was read. */
function spanContextOf(traceparent: string, tracestate: string | undefined): api.SpanContext {
  const context: api.SpanContext = {
    traceId: traceIdOf(traceparent),
    spanId: parentIdOf(traceparent),
    traceFlags: isSampledIn(traceparent) ? api.TraceFlags.SAMPLED : api.TraceFlags.NONE,
    isRemote: true,
  }
  if (tracestate !== undefined) context.traceState = new TraceState(tracestate)
  return context
}

function told(span: CallSpan | api.Span, baggage: string | undefined): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = idsOf(span)
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & api.TraceFlags.SAMPLED}`,
    tracestate: listOf(traceState?.serialize()),
    baggage,
  }
}

function baggageOf(context: api.Context): string | undefined {
  const carrier: { baggage?: string } = {}
  baggagePropagator.inject(context, carrier, api.defaultTextMapSetter)
  return carrier.baggage
}
