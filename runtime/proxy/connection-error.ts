/** A connection that failed, by what a caller may do next: nothing was executed, or nobody can tell. */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { isUnreachable } from './mcp-answer.ts'

/** MESH_ENDPOINT_UNREACHABLE, or MESH_CALL_INTERRUPTED; `edge` names the hop. */
export function connectionError(error: unknown, edge: string, endpoint: Endpoint): MeshError {
  const cause = error instanceof Error ? error : new Error(messageOf(error))
  const where = `${edge}: ${endpoint.url} (instance ${endpoint.instance})`
  if (isUnreachable(error)) {
    const found = `${where} cannot be reached: ${reasonOf(error)}`
    return new MeshError('MESH_ENDPOINT_UNREACHABLE', found, undefined, { cause })
  }
  const found = `${where} broke the connection after the call was sent, so it may have been executed: ${reasonOf(error)}`
  return new MeshError('MESH_CALL_INTERRUPTED', found, undefined, { cause })
}

function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error
  return messageOf(first)
}
