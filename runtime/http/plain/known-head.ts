/**
 * The head that a connection had last. A client that keeps its connection sends the same one again and again, but for the
 * length of its body: then two comparisons of text are all there is to read, and what was found of it still holds, such as
 * that its token is right. Nobody can be compared with another by that: a connection is one client's.
 */
import { longestHead, readHead, type Head } from './read-head.ts'

export interface KnownHead {
  readonly head: Head
  /** What stands before the digits of the length, and behind them. */
  readonly before: string
  readonly after: string
  /** Whether such requests may be served here. */
  readonly isServed: boolean
}

/** Where in `bytes` the body begins and ends; `end` may lie behind what has come. */
export interface Cut {
  readonly known: KnownHead
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
  const { before, after } = known
  if (bytes.toString('latin1', 0, before.length) !== before) return undefined
  let at = before.length
  let length = 0
  for (; at < before.length + mostDigits; at++) {
    const digit = (bytes[at] ?? 0) - zero
    if (digit < 0 || digit > 9) break
    if (length === 0 && at > before.length) return undefined // a zero before it: not of the form
    length = length * 10 + digit
  }
  const from = at + after.length
  if (at === before.length || bytes.toString('latin1', at, from) !== after) return undefined
  return { known, from, end: from + length }
}

const zero = 0x30
const mostDigits = 9

function cutNew(bytes: Buffer, isServed: (head: Head) => boolean): Cut | undefined {
  const blank = bytes.subarray(0, longestHead).indexOf('\r\n\r\n')
  if (blank < 0) return undefined
  const from = blank + 4
  const text = bytes.toString('latin1', 0, from)
  const head = readHead(text)
  if (!head) return undefined
  const [at, to] = head.lengthAt
  const known = {
    ...{ head, isServed: isServed(head) },
    ...{ before: text.slice(0, at), after: text.slice(to) },
  }
  return { known, from, end: from + head.length }
}
