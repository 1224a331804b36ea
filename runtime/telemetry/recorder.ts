/** Begins spans of calls: their ids, whether they are sampled, and what all of them share. */
import { randomBytes } from 'node:crypto'
import { TraceFlags, trace, type Link, type Span, type SpanContext } from '@opentelemetry/api'
import { CallSpan, type SpanBeginning, type SpanMeans } from './call-span.ts'
import { isSampled, type CallSampler } from './root-sampler.ts'

export interface SpanWish extends Pick<SpanBeginning, 'name' | 'kind' | 'attributes'> {
  parent: SpanContext | undefined
  links: Link[] | undefined
}

/** What is not sampled is a span of the API that records nothing. */
export type Recorder = (wish: SpanWish) => CallSpan | Span

export function createRecorder(means: SpanMeans, sampler: CallSampler): Recorder {
  return ({ name, kind, attributes, parent, links }) => {
    const traceId = parent?.traceId ?? randomDigits(32)
    const isRecorded = isSampled(sampler, { traceId, parent, name, kind })
    const context: SpanContext = {
      traceId,
      spanId: randomDigits(16),
      traceFlags: isRecorded ? TraceFlags.SAMPLED : TraceFlags.NONE,
    }
    if (parent?.traceState) context.traceState = parent.traceState
    if (!isRecorded) return trace.wrapSpanContext(context)
    const span = new CallSpan({ name, kind, context, parent, attributes }, means)
    if (links) span.addLinks(links)
    return span
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
