/**
 * Requests of the 2026-07-28 form, passed on by hand: lists are answered with the bytes that they are kept as, calls go to
 * whom they are for and their answers come back as they are. Everything else, and all that is not well-formed, is declined.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { headerValue } from '../../core/model/param-headers.ts'
import type { Exchange } from '../http/exchange.ts'
import { timeoutOf, type Invoke } from '../mcp/invoke.ts'
import type { KnownCalls } from '../mcp/known-calls.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import { isRecord } from './record.ts'
import type { Catalog, Target } from './catalog.ts'
import { capabilitiesKey, isStreamed, passedHeaders, type PassedRequest } from './passed-request.ts'
import type { PassedTasks } from './passed-tasks.ts'
import { isRelayed } from './relayed.ts'
import { RelayStream } from './relay-stream.ts'
import { runPassed } from './run-passed.ts'
import { declaresTasks } from '../tasks/task.ts'
import type { Log } from '../telemetry/log.ts'

export interface PassOn {
  catalog: Catalog
  /** Calls of tools, followed by traces and figures. */
  invoke: Invoke
  tasks: Pick<PassedTasks, 'shown'>
  known: KnownCalls
  log: Log
}

/** Undefined where it declines, and has done nothing; else resolves when the answer is given. */
export function passOn(
  read: PassedRequest,
  exchange: Exchange,
  means: PassOn,
): Promise<void> | undefined {
  const { catalog } = means
  const { method, params, id } = read
  const list = catalog.lists.get(method)
  if (list) {
    if (params['cursor'] !== undefined) return undefined
    const tail = `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`
    exchange.reply(200, listHead, list, Buffer.from(tail))
    return answered
  }
  const { response } = exchange
  const isToStream = isStreamed(read.meta)
  if (isToStream && !response) return undefined
  const found = targetOf(read, exchange.headers, catalog)
  if (!found) return undefined
  const stream = isToStream && response ? new RelayStream(response) : undefined
  return answerCall({ read, found, exchange, stream }, means)
}

const listHead = Buffer.from('{"result":')
const answered = Promise.resolve()

async function answerCall(
  call: PassedCall,
  { catalog, invoke, tasks, known, log }: PassOn,
): Promise<void> {
  const { read, found, exchange, stream } = call
  const { method, id } = read
  const { target, rest, args, name } = found
  if (method === 'tools/call' && read.text !== undefined)
    known.learn({ id, params: { name, _meta: read.meta } }, read.text)
  const signal = new Cancellation()
  exchange.watch(signal)
  const { headers, traceparent } = exchange
  const passed = {
    id,
    params: rest,
    headers: passedHeaders(headers),
    onEvent: stream?.onEvent,
    text: read.open === undefined ? undefined : { open: read.open, name, args },
  }
  if (method === 'resources/read') passed.headers.push('mcp-name', headerValue(name))
  const timeoutMs = timeoutOf(read.meta)
  const tool = method === 'tools/call' ? catalog.tools.byName.get(name) : undefined
  let result: ToolResult
  try {
    result = await (tool
      ? invoke({
          tool,
          args,
          signal,
          timeoutMs,
          meta: read.meta,
          headers,
          traceparent,
          passed,
          stream,
        })
      : runPassed({ target, args, signal, timeoutMs, passed, stream, log }))
  } catch (error) {
    return give(200, textOf(error, read, catalog), call)
  }
  if (!isRelayed(result)) throw new Error(`${method} was not relayed`)
  const mayBeTask = target.hasTasks && declaresTasks(read.meta[capabilitiesKey])
  const { status, bytes } = mayBeTask ? await tasks.shown(result, target) : result
  give(status, bytes, call)
}

interface PassedCall {
  read: PassedRequest
  found: Found
  exchange: Exchange
  /** Undefined where the answer is one document, whatever comes before it. */
  stream: RelayStream | undefined
}

function give(status: number, document: string | Buffer, { exchange, stream }: PassedCall): void {
  if (stream?.hasBegun) stream.end(document)
  else exchange.reply(status, document)
}

interface Found {
  target: Target
  /** As clients call it. */
  name: string
  args: Record<string, unknown>
  /** The params without what names whom it is for. */
  rest: Record<string, unknown>
}

/** Undefined for what is not shown, or is not asked for as MCP has it. */
function targetOf(
  { method, params }: PassedRequest,
  headers: IncomingHttpHeaders,
  catalog: Catalog,
): Found | undefined {
  switch (method) {
    case 'tools/call': {
      const { name, arguments: args = {}, ...rest } = params
      if (typeof name !== 'string' || headers['mcp-name'] !== name || !isRecord(args))
        return undefined
      const target = catalog.tool(name)
      return target && { target, name, args, rest }
    }
    case 'prompts/get': {
      const { name, ...rest } = params
      if (typeof name !== 'string' || headers['mcp-name'] !== name) return undefined
      const target = catalog.prompt(name)
      return target && { target, name, args: {}, rest }
    }
    case 'resources/read': {
      const { uri } = params
      if (typeof uri !== 'string' || headers['mcp-name'] !== uri) return undefined
      const target = catalog.resource(uri)
      return target && { target, name: uri, args: {}, rest: params }
    }
    default:
      return undefined
  }
}

/** What the gateway has to say itself: of a tool a failed result, as its agent would, else an error of JSON-RPC. */
function textOf(error: unknown, { method, id }: PassedRequest, catalog: Catalog): string {
  const idText = JSON.stringify(id)
  if (method === 'tools/call') {
    const result: ToolResult = failure(error)
    return `{"result":${stamped(result, catalog)},"jsonrpc":"2.0","id":${idText}}`
  }
  const { code, mend } =
    error instanceof MeshError ? error : new MeshError('MESH_INTERNAL_FAILED', '')
  const message = `${code}: ${messageOf(error)}`
  const body = { code: -32603, message, data: { code, mend } }
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(body)}}`
}

function stamped(result: ToolResult, { tools }: Catalog): string {
  const { _meta, ...rest } = result
  const stamp = JSON.parse(`{${tools.stamp.slice(1)}`) as { _meta: object }
  return JSON.stringify({ ...rest, ...stamp, _meta: { ..._meta, ...stamp._meta } })
}
