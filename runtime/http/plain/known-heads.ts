/**
 * The heads that came over a connection last. A client that keeps its connection sends the same few again and again, one for each
 * tool that it calls, but for the length of its body and the trace that it belongs to: then some comparisons of text are all there
 * is to read, and what was found of it still holds, such as that its token is right. Nobody can be compared with another by
 * that: a connection is one client's.
 */
import { isTraceShaped, longestHead, readHead, traceLength, type Head } from './read-head.ts'

interface KnownHead {
  readonly head: Head
  /** What stands before the value of `traceparent`; undefined where there is none that may be another. */
  readonly beforeTrace: string | undefined
  /** What stands from there to the digits of the length, and what behind them. */
  readonly before: string
  readonly after: string
  /** Whether such requests may be served here, whatever their trace. */
  readonly isServed: boolean
}

/** Where in the bytes the body begins and ends; `end` may lie behind what has come. */
export interface Cut {
  /** Whether such requests may be served here. */
  readonly isServed: boolean
  /** That of this request, but for its length. */
  readonly head: Head
  readonly from: number
  readonly end: number
}

/** Of one connection. */
const mostHeads = 4

export class KnownHeads {
  readonly #isServed: (head: Head) => boolean
  readonly #heads: KnownHead[] = []
  /** The one that the next new head takes the place of. */
  #oldest = 0

  /** `isServed` is asked once for each head that is not known. */
  constructor(isServed: (head: Head) => boolean) {
    this.#isServed = isServed
  }

  /** Undefined where the bytes do not begin with a whole head of the plain form. */
  cut(bytes: Buffer): Cut | undefined {
    for (const known of this.#heads) {
      const cut = cutLike(bytes, known)
      if (cut) return cut
    }
    return this.#cutNew(bytes)
  }

  #cutNew(bytes: Buffer): Cut | undefined {
    const blank = bytes.subarray(0, longestHead).indexOf('\r\n\r\n')
    if (blank < 0) return undefined
    const from = blank + 4
    const text = bytes.toString('latin1', 0, from)
    const head = readHead(text)
    if (!head) return undefined
    const isServed = this.#isServed(head)
    this.#heads[this.#oldest] = knownHead(text, head, isServed)
    this.#oldest = (this.#oldest + 1) % mostHeads
    return { head, isServed, from, end: from + head.length }
  }
}

function knownHead(text: string, head: Head, isServed: boolean): KnownHead {
  const { traceAt } = head
  const [at, to] = head.lengthAt
  return {
    ...{ head, isServed },
    beforeTrace: traceAt === undefined ? undefined : text.slice(0, traceAt),
    before: text.slice(traceAt === undefined ? 0 : traceAt + traceLength, at),
    after: text.slice(to),
  }
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
  return { head, isServed: known.isServed, from, end: from + length }
}

const standsAt = (bytes: Buffer, at: number, text: string): boolean =>
  bytes.toString('latin1', at, at + text.length) === text

const zero = 0x30
const mostDigits = 9
