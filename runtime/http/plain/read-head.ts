/**
 * Reads the head of a request, where it is of the one form that has but one reading: a POST of HTTP/1.1 with a length, in
 * ASCII, every header once and on a line of its own. All that readers of HTTP are at odds about (RFC 9112: folded lines,
 * bare line ends, two lengths, codings, spaces before a colon) is not of that form. It decides nothing: what it does not
 * read is for node:http to read or to refuse.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isHttpToken } from '../../../core/model/http-token.ts'
import { isTraceparentAt, traceparentLength } from '../../telemetry/trace-context.ts'

export interface Head {
  readonly url: string
  /** By names in lower case, as node:http has them, but without the length, and without the trace that stands at `traceAt`. */
  readonly headers: Readonly<IncomingHttpHeaders>
  /** Of the body. */
  readonly length: number
  /** Where in the text its digits begin and end. */
  readonly lengthAt: readonly [from: number, to: number]
  /** Where the value of `traceparent` begins; undefined where none of version 00 of W3C Trace Context stands before the length. */
  readonly traceAt: number | undefined
}

/** What the body of a request that is read so may hold, in bytes. */
export const longestPlain = 64 * 1024
/** Longer ones are left to node:http, whose own bound it is. */
export const longestHead = 16 * 1024
const mostHeaders = 100

const requestLine = /^POST (\/[\w\-.~!$&'()*+,;=:@%/?]*) HTTP\/1\.1$/
/** With spaces and tabs around it, which are not part of it. */
const fieldValue = /^[\t -~]*$/
/** Nine digits at most, and none that does not count. */
const digits = /^(?:0|[1-9]\d{0,8})$/
/** What says that the body or the connection is more than a length and bytes; of `set-cookie` node:http makes a list. */
const notPlain = new Set([
  ...['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te'],
  ...['proxy-connection', 'http2-settings', 'set-cookie'],
])

/** `text` ends with the empty line. Undefined for what is not of that form. */
export function readHead(text: string): Head | undefined {
  let at = text.indexOf('\r\n')
  const url = requestLine.exec(text.slice(0, at))?.[1]
  if (url === undefined || text.length > longestHead) return undefined
  const headers: IncomingHttpHeaders = {}
  let lengthAt: readonly [number, number] | undefined
  let traceAt: number | undefined
  at += 2
  for (let count = 0; !text.startsWith('\r\n', at); count++) {
    const end = text.indexOf('\r\n', at)
    const colon = text.indexOf(':', at)
    if (colon < 0 || end < colon || count === mostHeaders) return undefined
    const name = text.slice(at, colon).toLowerCase()
    const field = text.slice(colon + 1, end)
    const value = field.trim()
    if (!isHttpToken(name) || !fieldValue.test(field) || value === '') return undefined
    if (name === 'content-length') {
      if (lengthAt || !digits.test(value)) return undefined
      const from = text.indexOf(value, colon + 1)
      lengthAt = [from, from + value.length]
    } else {
      const isTrace = name === 'traceparent'
      if (notPlain.has(name) || headers[name] !== undefined) return undefined // also what every object has
      if (isTrace && traceAt !== undefined) return undefined
      if (isTrace && !lengthAt && value.length === traceparentLength && isTraceparentAt(value, 0))
        traceAt = text.indexOf(value, colon + 1)
      else headers[name] = value
    }
    at = end + 2
  }
  const { connection, host } = headers
  const isKept = connection === undefined || connection.toLowerCase() === 'keep-alive'
  if (at + 2 !== text.length || host === undefined || !isKept || !lengthAt) return undefined
  return { url, headers, length: Number(text.slice(...lengthAt)), lengthAt, traceAt }
}
