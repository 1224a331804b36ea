/**
 * The heads that came over a connection last. A client that keeps its connection sends the same few again and again, one for each
 * tool that it calls, but for the length of its body and the trace that it belongs to: then some comparisons of text are all there
 * is to read, and what was found of it still holds, such as that its token is right. Nobody can be compared with another by
 * that: a connection is one client's.
 */
import { standsAt } from '../../stands-at.ts'
import { isTraceparentAt, traceparentLength } from '../../telemetry/trace-context.ts'
import { longestHead, readHead, type Head } from './read-head.ts'

interface KnownHead {
  readonly head: Head
  /** What stands before the value of `traceparent`; undefined where there is none that may be another. */
  readonly beforeTrace: string | undefined
  /** What stands from there to the digits of the length, and what behind them. */
  readonly before: string
  readonly after: string
  /** Whether such requests may be served here, whatever their trace. */
  readonly isServed: boolean
  /** It is no longer than this. */
  readonly most: number
}

/** Where in the bytes the body begins and ends; `end` may lie behind what has come. */
export interface Cut {
  /** Whether such requests may be served here. */
  readonly isServed: boolean
  /** That of this request, but for its length and its trace. */
  readonly head: Head
  /** One of version 00 of W3C Trace Context, which is not among the headers. */
  readonly traceparent: string | undefined
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
  /** None of them is longer. */
  #most = 0

  /** `isServed` is asked once for each head that is not known. */
  constructor(isServed: (head: Head) => boolean) {
    this.#isServed = isServed
  }

  /** Undefined where the bytes do not begin with a whole head of the plain form. */
  cut(bytes: Buffer): Cut | undefined {
    const text = bytes.toString('latin1', 0, this.#most)
    for (const known of this.#heads) {
      const cut = cutLike(text, known)
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
    this.#most = Math.max(...this.#heads.map(({ most }) => most))
    const { traceAt } = head
    const traceparent = traceAt === undefined ? undefined : traceIn(text, traceAt)
    return { head, traceparent, isServed, from, end: from + head.length }
  }
}

function knownHead(text: string, head: Head, isServed: boolean): KnownHead {
  const { traceAt } = head
  const [at, to] = head.lengthAt
  return {
    ...{ head, isServed, most: text.length + mostDigits },
    beforeTrace: traceAt === undefined ? undefined : text.slice(0, traceAt),
    before: text.slice(traceAt === undefined ? 0 : traceAt + traceparentLength, at),
    after: text.slice(to),
  }
}

function cutLike(text: string, known: KnownHead): Cut | undefined {
  const { head, beforeTrace, before, after } = known
  let at = 0
  let traceparent: string | undefined
  if (beforeTrace !== undefined) {
    const traceAt = beforeTrace.length
    if (!standsAt(text, 0, beforeTrace) || !isTraceparentAt(text, traceAt)) return undefined
    traceparent = traceIn(text, traceAt)
    at = traceAt + traceparentLength
  }
  if (!standsAt(text, at, before)) return undefined
  const digitsAt = (at += before.length)
  let length = 0
  for (; at < digitsAt + mostDigits; at++) {
    const digit = text.charCodeAt(at) - zero
    if (!(digit >= 0 && digit <= 9)) break
    if (length === 0 && at > digitsAt) return undefined // a zero before it: not of the form
    length = length * 10 + digit
  }
  if (at === digitsAt || !standsAt(text, at, after)) return undefined
  const from = at + after.length
  return { head, traceparent, isServed: known.isServed, from, end: from + length }
}

const traceIn = (text: string, at: number): string => text.slice(at, at + traceparentLength)

const zero = 0x30
const mostDigits = 9
