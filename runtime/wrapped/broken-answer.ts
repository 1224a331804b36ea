/**
 * What a server wrote on its stdout as an answer and nobody can read: longer than is kept, or without result and error. Its
 * caller is answered an error in its place; who waited for the rest would wait until its time is over.
 */
import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { MeshError } from '../../core/model/error.ts'
import type { Code } from '../../core/model/codes.ts'

/** For a message of which only start and end are known; undefined where it answers nobody. */
export function tooLongAnswer(start: string, end: string, max: number): JSONRPCMessage | undefined {
  const id = (idAtStart.exec(start) ?? idAtEnd.exec(end))?.[1]
  if (id === undefined) return undefined
  const found = `the wrapped server answered with more than ${max / 2 ** 20} Mi characters in one message; the tool has run`
  return failed(JSON.parse(id), 'MESH_ANSWER_TOO_LARGE', found)
}

/** The message, or what is answered in its place where it names a request and answers it with nothing. */
export function readableAnswer(message: Readonly<Record<string, unknown>>): JSONRPCMessage {
  const { id, result, error } = message
  const isAnswer = id !== undefined && id !== null && !('method' in message)
  if (!isAnswer || isObject(result) || isObject(error)) return message as JSONRPCMessage
  const found = 'the wrapped server answered with neither a result nor an error'
  return failed(id, 'MESH_CALL_INVALID', found)
}

/** Where servers write the id: Python's before a result, those of JavaScript after it. */
const value = String.raw`"id"\s*:\s*("[^"\\]*"|\d+)`
const idAtStart = new RegExp(String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?${value}\s*,`)
const idAtEnd = new RegExp(String.raw`${value}\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$`)

function failed(id: unknown, code: Code, found: string): JSONRPCMessage {
  const { message, mend } = new MeshError(code, found)
  const error = { code: -32603, message, data: { code, mend } }
  return { jsonrpc: '2.0', id: id as string | number, error }
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null
