/**
 * The tools/call of protocol 2026-07-28 without the SDK's set-up of a server and a transport for each request.
 * It takes exactly the well-formed shape that agents send each other and declines all else; what it answers is byte for
 * byte what the SDK would (test/runtime/mcp/fast-path.ts compares the two over a corpus).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MeshError } from '../../core/model/error.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import { ValueResult, type ToolResult } from '../proxy/values.ts'
import { isRecord } from './content.ts'
import { EventStream, type ProgressToken } from './event-stream.ts'
import { timeoutOf, type Invoke } from './invoke.ts'
import { isMember, type CallMessage, type KnownCalls } from './known-calls.ts'
import { busyError, clientLacks } from './places.ts'
import { serverInfoKey, type ServedTool, type Tools } from './tools.ts'

const version = '2026-07-28'
const reserved = 'io.modelcontextprotocol/'
const keys = {
  protocolVersion: `${reserved}protocolVersion`,
  clientInfo: `${reserved}clientInfo`,
  clientCapabilities: `${reserved}clientCapabilities`,
  serverInfo: serverInfoKey,
}

/** By its headers alone, before the body is read. */
export function isCandidate(
  { method, headers }: IncomingMessage,
  tools: ReadonlyMap<string, ServedTool>,
): boolean {
  const name = headers['mcp-name']
  const tool = typeof name === 'string' ? tools.get(name) : undefined
  return (
    tool !== undefined &&
    !tool.spec.task?.required && // such a call is refused: its client does not know tasks
    method === 'POST' &&
    headers['content-type'] === 'application/json' &&
    headers['mcp-protocol-version'] === version &&
    headers['mcp-method'] === 'tools/call' &&
    headers['content-encoding'] === undefined
  )
}

/** The body; one longer than `maxBytes` is cut at a little more, for the SDK to refuse. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      if (bytes > maxBytes) return // read on, so that the answer is not lost in a reset connection
      bytes += chunk.length
      chunks.push(chunk)
    })
    request.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('error', reject)
  })
}

export interface FastCall {
  request: IncomingMessage
  response: ServerResponse
  tools: Tools
  invoke: Invoke
  known: KnownCalls
}

/** True when it has answered; false leaves request and response as they were. */
export async function callFast(body: Buffer, call: FastCall): Promise<boolean> {
  const text = body.toString('utf8')
  if (text.includes('__proto__')) return false // how the SDK treats such a key is for it to say
  const asked = call.request.headers['mcp-name']
  const alike = call.known.read(String(asked), text)
  const message = alike ?? parse(text)
  if (!message) return false
  const { name, arguments: args, _meta } = message.params
  const tool = call.tools.byName.get(name)
  if (!tool || name !== asked) return false
  if (!alike) call.known.learn(message, text)
  const { response } = call
  const id = JSON.stringify(message.id)
  if ('checkHeaders' in tool && tool.checkHeaders) {
    const fault = tool.checkHeaders(args, call.request.headers)
    if (fault) {
      answer(response, 400, errorText(id, fault))
      return true
    }
  }
  const signal = new Cancellation()
  response.on('close', () => {
    if (response.writableEnded) return // as every answered one does
    signal.abort(new MeshError('MESH_CALL_CANCELLED', 'the caller went away'))
  })
  const token = _meta['progressToken'] as ProgressToken | undefined
  const sink = token === undefined ? undefined : new EventStream(response, token)
  const { headers } = call.request
  const timeoutMs = timeoutOf(_meta)
  let status = 200
  let reply: string
  try {
    const result = await call.invoke({ tool, args, signal, timeoutMs, sink, meta: _meta, headers })
    reply = `{"result":${stamp(result, call.tools)},"jsonrpc":"2.0","id":${id}}`
  } catch (error) {
    const refusal = busyError(error)
    if (refusal.code === clientLacks) status = 400
    reply = errorText(id, refusal)
  }
  if (response.destroyed) return true
  if (sink?.isBegun) sink.end(reply)
  else answer(response, status, reply)
  return true
}

const errorText = (id: string, error: object): string =>
  `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** The keys in the SDK's order: `_meta` leads where the result has its own, and ends where it is only ours. */
function stamp(result: ToolResult, { self, stamp }: Tools): string {
  if (result instanceof ValueResult) return result.open + stamp
  if (!result._meta) return JSON.stringify(result).slice(0, -1) + stamp
  const { _meta, ...rest } = result
  const meta = { ..._meta, [keys.serverInfo]: self }
  return JSON.stringify({ _meta: meta, ...rest, resultType: 'complete' })
}

function parse(text: string): CallMessage | undefined {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return undefined // the SDK words the parse error
  }
  return isCall(message) ? message : undefined
}

function isCall(message: unknown): message is CallMessage {
  if (!isRecord(message) || !hasOnly(message, ['jsonrpc', 'id', 'method', 'params'])) return false
  const { jsonrpc, id, method, params } = message
  if (jsonrpc !== '2.0' || method !== 'tools/call') return false
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return false
  if (!isRecord(params) || !hasOnly(params, ['name', 'arguments', '_meta'])) return false
  if (typeof params['name'] !== 'string') return false
  if (params['arguments'] !== undefined && !isRecord(params['arguments'])) return false
  return isEnvelope(params['_meta'])
}

function isEnvelope(meta: unknown): boolean {
  if (!isRecord(meta) || meta[keys.protocolVersion] !== version) return false
  for (const key of Object.keys(meta)) {
    const value = meta[key]
    if (key === keys.protocolVersion) continue
    if (key === keys.clientCapabilities) {
      if (!isRecord(value) || Object.keys(value).length > 0) return false
    } else if (key === keys.clientInfo) {
      if (!isRecord(value) || !hasOnly(value, ['name', 'version'])) return false
      if (typeof value['name'] !== 'string' || typeof value['version'] !== 'string') return false
    } else if (!isMember(key, value)) return false
  }
  return keys.clientCapabilities in meta
}

function hasOnly(value: Record<string, unknown>, known: readonly string[]): boolean {
  for (const key of Object.keys(value)) if (!known.includes(key)) return false
  return true
}
