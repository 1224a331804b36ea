/**
 * Reads a provider's answer to a tools/call: JSON, or an event stream as servers of the 2025 eras send it. Everything
 * that is not a result becomes an error whose code says whether the tool can have run.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Answer } from './post.ts'
import { codeKey, textOf, type ToolResult } from './values.ts'

/** `where` names the hop and the endpoint. A failed tool's result is a result; throws for
 * every other answer, and where the time of a hop ran out. */
export function readAnswer({ status, type, text }: Answer, where: string): ToolResult {
  const message = parse(type.startsWith('text/event-stream') ? lastEvent(text) : text)
  if (!isRecord(message)) throw notMcp(status, where, text)
  if (isRecord(message['error'])) throw refusal(message['error'], status, where)
  const result = message['result']
  if (!isRecord(result)) throw notMcp(status, where, text)
  const answer = asResult(result)
  if (answer._meta?.[codeKey] === 'MESH_DEADLINE_EXCEEDED') {
    throw new MeshError('MESH_DEADLINE_EXCEEDED', `${where}: ${textOf(answer)}`)
  }
  return answer
}

/** True when no connection came about, so that nothing can have been executed. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  return code !== undefined && (unreachable.has(code) || syscall === 'connect')
}

const unreachable = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
])

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the caller says that it is not MCP, with what it read
  }
}

/** The data of the last event: the answer, after any notifications. */
function lastEvent(stream: string): string {
  const events = stream.split(/\r?\n\r?\n/).map(event =>
    event
      .split(/\r?\n/)
      .filter(line => line.startsWith('data:'))
      .map(line => line.slice(5).replace(/^ /, ''))
      .join('\n'),
  )
  return events.findLast(data => data !== '') ?? ''
}

function asResult(result: Record<string, unknown>): ToolResult {
  if (!Array.isArray(result['content'])) result['content'] = []
  return result as Record<string, unknown> & ToolResult
}

function refusal(error: Record<string, unknown>, status: number, where: string): MeshError {
  const data = error['data']
  const found = `${where} answered: ${String(error['message'])}`
  if (isRecord(data) && data['code'] === 'MESH_ENDPOINT_DRAINING') {
    return new MeshError('MESH_ENDPOINT_DRAINING', found)
  }
  return new MeshError('MESH_CALL_REFUSED', found, undefined, {
    details: { status, rpc: error['code'] },
  })
}

function notMcp(status: number, where: string, text: string): MeshError {
  const found = `${where} answered HTTP ${status} and no MCP: ${text.slice(0, 200)}`
  return new MeshError('MESH_CALL_INVALID', found)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
