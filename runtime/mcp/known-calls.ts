/**
 * Reads calls by what is known of earlier ones. One client's calls of one tool are the same text but for the id, the arguments and
 * the end of `_meta`: reading the rest again and again is most of what reading a call costs. It is exact: a text that begins as a known one
 * does, goes on with one JSON value, then with the known part of `_meta`, then with members of an object is valid JSON and means just that.
 * Whatever differs is read as a whole. Two orders of members are known, that of agents and gateways and that of the SDK's clients.
 */
import { standsAt } from '../stands-at.ts'
import { isMember } from './envelope.ts'
import { metaWith, type Meta } from './meta-of-call.ts'
import { objectIn } from './object-in.ts'

/** A tools/call that has the shape which agents send. */
export interface CallMessage {
  id: string | number
  params: { name: string; arguments?: Record<string, unknown>; _meta: Meta }
}

/** What was read, and its text in the order of agents, without the braces that end its `_meta`, its params and itself. */
export interface KnownCall extends CallMessage {
  open: string
}

interface Shape {
  readonly name: string
  /** From the method up to the arguments. */
  readonly head: string
  /** From the arguments to the members of `_meta` that differ from call to call. */
  readonly middle: string
  /** What stands in `middle`. */
  readonly meta: Readonly<Record<string, unknown>>
}

/** Callers of one tool that are told apart. */
const mostShapes = 8
/** Where there are more, one in so many is learnt in place of the oldest: those that come and go cost no more than reading them. */
const oneIn = 16
/** Those of agents have some 200 characters; nobody has a long name kept here. */
const longestMiddle = 1_024
/** And so many follow it. */
const longestEnd = 512

export class KnownCalls {
  readonly #shapes = new Map<string, Shape[]>()
  #turn = 0

  /** Undefined where it is like none. `sound`: the traceparent of its HTTP request, which most often is in the text as well. */
  read(name: string, text: string, sound?: string): KnownCall | undefined {
    const shapes = this.#shapes.get(name)
    if (!shapes) return undefined
    for (const shape of shapes) {
      const call = readAs(shape, text, sound)
      if (call) return call
    }
    return undefined
  }

  /** Of a text that was read as this message and is to be answered. */
  learn({ params: { name, _meta } }: CallMessage, text: string): void {
    const shapes = this.#shapes.get(name) ?? []
    if (shapes.length === mostShapes && ++this.#turn % oneIn > 0) return
    const head = `"method":"tools/call","params":{"name":${JSON.stringify(name)},"arguments":`
    if (!cut(text, head)) return // it is written in another way
    const meta: Record<string, unknown> = {}
    for (const key of Object.keys(_meta)) if (!isMember(key, _meta[key])) meta[key] = _meta[key]
    const middle = `,"_meta":${JSON.stringify(meta).slice(0, -1)}`
    const shape = { name, head, middle, meta: Object.freeze(meta) }
    if (middle.length > longestMiddle || !readAs(shape, text)) return
    if (shapes.length === mostShapes) shapes.shift()
    shapes.push(shape)
    this.#shapes.set(name, shapes)
  }
}

function readAs(
  { name, head, middle, meta }: Shape,
  text: string,
  sound?: string,
): KnownCall | undefined {
  const found = cut(text, head)
  if (!found) return undefined
  const { id, from, to } = found
  const at = text.indexOf(middle, Math.max(from, to - middle.length - longestEnd))
  const rest = at + middle.length
  if (at < 0 || rest > to) return undefined
  const args = objectIn(text.slice(from, at))
  const _meta = args && metaWith(meta, { text, from: rest, to, sound })
  if (!_meta) return undefined
  return { id, params: { name, arguments: args, _meta }, open: openOf(text, found) }
}

/** Where the arguments begin, and where the members of `_meta` end. */
interface Cut {
  id: number
  from: number
  to: number
  isOfAgent: boolean
}

const start = '{"jsonrpc":"2.0","id":'
const end = '}}}'
const endBeforeId = '}},"jsonrpc":"2.0","id":'

function cut(text: string, head: string): Cut | undefined {
  if (standsAt(text, 1, head)) {
    const to = text.lastIndexOf(endBeforeId)
    const id = idOf(text.slice(to + endBeforeId.length, -1))
    if (to < 0 || id === undefined || !text.startsWith('{') || !text.endsWith('}')) return undefined
    return { id, from: 1 + head.length, to, isOfAgent: false }
  }
  if (!standsAt(text, 0, start) || !text.endsWith(end)) return undefined
  const comma = text.indexOf(',', start.length)
  const id = idOf(text.slice(start.length, comma))
  if (id === undefined || !standsAt(text, comma + 1, head)) return undefined
  return { id, from: comma + 1 + head.length, to: text.length - end.length, isOfAgent: true }
}

function openOf(text: string, { id, to, isOfAgent }: Cut): string {
  return isOfAgent ? text.slice(0, to) : `${start}${id},${text.slice(1, to)}`
}

/** A whole number as JSON writes it, and not too long to be exact. */
const idOf = (text: string): number | undefined =>
  /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined
