/**
 * The tools/call of protocol 2026-07-28 without the SDK's set-up of a server and a transport for each request.
 * It takes exactly the well-formed shape that agents send each other and declines all else; what it answers is byte for
 * byte what the SDK would (test/runtime/mcp/fast-path.ts compares the two over a corpus).
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from '../http/exchange.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import { ValueResult, type ToolResult } from '../proxy/values.ts'
import { isRecord } from './content.ts'
import { EventStream, type ProgressToken } from './event-stream.ts'
import { timeoutOf, type Invoke } from './invoke.ts'
import type { CallMessage, KnownCalls } from './known-calls.ts'
import { hasOnly, isEnvelope, version } from './envelope.ts'
import { busyError, clientLacks } from './places.ts'
import { serverInfoKey, type ServedTool, type Tools } from './tools.ts'

/** Of a POST, by its headers alone. */
export function isCandidate(
  headers: IncomingHttpHeaders,
  tools: ReadonlyMap<string, ServedTool>,
): boolean {
  const name = headers['mcp-name']
  return (
    typeof name === 'string' &&
    tools.has(name) &&
    headers['content-type'] === 'application/json' &&
    headers['mcp-protocol-version'] === version &&
    headers['mcp-method'] === 'tools/call' &&
    headers['content-encoding'] === undefined
  )
}

export interface FastMeans {
  tools: Tools
  invoke: Invoke
  known: KnownCalls
}

/** Undefined where it declines, and has done nothing; else resolves when the answer is given. */
export function callFast(
  text: string,
  exchange: Exchange,
  means: FastMeans,
): Promise<void> | undefined {
  if (text.includes('__proto__')) return undefined // how the SDK treats such a key is for it to say
  const { tools, known } = means
  const asked = exchange.headers['mcp-name']
  const alike = known.read(String(asked), text, exchange.traceparent)
  const message = alike ?? parse(text)
  if (!message) return undefined
  const { name, _meta } = message.params
  const tool = tools.byName.get(name)
  if (!tool || name !== asked) return undefined
  if (tool.spec.task?.required) return undefined // refused by the SDK: this client does not know tasks
  if (_meta['progressToken'] !== undefined && !exchange.response) return undefined // it may be answered in events
  if (!alike) known.learn(message, text)
  return answerCall(message, tool, exchange, means)
}

async function answerCall(
  { id: given, params: { arguments: args, _meta: meta } }: CallMessage,
  tool: ServedTool,
  exchange: Exchange,
  { tools, invoke }: FastMeans,
): Promise<void> {
  const { headers, traceparent, response } = exchange
  const id = JSON.stringify(given)
  if ('checkHeaders' in tool && tool.checkHeaders) {
    const fault = tool.checkHeaders(args, headers)
    if (fault) return exchange.reply(400, errorText(id, fault))
  }
  const signal = new Cancellation()
  exchange.watch(signal)
  const token = meta['progressToken'] as ProgressToken | undefined
  const sink = token === undefined || !response ? undefined : new EventStream(response, token)
  const timeoutMs = timeoutOf(meta)
  let status = 200
  let reply: string
  try {
    const received = { meta, headers, traceparent }
    const result = await invoke({ tool, args, signal, timeoutMs, sink, ...received })
    reply = `{"result":${stamp(result, tools)},"jsonrpc":"2.0","id":${id}}`
  } catch (error) {
    const refusal = busyError(error)
    if (refusal.code === clientLacks) status = 400
    reply = errorText(id, refusal)
  }
  if (sink?.isBegun) sink.end(reply)
  else exchange.reply(status, reply)
}

const errorText = (id: string, error: object): string =>
  `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify(error)}}`

/** The keys in the SDK's order: `_meta` leads where the result has its own, and ends where it is only ours. */
function stamp(result: ToolResult, { self, stamp }: Tools): string {
  if (result instanceof ValueResult) return result.open + stamp
  if (!result._meta) return JSON.stringify(result).slice(0, -1) + stamp
  const { _meta, ...rest } = result
  const meta = { ..._meta, [serverInfoKey]: self }
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
