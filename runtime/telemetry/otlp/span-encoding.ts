/**
 * A span of a call in OTLP's protobuf, by hand where all of it is the mesh's own: what it says is encoded once for each tool,
 * edge and endpoint.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import type { CallSpan } from '../call-span.ts'
import { digitOf } from '../hexadecimal.ts'
import type { SpanDescription } from '../span-attributes.ts'
import { attributesField, textField, writeByte } from './protobuf.ts'

/** Whether it holds nothing but what `writeSpan` writes. */
export const isPlain = ({ kept, context }: CallSpan): boolean =>
  kept === undefined && context.traceState === undefined

/** Both ids, both times and the flags, with their tags. */
const fixedBytes = 18 + 10 + 9 + 9 + 6
const parentBytes = 10

/** How many bytes the span is, `words` among them. */
export const bytesOf = ({ parentSpanContext }: CallSpan, words: Buffer): number =>
  fixedBytes + (parentSpanContext ? parentBytes : 0) + words.length

/** Of W3C's flags, the mesh's spans are all sampled; 0x100 says that it is known whether the parent is remote, 0x200 that it is. */
const knowsRemote = 0x100
const isRemote = 0x200

/** Without tag and length. Returns where it ends. */
export function writeSpan(out: Buffer, start: number, span: CallSpan, words: Buffer): number {
  const { traceId, spanId, traceFlags } = span.context
  const parent = span.parentSpanContext
  let at = writeId(out, start, 0x0a, traceId)
  at = writeId(out, at, 0x12, spanId)
  if (parent) at = writeId(out, at, 0x22, parent.spanId)
  at = writeTime(out, at, 0x39, span.startMs)
  at = writeTime(out, at, 0x41, span.endMs)
  at = writeByte(out, writeByte(out, at, 0x85), 0x01)
  at = out.writeUInt32LE(traceFlags | knowsRemote | (parent?.isRemote ? isRemote : 0), at)
  out.set(words, at)
  return at + words.length
}

/** In hexadecimal digits. */
function writeId(out: Buffer, at: number, tag: number, id: string): number {
  let next = writeByte(out, writeByte(out, at, tag), id.length / 2)
  // By hand, since a call into Node's own code costs more than so few bytes.
  for (let i = 0; i < id.length; i += 2) {
    out[next++] = (digitOf(id.charCodeAt(i)) << 4) | digitOf(id.charCodeAt(i + 1))
  }
  return next
}

/** Nanoseconds since the epoch in two halves, as their number is greater than a double holds exactly: 1e9 is 1953125 * 2^9. */
function writeTime(out: Buffer, at: number, tag: number, ms: number): number {
  const seconds = Math.floor(ms / 1_000)
  const upper = seconds * 1_953_125
  const low = (upper % 0x80_0000) * 0x200 + Math.floor((ms - seconds * 1_000) * 1e6)
  const carry = low >= 0x1_0000_0000 ? 1 : 0
  const start = out.writeUInt32LE(low - carry * 0x1_0000_0000, writeByte(out, at, tag))
  return out.writeUInt32LE(Math.floor(upper / 0x80_0000) + carry, start)
}

const known = new WeakMap<SpanDescription, Buffer>()

/** Name, kind and attributes. OTLP begins to count kinds one later than the API. */
export function wordsOf(description: SpanDescription): Buffer {
  let words = known.get(description)
  if (!words) {
    const { name, kind, attributes } = description
    const parts = [
      textField(5, name),
      Buffer.from([0x30, kind + 1]),
      attributesField(9, attributes),
    ]
    known.set(description, (words = Buffer.concat(parts)))
  }
  return words
}
