/**
 * Calls as spans, by the conventions for MCP: a server span for each tool that runs here, a client span for each call to a
 * dependency, its failed attempts as events of it. A call's context goes from hand to hand (ServedTrace), so that no
 * concurrency can mix two up; the ambient one is set for the handler alone, and heeded only where it is of the same call:
 * then the handler has made spans or baggage of its own, which are the nearer parent.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
 */
import * as api from '@opentelemetry/api'
import { TraceState, W3CBaggagePropagator } from '@opentelemetry/core'
import type { Endpoint } from '../../core/model/registry-api.ts'
import {
  callAttributes,
  endpointAttributes,
  failureAttributes,
  toolAttributes,
} from './span-attributes.ts'
import type { ReceivedTrace, TraceContext } from './trace-context.ts'
import {
  passOnFrom,
  type CallTrace,
  type ServedTrace,
  type TracedEdge,
  type TracedFailure,
  type Tracing,
} from './tracing.ts'

export function spanTracing(tracer: api.Tracer, close: () => Promise<void>): Tracing {
  return { serve: (tool, received) => new ServedSpan(tracer, tool, received), close }
}

/** Under it a context says which call it belongs to. */
const callKey = api.createContextKey('mcp-mesh call')
const serverSpan = { kind: api.SpanKind.SERVER }
const clientSpan = { kind: api.SpanKind.CLIENT }
const baggagePropagator = new W3CBaggagePropagator()

class ServedSpan implements ServedTrace {
  readonly traceId: string
  readonly context: TraceContext
  readonly #tracer: api.Tracer
  readonly #span: api.Span
  readonly #context: api.Context

  constructor(tracer: api.Tracer, tool: string, received: ReceivedTrace | undefined) {
    const around = received ? contextOf(received) : api.ROOT_CONTEXT
    const { name, attributes } = toolAttributes(tool)
    const transport = received?.transport
    const options =
      transport === undefined
        ? serverSpan
        : { ...serverSpan, links: [{ context: spanContextOf(transport, undefined) }] }
    const span = tracer.startSpan(name, options, around)
    if (span.isRecording()) span.setAttributes(attributes)
    this.#tracer = tracer
    this.#span = span
    this.#context = api.trace.setSpan(around, span).setValue(callKey, this)
    this.traceId = span.spanContext().traceId
    // Not recorded here: whoever asked stays the parent, so that no span further on has one that nobody exported.
    const isPassedOn = !span.isRecording() && received?.traceparent !== undefined
    this.context = isPassedOn ? received : told(span, received?.baggage)
  }

  within<T>(run: () => T): T {
    return api.context.with(this.#context, run)
  }

  call(edge: TracedEdge): CallTrace {
    if (!this.#span.isRecording()) return passOnFrom(this.context)
    const active = api.context.active()
    const around = active.getValue(callKey) === this ? active : this.#context
    const span = this.#tracer.startSpan('tools/call', clientSpan, around)
    span.setAttributes(callAttributes(edge).attributes) // at the start the SDK would copy them twice
    const baggage = around === this.#context ? this.context.baggage : baggageOf(around)
    return new CallSpan(span, told(span, baggage))
  }

  end(failure?: TracedFailure): void {
    endSpan(this.#span, failure)
  }
}

class CallSpan implements CallTrace {
  readonly traceId: string
  readonly context: TraceContext
  readonly #span: api.Span
  #attempts = 0

  constructor(span: api.Span, context: TraceContext) {
    this.traceId = span.spanContext().traceId
    this.context = context
    this.#span = span
  }

  attempt(endpoint: Endpoint): void {
    const { name, attributes } = endpointAttributes(endpoint)
    if (++this.#attempts > 1) this.#span.setAttribute('mesh.attempts', this.#attempts)
    this.#span.updateName(name).setAttributes(attributes)
  }

  attemptFailed(endpoint: Endpoint, failure: TracedFailure): void {
    const { attributes } = endpointAttributes(endpoint)
    this.#span.addEvent('mesh.attempt.failed', { ...attributes, ...failureAttributes(failure) })
  }

  end(failure?: TracedFailure): void {
    endSpan(this.#span, failure)
  }
}

function endSpan(span: api.Span, failure: TracedFailure | undefined): void {
  if (failure && span.isRecording()) {
    span.setAttributes(failureAttributes(failure))
    const { about } = failure
    span.setStatus({
      code: api.SpanStatusCode.ERROR,
      ...(about !== undefined && { message: about }),
    })
  }
  span.end()
}

function contextOf({ traceparent, tracestate, baggage }: ReceivedTrace): api.Context {
  let context = api.ROOT_CONTEXT
  if (traceparent !== undefined) {
    context = api.trace.setSpanContext(context, spanContextOf(traceparent, tracestate))
  }
  if (baggage === undefined) return context
  return baggagePropagator.extract(context, { baggage }, api.defaultTextMapGetter)
}

/** Of a traceparent that was read. */
function spanContextOf(traceparent: string, tracestate: string | undefined): api.SpanContext {
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: parseInt(traceparent.slice(53, 55), 16) & api.TraceFlags.SAMPLED,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: new TraceState(tracestate) }),
  }
}

function told(span: api.Span, baggage: string | undefined): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & api.TraceFlags.SAMPLED}`,
    tracestate: traceState?.serialize() || undefined,
    baggage,
  }
}

function baggageOf(context: api.Context): string | undefined {
  const carrier: { baggage?: string } = {}
  baggagePropagator.inject(context, carrier, api.defaultTextMapSetter)
  return carrier.baggage
}
