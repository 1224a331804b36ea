/**
 * The body of a request that is passed on. What the mesh says of time, trace and identity is said anew for this hop; where the
 * client's text ends with a `_meta` that says none of it, its own text goes on with that put behind, and nothing is written anew.
 */
import type { CallRequest, Passed } from '../proxy/call.ts'
import { idempotencyKey, repeatKey } from '../proxy/trail.ts'
import { metaTextOf } from '../telemetry/trace-context.ts'

export interface RelayedTo {
  method: string
  /** As what is asked for is called there; undefined where the request's own params say it. */
  name: string | undefined
}

/** What the mesh says itself, of what a client has no word. */
const ownMeta = ['traceparent', 'tracestate', 'baggage', 'mcp-mesh.dev/timeout-ms', repeatKey]

export function relayedBody({ method, name }: RelayedTo, request: CallRequest, passed: Passed) {
  const { args } = request
  const added = addedMeta(request)
  const { text } = passed
  if (text && text.args === args && (name === undefined || name === text.name)) {
    return added ? `${text.open},${added}}}}` : `${text.open}}}}`
  }
  const { _meta, ...rest } = passed.params
  const kept = JSON.stringify(keptMeta(_meta, added.includes(`"${idempotencyKey}":`))).slice(1, -1)
  const params = [
    name !== undefined && `"name":${JSON.stringify(name)}`,
    method === 'tools/call' && `"arguments":${JSON.stringify(args)}`,
    JSON.stringify(rest).slice(1, -1),
    `"_meta":{${[kept, added].filter(Boolean).join(',')}}`,
  ]
  return `{"jsonrpc":"2.0","id":${JSON.stringify(passed.id)},"method":"${method}","params":{${params.filter(Boolean).join(',')}}}`
}

/** Members of the `_meta`, as JSON; of a call that may be repeated the key under which it runs once. */
function addedMeta({ endpoint, trail, expiresAt: ends, record }: CallRequest): string {
  const key = trail && endpoint && trail.keyFor(endpoint)
  // Under a key the run outlives an attempt, for the next one to ask for its answer.
  const expiresAt = trail && key !== undefined ? trail.expiresAt : ends
  const remainingMs = Math.max(Math.ceil(expiresAt - performance.now()), 1)
  const time = remainingMs < Infinity ? `,"mcp-mesh.dev/timeout-ms":${remainingMs}` : ''
  const repeat = trail?.repeat ? `,"${repeatKey}":${JSON.stringify(trail.repeat)}` : ''
  const identity = key === undefined ? '' : `,"${idempotencyKey}":"${key}"${repeat}`
  const trace = record?.context ? metaTextOf(record.context) : ''
  return `${time}${identity}${trace}`.slice(1)
}

function keptMeta(meta: unknown, hasKey: boolean): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [field, value] of Object.entries((meta ?? {}) as Record<string, unknown>))
    if (!ownMeta.includes(field) && !(hasKey && field === idempotencyKey)) kept[field] = value
  return kept
}

const metaKey = '"_meta":'

/**
 * The text without its last three braces, where these end a `_meta`, the params and the message, in this order, and nothing
 * has to be taken out of that `_meta`. `message` is what the text reads as. Of a key that stands twice the last one counts,
 * for us as for the agent.
 */
export function openText(
  text: string,
  { message, meta }: { message: object; meta: Readonly<Record<string, unknown>> },
): string | undefined {
  const at = text.lastIndexOf(metaKey)
  const end = text.length - 2
  if (!text.endsWith('}}}') || !(text[at - 1] === ',' || text[at - 1] === '{')) return undefined
  if (saysOurs(meta)) return undefined
  // With these keys alone, of which one holds an object, the last object of the text is that of the params.
  if (Object.keys(message).some(key => !envelope.includes(key))) return undefined
  return isObject(text.slice(at + metaKey.length, end)) ? text.slice(0, end - 1) : undefined
}

/** Whether something has to be taken out of it. */
export const saysOurs = (meta: Readonly<Record<string, unknown>>): boolean =>
  idempotencyKey in meta || ownMeta.some(key => key in meta)

const envelope = ['jsonrpc', 'id', 'method', 'params']

/** Whole by itself: then it is the value of that key, and ends where the text is cut. */
function isObject(text: string): boolean {
  if (!text.startsWith('{')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
