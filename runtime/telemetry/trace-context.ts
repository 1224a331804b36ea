/**
 * The W3C trace context of a call, as text: what came in goes on, also where this agent records nothing. MCP 2026-07-28 has
 * it in `params._meta` (SEP-414). The HTTP headers of the same names are read where `_meta` has none: they speak of one HTTP
 * request, of which a message may need several, so the message's own word counts.
 */
import type { IncomingHttpHeaders } from 'node:http'

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

/** What came with a call; undefined where nothing did, which costs a few look-ups. */
export function readTrace(meta: unknown, headers: IncomingHttpHeaders): ReceivedTrace | undefined {
  const message = (meta ?? {}) as Record<string, unknown>
  if (
    message['traceparent'] === undefined &&
    message['baggage'] === undefined &&
    headers['traceparent'] === undefined &&
    headers['baggage'] === undefined
  )
    return undefined
  const told = traceparentOf(message['traceparent'])
  const isSame = headers['traceparent'] === message['traceparent']
  const transport = isSame ? told : traceparentOf(headers['traceparent'])
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

const shape = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?$/
/** `00-<trace id>-<parent id>-<flags>` */
const length = 55

/** Later versions only append: what this one knows of them is passed on as its own version, as W3C asks. */
function traceparentOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !shape.test(value)) return undefined
  if (!value.startsWith('00')) return `00${value.slice(2, length)}`
  return value.length === length ? value : undefined
}

/** W3C asks to carry 8192 bytes of baggage, and 512 of tracestate; what is longer or no header text is left behind. */
const listShape = /^[\x20-\x7e]{1,8192}$/

const listOf = (value: unknown): string | undefined =>
  typeof value === 'string' && listShape.test(value) ? value : undefined

/** More of a call's `_meta`, as JSON after other keys of it: `,"traceparent":"…"`. */
export function metaTextOf({ traceparent, tracestate, baggage }: TraceContext): string {
  const parent = traceparent === undefined ? '' : `,"traceparent":"${traceparent}"`
  const state = tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(tracestate)}`
  return `${parent}${state}${baggage === undefined ? '' : `,"baggage":${JSON.stringify(baggage)}`}`
}

/** Names and values in turn, for what stands between and reads no messages. Baggage is for the provider alone. */
export function headersOf({ traceparent, tracestate }: TraceContext): string[] {
  if (traceparent === undefined) return []
  const state = tracestate === undefined ? [] : ['tracestate', tracestate]
  return ['traceparent', traceparent, ...state]
}
