/**
 * Reads calls by what is known of earlier ones. One agent's calls of one tool are the same text but for the arguments and
 * the end of `_meta`: reading the rest again and again is most of what reading a call costs. It is exact: a text that begins as a known one
 * does, goes on with one JSON value, then with the known part of `_meta`, then with members of an object is valid JSON and means just that.
 * Whatever differs is read as a whole.
 */

/** A tools/call that has the shape which agents send. */
export interface CallMessage {
  id: string | number
  params: { name: string; arguments?: Record<string, unknown>; _meta: Record<string, unknown> }
}

interface Shape {
  readonly name: string
  /** Up to the arguments. */
  readonly head: string
  /** From the arguments to the members of `_meta` that differ from call to call. */
  readonly middle: string
  /** What stands in `middle`. */
  readonly meta: Readonly<Record<string, unknown>>
}

/** Callers of one tool that are told apart; of more the latest. */
const mostShapes = 8
/** Those of agents have some 200 characters; nobody has a long name kept here. */
const longestMiddle = 1_024
/** And so many follow it. */
const longestEnd = 512
/** Of each call of an agent: its answer comes on the same exchange, so that there is nothing to tell apart. */
const id = 1
const start = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":`
const end = '}}}'

export class KnownCalls {
  readonly #shapes = new Map<string, Shape[]>()

  /** Undefined where it is like none. */
  read(name: string, text: string): CallMessage | undefined {
    const shapes = this.#shapes.get(name)
    if (!shapes) return undefined
    for (const shape of shapes) {
      const message = readAs(shape, text)
      if (message) return message
    }
    return undefined
  }

  /** Of a text that was read as this message and is to be answered. */
  learn({ params: { name, _meta } }: CallMessage, text: string): void {
    if (!text.startsWith(start)) return
    const meta: Record<string, unknown> = {}
    for (const key of Object.keys(_meta)) if (!isMember(key, _meta[key])) meta[key] = _meta[key]
    const head = `${start}${JSON.stringify(name)},"arguments":`
    const middle = `,"_meta":${JSON.stringify(meta).slice(0, -1)}`
    if (middle.length > longestMiddle) return
    const shape = { name, head, middle, meta: Object.freeze(meta) }
    if (!readAs(shape, text)) return // it is written in another way
    const shapes = this.#shapes.get(name) ?? []
    if (shapes.length === mostShapes) shapes.shift()
    shapes.push(shape)
    this.#shapes.set(name, shapes)
  }
}

function readAs({ name, head, middle, meta }: Shape, text: string): CallMessage | undefined {
  if (!text.startsWith(head)) return undefined
  const at = text.indexOf(middle, Math.max(head.length, text.length - middle.length - longestEnd))
  const from = at + middle.length
  if (at < 0 || from > text.length - end.length || !text.endsWith(end)) return undefined
  const args = objectIn(text.slice(head.length, at))
  const rest = text.slice(from, -end.length)
  if (!args || (rest !== '' && !rest.startsWith(','))) return undefined
  const members = objectIn(`{${rest.slice(1)}}`)
  if (!members) return undefined
  const names = Object.keys(members)
  if (rest !== '' && names.length === 0) return undefined // a comma with nothing behind it
  for (const key of names) if (!isMember(key, members[key])) return undefined
  return { id, params: { name, arguments: args, _meta: { ...meta, ...members } } }
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined // the whole is read, and said what is wrong with it
  }
}

/** Those that MCP has without a prefix. */
const traceKeys = ['traceparent', 'tracestate', 'baggage']

/** What an agent may say in `_meta` beside protocol version, client and its capabilities. */
export function isMember(key: string, value: unknown): boolean {
  if (key.startsWith('mcp-mesh.dev/')) return true
  if (key === 'progressToken') return typeof value === 'string' || Number.isSafeInteger(value)
  return traceKeys.includes(key) && typeof value === 'string'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
