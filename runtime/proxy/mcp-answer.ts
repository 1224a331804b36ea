/**
 * Reads a provider's answer to a tools/call. Everything that is not a result becomes an error whose code says whether the
 * tool can have run.
 */
import type { Code } from '../../core/model/codes.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Answer } from './post.ts'
import { codeKey, textOf, type ToolResult } from './values.ts'

/** `where` names the hop and the endpoint. A failed tool's result is a result; throws for
 * every other answer, and where the time of a hop ran out. */
export function readAnswer({ status, text }: Answer, where: string): ToolResult {
  const message = parse(text)
  if (!isRecord(message)) throw notMcp(status, where, text)
  if (isRecord(message['error'])) throw refusal(message['error'], status, where)
  const result = message['result']
  if (!isRecord(result)) throw notMcp(status, where, text)
  const answer = asResult(result)
  const code = answer._meta?.[codeKey]
  if (code === 'MESH_DEADLINE_EXCEEDED' || code === 'MESH_CALL_FORGOTTEN') {
    throw new MeshError(code, `${where}: ${textOf(answer)}`)
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

function asResult(result: Record<string, unknown>): ToolResult {
  if (!Array.isArray(result['content'])) result['content'] = []
  return result as Record<string, unknown> & ToolResult
}

/** What an agent answers with an error of JSON-RPC in place of a result: it did not execute the call, or cannot know. */
const told = [
  'MESH_ENDPOINT_DRAINING',
  'MESH_TOOL_BUSY',
  'MESH_SERVER_UNAVAILABLE',
  'MESH_CALL_INTERRUPTED',
  'MESH_SESSION_ELSEWHERE',
] as const satisfies Code[]

/** Whether the layers of a call have to know of it; every other error of JSON-RPC is for the caller alone. */
export const isTold = (code: unknown): code is (typeof told)[number] =>
  told.some(each => each === code)

function refusal(error: Record<string, unknown>, status: number, where: string): MeshError {
  const data = error['data']
  const found = `${where} answered: ${String(error['message'])}`
  const code = isRecord(data) ? data['code'] : undefined
  if (isTold(code)) {
    return new MeshError(code, found)
  }
  return new MeshError('MESH_CALL_REFUSED', found, undefined, {
    details: { status, rpc: error['code'] },
  })
}

function notMcp(status: number, where: string, text: string): MeshError {
  const found = `${where} answered HTTP ${status} and no MCP: ${text.slice(0, 200)}`
  return new MeshError('MESH_CALL_INVALID', found, undefined, { details: { status } })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
