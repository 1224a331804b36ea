/**
 * One tools/call as one POST, in the stateless form of MCP 2026-07-28. It is what meshctl needs of MCP, and little
 * enough to read here; the answer may come as JSON or as an event stream, whose notes are handed out as they come.
 */
import { Agent, request } from 'undici'
import { createEventParser } from '../../client/event-stream.ts'
import { noteOf, type ProgressNote } from '../../model/chunk.ts'
import { MeshError, messageOf } from '../../model/error.ts'

const PROTOCOL = '2026-07-28'

export interface ToolCall {
  readonly url: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly clientVersion: string
  /** Sent along; those of the protocol come before them. */
  readonly headers?: Readonly<Record<string, string>>
  /** Told of chunks and progress as they come; absent, none are asked for. */
  readonly onNote?: (note: ProgressNote) => void
  /** Handed every message of the answer as it came. */
  readonly onMessage?: (json: string) => void
}

/** The result of a tools/call, as MCP has it. */
export interface ToolResult {
  readonly content?: readonly { readonly type: string; readonly text?: string }[]
  readonly structuredContent?: unknown
  readonly isError?: boolean
}

/**
 * Throws MESH_ENDPOINT_UNREACHABLE where the call was surely not executed, MESH_CALL_INTERRUPTED where it may have been,
 * MESH_CALL_REFUSED for a protocol error. A tool's own error is a result.
 */
export async function callTool(call: ToolCall): Promise<ToolResult> {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 })
  try {
    const answer = await request(call.url, {
      dispatcher,
      method: 'POST',
      headers: {
        ...call.headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': PROTOCOL,
        'mcp-method': 'tools/call',
        'mcp-name': call.tool,
        ...(call.token === undefined ? {} : { authorization: `Bearer ${call.token}` }),
      },
      body: JSON.stringify(bodyOf(call)),
      signal: AbortSignal.timeout(call.timeoutMs),
    })
    const type = String(answer.headers['content-type'] ?? '')
    const text = type.includes('event-stream')
      ? await readEvents(answer.body, call)
      : await answer.body.text()
    if (!type.includes('event-stream')) call.onMessage?.(text.trim())
    return readAnswer(call, answer.statusCode, text)
  } catch (error) {
    throw error instanceof MeshError ? error : broken(call, error)
  } finally {
    await dispatcher.destroy()
  }
}

function bodyOf(call: ToolCall) {
  return {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: {
      name: call.tool,
      arguments: call.arguments,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': PROTOCOL,
        'io.modelcontextprotocol/clientInfo': { name: 'meshctl', version: call.clientVersion },
        'io.modelcontextprotocol/clientCapabilities': {},
        'mcp-mesh.dev/timeout-ms': call.timeoutMs,
        ...((call.onNote ?? call.onMessage) && { progressToken: 1 }),
      },
    },
  }
}

function readAnswer(call: ToolCall, status: number, text: string): ToolResult {
  const at = `${call.tool} at ${call.url}`
  if (status === 401) {
    throw new MeshError(
      'MESH_TOKEN_INVALID',
      call.token === undefined ? `${at} asks for a token` : `${at} refused the token of MESH_TOKEN`,
      'set MESH_TOKEN to the token that spec.auth.bearer of the agent stands for',
    )
  }
  const answer = parseObject(text)
  const error = answer?.error as { code?: number; message?: string } | undefined
  if (error) {
    throw new MeshError('MESH_CALL_REFUSED', `${at} answered: ${error.message} (${error.code})`)
  }
  if (answer?.result && typeof answer.result === 'object') return answer.result
  const problem = typeof answer?.detail === 'string' ? `: ${answer.detail}` : ''
  throw new MeshError(
    status >= 400 ? 'MESH_CALL_REFUSED' : 'MESH_CALL_INVALID',
    `${at} answered HTTP ${status}${problem || ', which is no MCP answer'}`,
  )
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined // said by the caller, with the status
  }
}

/** In characters; what an agent of the mesh keeps of another's answer is bounded likewise. */
const maxEventLength = 64 * 1024 * 1024

/** The data of the last event that is an answer: what comes before are notifications. */
async function readEvents(
  body: AsyncIterable<Uint8Array>,
  { onNote, onMessage }: Pick<ToolCall, 'onNote' | 'onMessage'>,
): Promise<string> {
  let answer = ''
  const parse = createEventParser(({ data }) => {
    const message = parseObject(data)
    if (!message) return
    onMessage?.(data)
    if ('result' in message || 'error' in message) answer = data
    const note = noteOf(message)
    if (note) onNote?.(note)
  }, maxEventLength)
  for await (const chunk of body) parse(chunk)
  return answer
}

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

function broken(call: ToolCall, error: unknown): MeshError {
  const at = `${call.tool} at ${call.url}`
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new MeshError(
      'MESH_DEADLINE_EXCEEDED',
      `${at} did not answer within ${call.timeoutMs} ms`,
      'give it longer with --timeout',
      { cause: error },
    )
  }
  if (error instanceof RangeError) {
    return new MeshError('MESH_ANSWER_TOO_LARGE', `${at}: ${error.message}`, undefined, {
      cause: error,
    })
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return notConnected.has(code)
    ? new MeshError('MESH_ENDPOINT_UNREACHABLE', `${call.url} takes no connection`, undefined, {
        cause: error,
      })
    : new MeshError('MESH_CALL_INTERRUPTED', `${at}: ${messageOf(error)}`, undefined, {
        cause: error,
      })
}
