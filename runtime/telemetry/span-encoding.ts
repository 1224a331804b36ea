/**
 * Spans of calls in OTLP's protobuf, by hand where all of a span is the mesh's own: what it says is encoded once for each
 * tool, edge and endpoint. A span that holds anything else goes to OpenTelemetry's serializer; an export request
 * may be two, one behind the other, since a repeated field of protobuf is what stands in both.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { CallSpan } from './call-span.ts'
import { digitOf } from './hexadecimal.ts'
import { attributesField, bytesField, textField, varintBytes, writeVarint } from './protobuf.ts'
import type { SpanDescription } from './span-attributes.ts'

export const callSpanSerializer: typeof ProtobufTraceSerializer = {
  serializeRequest(spans) {
    const ours: CallSpan[] = []
    const others: ReadableSpan[] = []
    for (const span of spans) {
      if (span instanceof CallSpan && isPlain(span)) ours.push(span)
      else others.push(span)
    }
    const [first] = ours
    if (!first) return ProtobufTraceSerializer.serializeRequest(spans)
    const own = encode(ours, first)
    const rest = others.length > 0 && ProtobufTraceSerializer.serializeRequest(others)
    return rest ? Buffer.concat([own, rest]) : own
  },
  deserializeResponse: data => ProtobufTraceSerializer.deserializeResponse(data),
}

const isPlain = (span: CallSpan): boolean =>
  span.kept === undefined && span.context.traceState === undefined

/** All spans of calls of a process have one resource and one scope. */
function encode(spans: readonly CallSpan[], { resource, instrumentationScope }: CallSpan): Buffer {
  const sayings = spans.map(({ description }) => sayingOf(description))
  const lengths = spans.map((span, i) => bytesOf(span, sayings[i] ?? empty))
  let spanBytes = 0
  for (const length of lengths) spanBytes += 1 + varintBytes(length) + length
  const head = bytesField(1, attributesField(1, resource.attributes))
  const schema = resource.schemaUrl ? textField(3, resource.schemaUrl) : empty
  const scope = bytesField(1, textField(1, instrumentationScope.name))
  const scopeBytes = scope.length + spanBytes
  const allBytes = head.length + 1 + varintBytes(scopeBytes) + scopeBytes + schema.length
  const out = Buffer.allocUnsafe(1 + varintBytes(allBytes) + allBytes)
  let at = writeVarint(out, writeByte(out, 0, resourceSpans), allBytes)
  at += head.copy(out, at)
  at = writeVarint(out, writeByte(out, at, scopeSpans), scopeBytes)
  at += scope.copy(out, at)
  for (let i = 0; i < spans.length; i++) {
    at = writeVarint(out, writeByte(out, at, spanTag), lengths[i] ?? 0)
    at = writeSpan(out, at, spans[i] as CallSpan, sayings[i] ?? empty)
  }
  schema.copy(out, at)
  return out
}

const empty = Buffer.alloc(0)
const resourceSpans = 0x0a
const scopeSpans = 0x12
const spanTag = 0x12
/** Both ids, both times and the flags, with their tags. */
const fixedBytes = 18 + 10 + 9 + 9 + 6
const parentBytes = 10

const bytesOf = ({ parentSpanContext }: CallSpan, saying: Buffer): number =>
  fixedBytes + (parentSpanContext ? parentBytes : 0) + saying.length

/** Of W3C's flags, the mesh's spans are all sampled; 0x100 says that it is known whether the parent is remote, 0x200 that it is. */
const knowsRemote = 0x100
const isRemote = 0x200

function writeSpan(out: Buffer, start: number, span: CallSpan, saying: Buffer): number {
  const { traceId, spanId, traceFlags } = span.context
  const parent = span.parentSpanContext
  let at = writeId(out, start, 0x0a, traceId)
  at = writeId(out, at, 0x12, spanId)
  if (parent) at = writeId(out, at, 0x22, parent.spanId)
  at = writeTime(out, at, 0x39, span.startMs)
  at = writeTime(out, at, 0x41, span.endMs)
  at = writeByte(out, writeByte(out, at, 0x85), 0x01)
  at = out.writeUInt32LE(traceFlags | knowsRemote | (parent?.isRemote ? isRemote : 0), at)
  out.set(saying, at)
  return at + saying.length
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

function writeByte(out: Buffer, at: number, byte: number): number {
  out[at] = byte
  return at + 1
}

const sayings = new WeakMap<SpanDescription, Buffer>()

/** Name, kind and attributes. OTLP begins to count kinds one later than the API. */
function sayingOf(description: SpanDescription): Buffer {
  let bytes = sayings.get(description)
  if (!bytes) {
    const { name, kind, attributes } = description
    const parts = [
      textField(5, name),
      Buffer.from([0x30, kind + 1]),
      attributesField(9, attributes),
    ]
    sayings.set(description, (bytes = Buffer.concat(parts)))
  }
  return bytes
}
