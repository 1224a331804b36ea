/**
 * The end of a call's `_meta`: its members that differ from call to call, behind those that do not. What agents write there is read
 * by hand, all else as JSON; either way it means what JSON makes of it.
 */
import { idempotencyKey } from '../proxy/trail.ts'
import { standsAt } from '../stands-at.ts'
import { isTraceparentAt, traceparentLength } from '../telemetry/trace-context.ts'
import { isMember } from './envelope.ts'
import { objectIn } from './object-in.ts'

export type Meta = Readonly<Record<string, unknown>>

/** Where they stand in a text, each behind a comma. */
export interface MetaEnd {
  readonly text: string
  readonly from: number
  readonly to: number
  /** The traceparent of the HTTP request, which most often is among them. */
  readonly sound: string | undefined
}

/** `meta` and what stands there; undefined where that is no JSON, or one of it is not for `_meta`. */
export const metaWith = (meta: Meta, end: MetaEnd): Meta | undefined =>
  asAgentsWrite(meta, end) ?? asJson(meta, end.text.slice(end.from, end.to))

/** What an agent says in nearly every call: the time, then a key and a trace, either of which may be absent. */
const timeKey = 'mcp-mesh.dev/timeout-ms'
const time = `,"${timeKey}":`
const key = `,"${idempotencyKey}":`
const trace = ',"traceparent":"'
const [zero, quote] = [0x30, 0x22]

/** Undefined for all else. */
function asAgentsWrite(meta: Meta, { text, from, to, sound }: MetaEnd): Meta | undefined {
  if (!standsAt(text, from, time)) return undefined
  const digitsAt = from + time.length
  let at = digitsAt + digitsIn(text, digitsAt)
  if (at === digitsAt) return undefined
  const all: Record<string, unknown> = { ...meta, [timeKey]: Number(text.slice(digitsAt, at)) }
  if (standsAt(text, at, key)) {
    const quoteAt = at + key.length
    at = text.indexOf('"', quoteAt + 1) + 1
    const value = at > 0 && at <= to ? textIn(text.slice(quoteAt, at)) : undefined
    if (value === undefined) return undefined
    all[idempotencyKey] = value
  }
  if (at === to) return all
  const traceAt = at + trace.length
  const end = traceAt + traceparentLength
  const isTraced = end + 1 === to && standsAt(text, at, trace) && text.charCodeAt(end) === quote
  if (!isTraced) return undefined
  if (sound !== undefined && standsAt(text, traceAt, sound)) all['traceparent'] = sound
  else if (isTraceparentAt(text, traceAt)) all['traceparent'] = text.slice(traceAt, end)
  else return undefined
  return all
}

/** How many there are of a whole number as JSON writes it, and not too long to be exact; 0 for none. */
function digitsIn(text: string, at: number): number {
  let count = 0
  for (; count < 10; count++) {
    const digit = text.charCodeAt(at + count) - zero
    if (!(digit >= 0 && digit <= 9)) break
  }
  const isOne = count < 10 && (count === 1 || text.charCodeAt(at) !== zero)
  return isOne ? count : 0
}

/** A copy, since it may be kept: a part of a text would keep all of it. */
function textIn(json: string): string | undefined {
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined // a quote in it ended it, or it is none
  }
}

function asJson(meta: Meta, text: string): Meta | undefined {
  if (text === '') return { ...meta }
  const members = text.startsWith(',') ? objectIn(`{${text.slice(1)}}`) : undefined
  if (!members) return undefined
  const names = Object.keys(members)
  if (names.length === 0) return undefined // a comma with nothing behind it
  for (const name of names) if (!isMember(name, members[name])) return undefined
  return { ...meta, ...members }
}
