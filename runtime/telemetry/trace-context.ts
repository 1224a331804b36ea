/**
 * The W3C trace context of a call, as text: what came in goes on, also where this agent records nothing. MCP 2026-07-28 has
 * it in `params._meta` (SEP-414). The HTTP headers of the same names are read where `_meta` has none: they speak of one HTTP
 * request, of which a message may need several, so the message's own word counts.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { areDigits, areId, digitOf } from './hexadecimal.ts'

/** Each part may stand in a header as it is. */
export interface TraceContext {
  /** In version 00 of W3C Trace Context. Absent where nothing but baggage came, or where it cannot be read. */
  readonly traceparent: string | undefined
  /** Never without a traceparent. */
  readonly tracestate: string | undefined
  /** As W3C Baggage has it. */
  readonly baggage: string | undefined
}

export interface ReceivedTrace extends TraceContext {
  /** The traceparent of the HTTP request where it is another than that of the message. */
  readonly transport: string | undefined
}

/**
 * What came with a call; undefined where nothing did, which costs a few look-ups. `sound` is the header of the name traceparent
 * where it is not among the headers, and is a traceparent of version 00.
 */
export function readTrace(
  meta: unknown,
  headers: IncomingHttpHeaders,
  sound?: string,
): ReceivedTrace | undefined {
  const message = (meta ?? {}) as Record<string, unknown>
  const given = message['traceparent']
  const header = sound ?? headers['traceparent']
  if (
    given === undefined &&
    header === undefined &&
    message['baggage'] === undefined &&
    headers['baggage'] === undefined
  )
    return undefined
  const isSame = header === given
  const transport = sound ?? traceparentOf(header)
  const told = isSame ? transport : traceparentOf(given)
  const traceparent = told ?? transport
  const state = told === undefined ? headers['tracestate'] : message['tracestate']
  const baggage = listOf(message['baggage']) ?? listOf(headers['baggage'])
  if (traceparent === undefined && baggage === undefined) return undefined
  return {
    traceparent,
    tracestate: traceparent === undefined ? undefined : listOf(state),
    baggage,
    transport: transport === traceparent ? undefined : transport,
  }
}

/** Of a traceparent that was read: 32 hexadecimal digits. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
/** 16 of them. */
export const parentIdOf = (traceparent: string): string => traceparent.slice(36, 52)
export const isSampledIn = (traceparent: string): boolean =>
  (digitOf(traceparent.charCodeAt(54)) & 1) === 1

/** `00-<trace id>-<parent id>-<flags>` */
export const traceparentLength = 55
const length = traceparentLength

/** Whether one of version 00 stands there. */
export const isTraceparentAt = (text: string, at: number): boolean =>
  text.charCodeAt(at) === zero &&
  text.charCodeAt(at + 1) === zero &&
  text.charCodeAt(at + 2) === hyphen &&
  areParts(text, at)

/** Later versions only append: what this one knows of them is passed on as its own version, as W3C asks. */
function traceparentOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !isTraceparent(value)) return undefined
  if (!value.startsWith('00')) return `00${value.slice(2, length)}`
  return value.length === length ? value : undefined
}

const isTraceparent = (text: string): boolean =>
  (text.length === length || text[length] === '-') &&
  text[2] === '-' &&
  areDigits(text, 0, 2) &&
  !text.startsWith('ff') &&
  areParts(text, 0)

/** What follows the version. */
const areParts = (text: string, at: number): boolean =>
  areId(text, at + 3, at + 35) &&
  text.charCodeAt(at + 35) === hyphen &&
  areId(text, at + 36, at + 52) &&
  text.charCodeAt(at + 52) === hyphen &&
  areDigits(text, at + 53, at + length)

const [zero, hyphen] = [0x30, 0x2d]

/** W3C asks to carry 8192 bytes of baggage, and 512 of tracestate; what is longer or no header text is left behind. */
const listShape = /^[\x20-\x7e]{1,8192}$/

/** What may go on as tracestate or baggage. */
export const listOf = (value: unknown): string | undefined =>
  typeof value === 'string' && listShape.test(value) ? value : undefined

/** More of a call's `_meta`, as JSON after other keys of it: `,"traceparent":"…"`. */
export function metaTextOf({ traceparent, tracestate, baggage }: TraceContext): string {
  const parent = traceparent === undefined ? '' : `,"traceparent":"${traceparent}"`
  const state = tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(tracestate)}`
  return `${parent}${state}${baggage === undefined ? '' : `,"baggage":${JSON.stringify(baggage)}`}`
}

/** Lines of a request's head, for what stands between and reads no messages. Baggage is for the provider alone. */
export function headerLinesOf({ traceparent, tracestate }: TraceContext): string {
  const parent = traceparent === undefined ? '' : `traceparent: ${traceparent}\r\n`
  return tracestate === undefined ? parent : `${parent}tracestate: ${tracestate}\r\n`
}
