/**
 * The head that a connection had last. A client that keeps its connection sends the same one again and again, but for the
 * length of its body and the trace that it belongs to: then two or three comparisons of text are all there is to read, and what was
 * found of it still holds, such as that its token is right. Nobody can be compared with another by that: a connection is one
 * client's.
 */
import { isTraceShaped, longestHead, readHead, traceLength, type Head } from './read-head.ts'

export interface KnownHead {
  readonly head: Head
  /** What stands before the value of `traceparent`; undefined where there is none that may be another. */
  readonly beforeTrace: string | undefined
  /** What stands from there to the digits of the length, and what behind them. */
  readonly before: string
  readonly after: string
  /** Whether such requests may be served here, whatever their trace. */
  readonly isServed: boolean
}

/** Where in `bytes` the body begins and ends; `end` may lie behind what has come. */
export interface Cut {
  readonly known: KnownHead
  /** That of this request, but for its length. */
  readonly head: Head
  readonly from: number
  readonly end: number
}

/** Undefined where the bytes do not begin with a whole head of the plain form. */
export function cutRequest(
  bytes: Buffer,
  last: KnownHead | undefined,
  isServed: (head: Head) => boolean,
): Cut | undefined {
  return (last && cutLike(bytes, last)) ?? cutNew(bytes, isServed)
}

function cutLike(bytes: Buffer, known: KnownHead): Cut | undefined {
  const { beforeTrace, before, after } = known
  let { head } = known
  let at = 0
  if (beforeTrace !== undefined) {
    if (!standsAt(bytes, at, beforeTrace)) return undefined
    at += beforeTrace.length
    const traceparent = bytes.toString('latin1', at, (at += traceLength))
    if (!isTraceShaped(traceparent)) return undefined
    head = { ...head, headers: { ...head.headers, traceparent } }
  }
  if (!standsAt(bytes, at, before)) return undefined
  const digitsAt = (at += before.length)
  let length = 0
  for (; at < digitsAt + mostDigits; at++) {
    const digit = (bytes[at] ?? 0) - zero
    if (digit < 0 || digit > 9) break
    if (length === 0 && at > digitsAt) return undefined // a zero before it: not of the form
    length = length * 10 + digit
  }
  if (at === digitsAt || !standsAt(bytes, at, after)) return undefined
  const from = at + after.length
  return { known, head, from, end: from + length }
}

const standsAt = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text

const zero = 0x30
const mostDigits = 9

function cutNew(bytes: Buffer, isServed: (head: Head) => boolean): Cut | undefined {
  const blank = bytes.subarray(0, longestHead).indexOf('\r\n\r\n')
  if (blank < 0) return undefined
  const from = blank + 4
  const text = bytes.toString('latin1', 0, from)
  const head = readHead(text)
  if (!head) return undefined
  const { traceAt } = head
  const [at, to] = head.lengthAt
  const known = {
    ...{ head, isServed: isServed(head) },
    beforeTrace: traceAt === undefined ? undefined : text.slice(0, traceAt),
    before: text.slice(traceAt === undefined ? 0 : traceAt + traceLength, at),
    after: text.slice(to),
  }
  return { known, head, from, end: from + head.length }
}
