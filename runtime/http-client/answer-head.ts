/**
 * The head of an HTTP/1.1 answer, as far as a caller has to know it. Where the end of an answer could be read in two ways it is
 * none: what follows it on the connection would be taken for the next one. After RFC 9112, sections 4 to 6.
 */
import { isHttpToken } from '../../core/model/http-token.ts'

export interface AnswerHead {
  readonly status: number
  /** The content type; empty where there is none. */
  readonly type: string
  /** Bytes of the body; undefined where its chunks or the end of the connection tell. */
  readonly length: number | undefined
  readonly isChunked: boolean
  /** The connection takes no other request. */
  readonly isLast: boolean
  /** For how long the server keeps the connection without a request, in milliseconds; undefined where it does not say. */
  readonly keepAliveMs: number | undefined
  /** What Retry-After says; undefined where it is not there. */
  readonly retryAfter: string | undefined
}

/** An answer that is no HTTP, or has no end that can be told. */
export class BrokenAnswer extends Error {
  readonly code = 'ERR_HTTP_ANSWER'
}

/** `text` is the head without the empty line at its end. Throws BrokenAnswer. */
export function readAnswerHead(text: string): AnswerHead {
  const lines = text.split('\r\n')
  // Half a line end, or a control: to others a header may begin behind it.
  if (!lines.every(line => visible.test(line)))
    throw new BrokenAnswer('the answer has a broken head')
  const [, minor, status = ''] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(lines[0] ?? '') ?? []
  if (minor === undefined) throw new BrokenAnswer('the answer is no HTTP/1.1')
  let type = ''
  let length: number | undefined
  let isChunked = false
  let connection = ''
  let keepAlive = ''
  let retryAfter: string | undefined
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (colon < 1 || !isHttpToken(name)) throw new BrokenAnswer('the answer has a broken header')
    const value = line.slice(colon + 1).trim()
    if (name === 'content-type') type = value
    else if (name === 'content-length') {
      if (length !== undefined || !digits.test(value)) throw new BrokenAnswer(noEnd)
      length = Number(value)
    } else if (name === 'transfer-encoding') {
      if (isChunked || value.toLowerCase() !== 'chunked') throw new BrokenAnswer(noEnd)
      isChunked = true
    } else if (name === 'connection') connection += `${value.toLowerCase()},`
    else if (name === 'keep-alive') keepAlive = value
    else if (name === 'retry-after') retryAfter = value
  }
  if (isChunked && length !== undefined) throw new BrokenAnswer(noEnd)
  const code = Number(status)
  if (hasNoBody(code)) [length, isChunked] = [0, false]
  const isKept = minor === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection)
  const seconds = /\btimeout=(\d{1,9})\b/i.exec(keepAlive)?.[1]
  return {
    ...{ status: code, type, length, isChunked, retryAfter },
    isLast: !isKept || (length === undefined && !isChunked),
    keepAliveMs: seconds === undefined ? undefined : Number(seconds) * 1_000,
  }
}

const visible = /^[\t\x20-\x7e\x80-\xff]*$/
const digits = /^\d{1,15}$/
const noEnd = 'the answer does not say in one way where it ends'

/** Of these the head is all, whatever it says of a length. */
export const hasNoBody = (status: number): boolean =>
  status < 200 || status === 204 || status === 304
