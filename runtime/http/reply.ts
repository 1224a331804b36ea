/** The two kinds of answer that the runtime gives by itself: plain JSON, and a JSON-RPC error where MCP is spoken. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MeshError } from '../../core/model/error.ts'

export function replyJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body) + '\n'
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/** A failure as `{ error: { code, message, mend } }`. */
export function replyProblem(
  response: ServerResponse,
  error: MeshError,
  headers: Record<string, string> = {},
): void {
  replyJson(response, error.status, problemOf(error), headers)
}

export function problemOf({ code, message, mend }: MeshError): { error: object } {
  return { error: { code, message, mend } }
}

/**
 * A refusal of an MCP request, before anything of it is executed. The body is read to its end first: closing the
 * connection under it could lose the answer, and with it the proof that nothing ran.
 */
export async function replyRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  error: MeshError,
  headers: Record<string, string> = {},
): Promise<void> {
  await discard(request)
  const data = { code: error.code, mend: error.mend }
  const body = { jsonrpc: '2.0', error: { code: -32000, message: error.message, data }, id: null }
  replyJson(response, error.status, body, headers)
}

/** More than this is not read for the sake of an answer. */
const maxDiscardBytes = 16 * 1024 * 1024

async function discard(request: IncomingMessage): Promise<void> {
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxDiscardBytes) return
  }
}
