/** What failed between the call and its answer, by what a caller may do next: nothing was executed, or nobody can tell. */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { isUnreachable } from './mcp-answer.ts'

/** MESH_ENDPOINT_UNREACHABLE, MESH_CALL_INTERRUPTED, or what is a MeshError already; `edge` names the hop. */
export function connectionError(error: unknown, edge: string, endpoint: Endpoint): MeshError {
  const where = `${edge}: ${endpoint.url} (instance ${endpoint.instance})`
  if (error instanceof MeshError)
    return error.message.startsWith(edge) ? error : named(error, where)
  const cause = error instanceof Error ? error : new Error(messageOf(error))
  if (isUnreachable(error)) {
    const found = `${where} cannot be reached: ${reasonOf(error)}`
    return new MeshError('MESH_ENDPOINT_UNREACHABLE', found, undefined, { cause })
  }
  const found = `${where} broke the connection after the call was sent, so it may have been executed: ${reasonOf(error)}`
  return new MeshError('MESH_CALL_INTERRUPTED', found, undefined, { cause })
}

/** Who reads the answer has named the hop; who reads its bytes knows nothing of it. */
function named(error: MeshError, where: string): MeshError {
  const { code, message, mend, details } = error
  return new MeshError(code, `${where}: ${message}`, mend, {
    cause: error,
    ...(details && { details }),
  })
}

function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return messageOf(first)
}
