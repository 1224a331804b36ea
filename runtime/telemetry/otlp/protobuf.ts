/** As much of protobuf's wire format as attributes need. https://protobuf.dev/programming-guides/encoding/ */
import type { Attributes, AttributeValue } from '@opentelemetry/api'

/** How many bytes a whole number below 2^53 takes. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}

/** Returns where it ends. */
export function writeByte(out: Buffer, at: number, byte: number): number {
  out[at] = byte
  return at + 1
}

/** Returns where it ends. */
export function writeVarint(out: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out[at++] = (rest % 0x80) | 0x80
  out[at++] = rest
  return at
}

function varint(value: number): Buffer {
  const out = Buffer.alloc(varintBytes(value))
  writeVarint(out, 0, value)
  return out
}

/** A field of bytes, which may be a message. */
export const bytesField = (field: number, bytes: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes])

export const textField = (field: number, text: string): Buffer =>
  bytesField(field, Buffer.from(text))

/** A repeated KeyValue of OTLP: key 1, value 2. */
export function attributesField(field: number, attributes: Attributes): Buffer {
  return Buffer.concat(
    Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined
        ? []
        : [bytesField(field, Buffer.concat([textField(1, key), bytesField(2, anyValue(value))]))],
    ),
  )
}

/** AnyValue: a text, a whole number or a truth value, and a list of such; the mesh says nothing else. */
function anyValue(value: AttributeValue): Buffer {
  if (typeof value === 'boolean') return Buffer.from([0x10, value ? 1 : 0])
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return Buffer.concat([Buffer.from([0x18]), varint(value)])
  }
  if (typeof value === 'number') {
    const out = Buffer.alloc(9, 0x21)
    out.writeDoubleLE(value, 1)
    return out
  }
  if (typeof value === 'string') return textField(1, value)
  const items = value.filter(item => item !== null && item !== undefined)
  return bytesField(5, Buffer.concat(items.map(item => bytesField(1, anyValue(item)))))
}
