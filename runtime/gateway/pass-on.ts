/**
 * Requests of the 2026-07-28 form, passed on by hand: lists are answered with the bytes that they are kept as, calls go to
 * whom they are for and their answers come back as they are. Everything else, and all that is not well-formed, is declined.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { headerValue } from '../../core/model/param-headers.ts'
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

/** True when it has answered or will; false leaves request and response as they were. */
export async function passOn(
  read: PassedRequest,
  exchange: { request: IncomingMessage; response: ServerResponse },
  { catalog, invoke, tasks, known, log }: PassOn,
): Promise<boolean> {
  const { method, params, id } = read
  const { request, response } = exchange
  const list = catalog.lists.get(method)
  if (list) {
    if (params['cursor'] !== undefined) return false
    answerList(response, list, id)
    return true
  }
  const found = targetOf(read, request, catalog)
  if (!found) return false
  const { target, rest, args, name } = found
  if (method === 'tools/call' && read.text !== undefined)
    known.learn({ id, params: { name, _meta: read.meta } }, read.text)
  const signal = new Cancellation()
  response.on('close', () => {
    if (response.writableEnded) return // as every answered one does
    signal.abort(new MeshError('MESH_CALL_CANCELLED', 'the caller went away'))
  })
  const stream = isStreamed(read.meta) ? new RelayStream(response) : undefined
  const { headers } = request
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
  const answered = tool
    ? invoke({ tool, args, signal, timeoutMs, meta: read.meta, headers, passed, stream })
    : runPassed({ target, args, signal, timeoutMs, passed, stream, log })
  const mayBeTask = target.hasTasks && declaresTasks(read.meta[capabilitiesKey])
  const answer = await answered.then(
    result => {
      if (!isRelayed(result)) return withoutBytes(method)
      return mayBeTask ? tasks.shown(result, target) : result
    },
    (error: unknown) => textOf(error, read, catalog),
  )
  if (response.destroyed) return true
  const [status, bytes] = 'bytes' in answer ? [answer.status, answer.bytes] : [200, answer.text]
  if (stream?.hasBegun) stream.end(bytes)
  else {
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(bytes),
    })
    // A text goes out in one piece with the head, and of latin1 each character is one byte; for a large one that would be a copy.
    if (typeof bytes === 'string' || bytes.length > textBytes) response.end(bytes)
    else response.end(bytes.toString('latin1'), 'latin1')
  }
  return true
}

const textBytes = 64 * 1024

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
  { headers }: IncomingMessage,
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

function answerList(response: ServerResponse, list: Buffer, id: string | number): void {
  const tail = `,"jsonrpc":"2.0","id":${JSON.stringify(id)}}`
  const head = '{"result":'
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': head.length + list.length + Buffer.byteLength(tail),
  })
  response.cork()
  response.write(head)
  response.write(list)
  response.end(tail)
}

function withoutBytes(method: string): never {
  throw new Error(`${method} was not relayed`)
}

/** What the gateway has to say itself: of a tool a failed result, as its agent would, else an error of JSON-RPC. */
function textOf(error: unknown, { method, id }: PassedRequest, catalog: Catalog): { text: string } {
  const idText = JSON.stringify(id)
  if (method === 'tools/call') {
    const result: ToolResult = failure(error)
    const text = `{"result":${stamped(result, catalog)},"jsonrpc":"2.0","id":${idText}}`
    return { text }
  }
  const { code, mend } =
    error instanceof MeshError ? error : new MeshError('MESH_INTERNAL_FAILED', '')
  const message = `${code}: ${messageOf(error)}`
  const body = { code: -32603, message, data: { code, mend } }
  return { text: `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(body)}}` }
}

function stamped(result: ToolResult, { tools }: Catalog): string {
  const { _meta, ...rest } = result
  const stamp = JSON.parse(`{${tools.stamp.slice(1)}`) as { _meta: object }
  return JSON.stringify({ ...rest, ...stamp, _meta: { ..._meta, ...stamp._meta } })
}
