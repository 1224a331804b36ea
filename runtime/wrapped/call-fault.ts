/**
 * What a failed call of a wrapped server means for its caller: above all whether the tool can have run. The server's own
 * errors pass through as they are.
 */
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import type { Code } from '../../core/model/codes.ts'
import { isOfLogin } from '../../core/mcp/login-fault.ts'
import { hasCode, MeshError, messageOf } from '../../core/model/error.ts'
import { isUnreachable } from '../proxy/mcp-answer.ts'
import { RpcError } from '../mcp/rpc-error.ts'

/** Nothing was executed: the caller may go elsewhere. */
export const unavailable = (reason: string): RpcError =>
  told(
    'MESH_SERVER_UNAVAILABLE',
    `the wrapped server is not there: ${reason}; the call was not executed`,
  )

/** The tool may have run: the caller may repeat the call where that is safe. */
export const interrupted = (reason: string): RpcError =>
  told('MESH_CALL_INTERRUPTED', `${reason}, so the call may have been executed`)

/** The caller's own proxy knows what to do by the code; a result that says `isError` would be the tool's word. */
function told(code: Code, found: string): RpcError {
  const { message, mend } = new MeshError(code, found)
  return new RpcError(-32000, message, { code, mend })
}

export interface CallFault {
  error: Error
  /** The connection itself is in doubt. */
  isConnection: boolean
}

/** `mask` hides what must not be told; `ending` is how the server's process ended, where it did. */
export function callFault(
  error: unknown,
  { mask, ending }: { mask: (text: string) => string; ending: string | undefined },
): CallFault {
  // Nobody is let in before there is a token: the agent is of no use until then.
  if (hasCode(error, 'MESH_LOGIN_REQUIRED') || isOfLogin(error)) {
    return { error: unavailable(mask(messageOf(error)).slice(0, 500)), isConnection: true }
  }
  if (error instanceof RpcError || error instanceof MeshError) return { error, isConnection: false }
  if (error instanceof ProtocolError) {
    return { error: new RpcError(error.code, mask(error.message), error.data), isConnection: false }
  }
  const text = mask(messageOf(error)).slice(0, 500)
  if (error instanceof SdkHttpError) {
    const found = `the wrapped server answered HTTP ${error.status}: ${text}`
    const isConnection = (error.status ?? 0) >= 500
    if (gatewayStatuses.has(error.status)) return { error: interrupted(found), isConnection }
    return { error: new MeshError('MESH_CALL_REFUSED', found), isConnection }
  }
  if (isUnreadable(error)) {
    const found = 'the wrapped server answered what is no message of JSON-RPC'
    return { error: new MeshError('MESH_CALL_INVALID', found), isConnection: false }
  }
  if (error instanceof SdkError && error.code !== SdkErrorCode.ConnectionClosed) {
    const found = `the wrapped server answered what is no result: ${text}`
    return { error: new MeshError('MESH_CALL_INVALID', found), isConnection: false }
  }
  const cause = error instanceof Error ? (error.cause ?? error) : error
  if (isUnreachable(cause))
    return { error: unavailable(mask(messageOf(cause))), isConnection: true }
  const how = ending ?? mask(messageOf(cause))
  const what = `the wrapped server went away after the call was sent (${how})`
  return { error: interrupted(what), isConnection: true }
}

/** What stands between us and the server got no answer from it (runtime/proxy/failure.ts). */
const gatewayStatuses = new Set<number | undefined>([502, 503, 504])

/** No JSON, or JSON in which the SDK's schema finds no message. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError')
}

/** A legacy server says 404 for a session that it does not know, and some say 400: after a restart it knows none. */
export function isSessionLost(error: unknown): boolean {
  return error instanceof SdkHttpError && (error.status === 404 || error.status === 400)
}
