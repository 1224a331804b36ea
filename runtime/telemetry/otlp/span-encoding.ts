/**
 * A span of a call in OTLP's protobuf, by hand where all of it is the mesh's own: what it says is encoded once for each tool,
 * edge and endpoint.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { TraceFlags } from '@opentelemetry/api'
import type { CallSpan } from '../call-span.ts'
import { digitOf } from '../hexadecimal.ts'
import type { SpanDescription } from '../span-attributes.ts'
import { attributesField, bytesField, textField } from './protobuf.ts'

/** Whether it holds nothing but what is written here. */
export const isPlain = ({ kept, traceState }: CallSpan): boolean =>
  kept === undefined && traceState === undefined

/** Both ids, both times and the flags, with their tags. */
const fixedBytes = 18 + 10 + 9 + 9 + 6
const parentBytes = 10
/** Of W3C's flags, the mesh's spans are all sampled; 0x100 says that it is known whether the parent is remote, 0x200 that it is. */
const knowsRemote = 0x100
const isRemote = 0x200

/** All of a span, with its own tag and length, but for the ids and times, which begin at `idsAt`. */
export interface Form {
  readonly bytes: Buffer
  readonly idsAt: number
}

type Parent = 'none' | 'local' | 'remote'
const known = new WeakMap<SpanDescription, Partial<Record<Parent, Form>>>()

/** Made once for each description: most of a span is the same in all that it describes. */
export function formOf({ description, parentSpanContext }: CallSpan): Form {
  const parent = parentSpanContext ? (parentSpanContext.isRemote ? 'remote' : 'local') : 'none'
  let forms = known.get(description)
  if (!forms) known.set(description, (forms = {}))
  return (forms[parent] ??= makeForm(description, parent))
}

/** Name, kind and attributes stand at the end. OTLP begins to count kinds one later than the API. */
function makeForm({ name, kind, attributes }: SpanDescription, parent: Parent): Form {
  const fixed = Buffer.alloc(fixedBytes + (parent === 'none' ? 0 : parentBytes))
  fixed.set([0x0a, 16])
  fixed.set([0x12, 8], 18)
  if (parent !== 'none') fixed.set([0x22, 8], 28)
  fixed.set([0x39], fixed.length - 24)
  fixed.set([0x41], fixed.length - 15)
  fixed.set([0x85, 0x01], fixed.length - 6)
  const flags = TraceFlags.SAMPLED | knowsRemote | (parent === 'remote' ? isRemote : 0)
  fixed.writeUInt32LE(flags, fixed.length - 4)
  const words = [textField(5, name), Buffer.from([0x30, kind + 1]), attributesField(9, attributes)]
  const span = Buffer.concat([fixed, ...words])
  const bytes = bytesField(spanField, span)
  return { bytes, idsAt: bytes.length - span.length }
}

/** Of ScopeSpans. */
const spanField = 2

/** Bytes, and the same to write numbers in: V8 makes less of that than of a buffer's own ways. */
export interface Room {
  readonly bytes: Buffer
  readonly view: DataView
}

/** Writes it where there is room for the bytes of its form. */
export function writeSpan(room: Room, at: number, span: CallSpan, { bytes, idsAt }: Form): void {
  const { traceId, spanId, parentSpanContext, startMs, endMs } = span
  const { bytes: out, view } = room
  out.set(bytes, at)
  const start = at + idsAt
  writeId(out, start + 2, traceId, 16)
  writeId(out, start + 20, spanId, 8)
  if (parentSpanContext) writeId(out, start + 30, parentSpanContext.spanId, 8)
  const timeAt = start + (parentSpanContext ? 28 + parentBytes : 28) + 1
  writeTime(view, timeAt, startMs)
  writeTime(view, timeAt + 9, endMs)
}

/** From hexadecimal digits. */
function writeId(out: Buffer, at: number, id: string, bytes: number): void {
  // By hand, since a call into Node's own code costs more than so few bytes.
  for (let i = 0; i < bytes; i++) {
    out[at + i] = (digitOf(id.charCodeAt(2 * i)) << 4) | digitOf(id.charCodeAt(2 * i + 1))
  }
}

/** Nanoseconds since the epoch in two halves, as their number is greater than a double holds exactly: 1e9 is 1953125 * 2^9. */
function writeTime(view: DataView, at: number, ms: number): void {
  const seconds = Math.floor(ms / 1_000)
  const upper = seconds * 1_953_125
  const low = (upper % 0x80_0000) * 0x200 + Math.floor((ms - seconds * 1_000) * 1e6)
  const carry = low >= 0x1_0000_0000 ? 1 : 0
  view.setUint32(at, low - carry * 0x1_0000_0000, true)
  view.setUint32(at + 4, Math.floor(upper / 0x80_0000) + carry, true)
}
