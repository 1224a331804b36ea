/** Begins spans of calls: their ids, whether they are sampled, and what all of them share. */
import { randomBytes } from 'node:crypto'
import { TraceFlags, trace, type Span, type SpanContext } from '@opentelemetry/api'
import { CallSpan, type SpanMeans } from './call-span.ts'
import { isSampled, type CallSampler } from './root-sampler.ts'
import type { SpanDescription } from './span-attributes.ts'

/** `began`: a moment of `performance.now()`. What is not sampled is a span of the API that records nothing. */
export type Recorder = (
  description: SpanDescription,
  parent: SpanContext | undefined,
  began: number,
) => CallSpan | Span

export function createRecorder(means: SpanMeans, sampler: CallSampler): Recorder {
  return (description, parent, began) => {
    const traceId = parent?.traceId ?? randomDigits(32)
    const spanId = randomDigits(16)
    if (isSampled(sampler, description, traceId, parent))
      return new CallSpan(means, description, { traceId, spanId, began }, parent)
    const context: SpanContext = { traceId, spanId, traceFlags: TraceFlags.NONE }
    if (parent?.traceState) context.traceState = parent.traceState
    return trace.wrapSpanContext(context)
  }
}

/** Random bytes are dear by the call, so they come by the block. */
const blockBytes = 4_096
let block = ''
let used = 0

/** Hexadecimal, an even number of them. All zeros would be no id, and comes once in 2^64. */
function randomDigits(digits: number): string {
  if (used + digits > block.length) {
    block = randomBytes(blockBytes).toString('hex')
    used = 0
  }
  return block.slice(used, (used += digits))
}
