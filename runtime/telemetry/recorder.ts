/** Begins spans of calls: their ids, whether they are sampled, and what all of them share. */
import { TraceFlags, trace, type Link, type Span, type SpanContext } from '@opentelemetry/api'
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-base'
import { CallSpan, type SpanBeginning, type SpanMeans } from './call-span.ts'
import { isSampled, type CallSampler } from './root-sampler.ts'

export interface SpanWish extends Pick<SpanBeginning, 'name' | 'kind' | 'attributes'> {
  parent: SpanContext | undefined
  links: Link[] | undefined
}

/** What is not sampled is a span of the API that records nothing. */
export type Recorder = (wish: SpanWish) => CallSpan | Span

export function createRecorder(means: SpanMeans, sampler: CallSampler): Recorder {
  const ids = new RandomIdGenerator()
  return ({ name, kind, attributes, parent, links }) => {
    const traceId = parent?.traceId ?? ids.generateTraceId()
    const isRecorded = isSampled(sampler, { traceId, parent, name, kind })
    const context: SpanContext = {
      traceId,
      spanId: ids.generateSpanId(),
      traceFlags: isRecorded ? TraceFlags.SAMPLED : TraceFlags.NONE,
    }
    if (parent?.traceState) context.traceState = parent.traceState
    if (!isRecorded) return trace.wrapSpanContext(context)
    const span = new CallSpan({ name, kind, context, parent, attributes }, means)
    if (links) span.addLinks(links)
    return span
  }
}
