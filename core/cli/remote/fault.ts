/** What went wrong with a server outside of the mesh, as meshctl says it. */
import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client'
import { isOfLogin } from '../../mcp/login-fault.ts'
import { MeshError, messageOf } from '../../model/error.ts'

const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/

/** `wasSent` is whether a tool may have run. */
export function remoteFault(error: unknown, url: string, wasSent: boolean): MeshError {
  if (error instanceof MeshError) return error
  const options = { cause: error }
  const inner = causeOf(error)
  if (inner instanceof MeshError) return inner
  const text = `${url}: ${messageOf(inner).slice(0, 500)}`
  if (isOfLogin(error)) {
    return new MeshError('MESH_LOGIN_FAILED', text, undefined, options)
  }
  if (ProtocolError.isInstance(error)) {
    const found = `${url} answered: ${error.message} (${error.code})`
    return new MeshError('MESH_CALL_REFUSED', found, undefined, options)
  }
  if (SdkHttpError.isInstance(error)) {
    const mend = `log in with meshctl login ${url}`
    const isToken = error.status === 401
    const found = `${url} answered HTTP ${error.status}: ${messageOf(error).slice(0, 500)}`
    return isToken
      ? new MeshError('MESH_TOKEN_INVALID', `${url} refused the token`, mend, options)
      : new MeshError('MESH_CALL_REFUSED', found, undefined, options)
  }
  if (unreachable.test(codeOf(inner))) {
    return new MeshError(
      'MESH_ENDPOINT_UNREACHABLE',
      `${url} takes no connection`,
      undefined,
      options,
    )
  }
  return new MeshError(
    wasSent ? 'MESH_CALL_INTERRUPTED' : 'MESH_CALL_REFUSED',
    text,
    undefined,
    options,
  )
}

/** The words of the innermost cause: `fetch failed` says nothing. */
function causeOf(error: unknown): unknown {
  let inner = error
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause
  return inner
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
