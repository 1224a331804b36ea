/** Reads the wire format of Protocol Buffers by field numbers: as much of it as OTLP needs. */

export interface Fields {
  has(field: number): boolean
  text(field: number): string
  hex(field: number): string
  /** Of a varint, or of eight bytes. */
  number(field: number): number
  double(field: number): number
  /** Each message of a repeated field, read by `of`. */
  messages<T>(field: number, of: (message: Fields) => T): T[]
}

export function fieldsOf(bytes: Buffer): Fields {
  const values = new Map<number, (number | Buffer)[]>()
  let at = 0
  const varint = () => {
    let value = 0
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * weight
      if (byte < 128) return value
    }
  }
  const take = (length: number) => bytes.subarray(at, (at += length))
  while (at < bytes.length) {
    const tag = varint()
    const wire = tag & 7
    if (![0, 1, 2, 5].includes(wire)) throw new Error(`wire type ${wire} at byte ${at}`)
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : varint())
    values.set(tag >> 3, [...(values.get(tag >> 3) ?? []), value])
  }
  const last = (field: number) => values.get(field)?.at(-1)
  const buffer = (field: number) => (last(field) as Buffer | undefined) ?? Buffer.alloc(0)
  return {
    has: field => values.has(field),
    text: field => buffer(field).toString('utf8'),
    hex: field => buffer(field).toString('hex'),
    number(field) {
      const value = last(field) ?? 0
      return typeof value === 'number' ? value : Number(value.readBigUInt64LE())
    },
    double: field => buffer(field).readDoubleLE(),
    messages: (field, of) => (values.get(field) ?? []).map(each => of(fieldsOf(each as Buffer))),
  }
}
