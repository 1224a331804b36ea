/**
 * A client's request in the 2026-07-28 form, read as far as a gateway has to know it. What is not well-formed is left to the
 * SDK, which words what is wrong; policy is decided on the body, and a header that says otherwise is not well-formed.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from '../http/exchange.ts'
import type { KnownCall, KnownCalls } from '../mcp/known-calls.ts'
import { protocolVersion } from '../proxy/mcp-call.ts'
import { isRecord } from './record.ts'
import { openText, saysOurs } from './relayed-body.ts'

export interface PassedRequest {
  id: string | number
  method: string
  params: Record<string, unknown>
  meta: Record<string, unknown>
  /** The text of it, to which more can be added (relayed-body.ts). */
  open: string | undefined
  /** All of its text, where nothing of it was known. */
  text: string | undefined
}

const versionKey = 'io.modelcontextprotocol/protocolVersion'
export const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities'

/** Of a POST, by its headers alone, before the body is read. */
export function isModern(headers: IncomingHttpHeaders): boolean {
  return (
    headers['mcp-protocol-version'] === protocolVersion &&
    typeof headers['mcp-method'] === 'string' &&
    headers['content-encoding'] === undefined &&
    /^application\/json\b/.test(headers['content-type'] ?? '')
  )
}

/** Undefined for what is not well-formed, or says something else than its headers. */
export function readRequest(
  text: string,
  { headers, traceparent }: Pick<Exchange, 'headers' | 'traceparent'>,
  known: KnownCalls,
): PassedRequest | undefined {
  if (text.includes('__proto__')) return undefined // how the SDK treats such a key is for it to say
  const asked = headers['mcp-method'] === 'tools/call' ? headers['mcp-name'] : undefined
  const call = typeof asked === 'string' ? known.read(asked, text, traceparent) : undefined
  if (call) return fromKnown(call)
  const message = parse(text)
  if (!isRecord(message) || message['jsonrpc'] !== '2.0') return undefined
  const { id, method, params } = message
  if (typeof id !== 'string' && (typeof id !== 'number' || !Number.isSafeInteger(id)))
    return undefined
  if (typeof method !== 'string' || method !== headers['mcp-method']) return undefined
  if (!isRecord(params)) return undefined
  const meta = params['_meta']
  if (!isRecord(meta) || meta[versionKey] !== protocolVersion) return undefined
  if (!isRecord(meta[capabilitiesKey])) return undefined
  return { id, method, params, meta, open: openText(text, { message, meta }), text }
}

function fromKnown({ id, params, open }: KnownCall): PassedRequest {
  const { _meta: meta } = params
  const kept = saysOurs(meta) ? undefined : open
  return { id, method: 'tools/call', params, meta, open: kept, text: undefined }
}

/** Headers of the request that go on: values of arguments, as `x-mcp-header` of a tool asks for them. */
export function passedHeaders(headers: IncomingHttpHeaders): string[] {
  const passed: string[] = []
  for (const name in headers) {
    const value = headers[name]
    if (name.startsWith('mcp-param-') && typeof value === 'string') passed.push(name, value)
  }
  return passed
}

/** Whether the client asked to be told of what comes before the answer. */
export function isStreamed(meta: Readonly<Record<string, unknown>>): boolean {
  return (
    meta['progressToken'] !== undefined || meta['io.modelcontextprotocol/logLevel'] !== undefined
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the SDK words the parse error
  }
}
