/**
 * Arguments that a request repeats in headers (`x-mcp-header` in a tool's inputSchema): whoever stands in front of the agent
 * may have gone by the header, so a call whose header says something else than its arguments is refused.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { declaredHeaders, type ParamHeader } from '../../core/model/param-headers.ts'
import { isRecord } from './content.ts'
import type { Tools } from './tools.ts'

/** HeaderMismatch of MCP; over HTTP its status is 400. */
export const headerMismatch = -32020

/** As JSON-RPC has it. */
export interface HeaderFault {
  code: number
  message: string
  data: { mismatch: { header: string; body: string } }
}

export type CheckHeaders = (args: unknown, headers: IncomingHttpHeaders) => HeaderFault | undefined

/** Undefined for a schema that declares none. */
export function headerCheckOf(inputSchema: unknown): CheckHeaders | undefined {
  const { headers: declared } = declaredHeaders(inputSchema)
  if (declared.length === 0) return undefined
  return (args, headers) => {
    for (const { path, header } of declared) {
      const fault = faultOf(valueAt(args, path), headers[header.toLowerCase()])
      if (fault !== undefined) return mismatch(header, path, fault)
    }
    return undefined
  }
}

/** True when it has answered: a call of 2026-07-28 whose headers say something else than its arguments. */
export function refuseHeaders(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { message, tools }: { message: unknown; tools: Tools },
): boolean {
  if (!isRecord(message) || message['method'] !== 'tools/call') return false
  const { params, id } = message
  if (!isRecord(params) || params['name'] !== headers['mcp-name']) return false // the SDK refuses it
  const tool = tools.byName.get(String(params['name']))
  const fault =
    tool && 'checkHeaders' in tool ? tool.checkHeaders?.(params['arguments'], headers) : undefined
  if (!fault) return false
  const text = JSON.stringify({ jsonrpc: '2.0', id, error: fault })
  const length = Buffer.byteLength(text)
  response.writeHead(400, { 'content-type': 'application/json', 'content-length': length })
  response.end(text)
  return true
}

/** What is absent or null has no header, and one that comes all the same is not looked at. */
function faultOf(value: unknown, header: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isSafeInteger(value))
    return undefined
  const told = `the body has ${JSON.stringify(value)}`
  if (typeof header !== 'string') return `${told}, and the header is absent`
  const decoded = decode(header)
  if (decoded === undefined) return 'the header is no base64 of a text'
  const isSame = typeof value === 'number' ? isNumber(decoded, value) : decoded === String(value)
  return isSame ? undefined : `${told}, and the header ${JSON.stringify(decoded)}`
}

const isNumber = (text: string, value: number): boolean =>
  /^-?\d+(\.\d+)?$/.test(text) && Number(text) === value

const wrapped = /^=\?base64\?(.*)\?=$/s
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Undefined for what says that it is base64 and is not. */
function decode(header: string): string | undefined {
  const base64 = wrapped.exec(header)?.[1]
  if (base64 === undefined) return header
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function valueAt(args: unknown, path: ParamHeader['path']): unknown {
  return path.reduce<unknown>(
    (holder, name) => (isRecord(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined),
    args,
  )
}

function mismatch(header: string, path: readonly string[], fault: string): HeaderFault {
  const body = `${path.join('.')}: ${fault}`
  const message = `Bad Request: the request headers and body disagree: ${header}, ${body}`
  return { code: headerMismatch, message, data: { mismatch: { header, body } } }
}
