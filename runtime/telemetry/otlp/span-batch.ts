/**
 * Spans of calls as an export request of OTLP in protobuf: they are bytes soon after they end, so that nothing of a call
 * outlives it for long, and the request is there when it is wanted.
 */
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { CallSpan } from '../call-span.ts'
import {
  attributesField,
  bytesField,
  textField,
  varintBytes,
  writeByte,
  writeVarint,
} from './protobuf.ts'
import { formOf, writeSpan, type Room } from './span-encoding.ts'

/** What stands around the spans of a process, all of which have one resource and one scope. */
export interface Frame {
  resource: Buffer
  scope: Buffer
  /** Behind the spans. */
  schema: Buffer
}

export const frameOf = (resource: Resource, scope: InstrumentationScope): Frame => ({
  resource: bytesField(1, attributesField(1, resource.attributes)),
  scope: bytesField(1, textField(1, scope.name)),
  schema: resource.schemaUrl ? textField(3, resource.schemaUrl) : Buffer.alloc(0),
})

const resourceSpans = 0x0a
const scopeSpans = 0x12
/** A tag, and a length below 2^35. */
const tagBytes = 1 + 5
const firstBytes = 16 * 1024
/**
 * So many spans become bytes one after the other: the code for it, which the rest of a call drives out of the processor's caches, is
 * fetched once for all of them. No more, since they are to be in those caches still, and to be few when the young are collected.
 */
const atOnce = 16

export class SpanBatch {
  /** Spans. */
  length = 0
  readonly #frame: Frame
  /** Before the first span: room for what can be written only when the length of all is known. */
  readonly #start: number
  #room = roomFor(firstBytes)
  #end: number
  /** Those that are no bytes yet. A new list each time: what is young costs little to write to an object that is young as well. */
  #ended: CallSpan[] = []

  constructor(frame: Frame) {
    this.#frame = frame
    this.#start = this.#end = 2 * tagBytes + frame.resource.length + frame.scope.length
  }

  /** A span that has ended. */
  add(span: CallSpan): void {
    this.length++
    if (this.#ended.push(span) === atOnce) this.#writeEnded()
  }

  #writeEnded(): void {
    const ended = this.#ended
    this.#ended = []
    for (const span of ended) this.#write(span)
  }

  #write(span: CallSpan): void {
    const form = formOf(span)
    const at = this.#end
    this.#end = at + form.bytes.length
    const needed = this.#end + this.#frame.schema.length
    if (needed > this.#room.bytes.length) this.#grow(at, needed)
    writeSpan(this.#room, at, span, form)
  }

  /** ExportTraceServiceRequest. The bytes are the batch's: they hold until it is cleared. */
  request(): Uint8Array {
    this.#writeEnded()
    const { resource, scope, schema } = this.#frame
    const out = this.#room.bytes
    const scopeBytes = scope.length + this.#end - this.#start
    const ofScope = 1 + varintBytes(scopeBytes)
    const allBytes = resource.length + ofScope + scopeBytes + schema.length
    const first = this.#start - scope.length - ofScope - resource.length - 1 - varintBytes(allBytes)
    let at = writeVarint(out, writeByte(out, first, resourceSpans), allBytes)
    at += resource.copy(out, at)
    at = writeVarint(out, writeByte(out, at, scopeSpans), scopeBytes)
    scope.copy(out, at)
    return out.subarray(first, this.#end + schema.copy(out, this.#end))
  }

  clear(): void {
    this.length = 0
    this.#end = this.#start
  }

  /** Keeps what stands before `end`. */
  #grow(end: number, needed: number): void {
    const { bytes } = this.#room
    this.#room = roomFor(Math.max(2 * bytes.length, needed))
    bytes.copy(this.#room.bytes, 0, 0, end)
  }
}

function roomFor(length: number): Room {
  const bytes = Buffer.allocUnsafeSlow(length)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) }
}
