/** The JSON-RPC errors with which requests about tasks are refused. */
import { MeshError } from '../../core/model/error.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import { tasksExtension } from './task.ts'

/** One answer for what never was, what has expired and what is another's: it tells nobody which of them. */
export function unknownTask(): RpcError {
  const found = 'there is no such task: its ttl is over, or this agent has not given it to you'
  return refusal(-32602, new MeshError('MESH_TASK_UNKNOWN', found))
}

/** -32021, as MCP has it. */
export function missingCapability(): RpcError {
  const data = { requiredCapabilities: { extensions: { [tasksExtension]: {} } } }
  const message = `Missing required client capability: the extension ${tasksExtension}`
  return new RpcError(-32021, message, data)
}

export function storeAway({ message }: Error): RpcError {
  const found = `the store of the tasks does not answer (${message}); ask again`
  return refusal(-32603, new MeshError('MESH_TASK_UNAVAILABLE', found))
}

/** A MeshError as JSON-RPC has it. */
export function refusal(number: number, { code, message, mend }: MeshError): RpcError {
  return new RpcError(number, `${code}: ${message}`, { code, mend })
}

/** -32000 for a call that would be one task too many; every other error is thrown on as it is. */
export function limit(error: unknown): unknown {
  const isLimit = error instanceof MeshError && error.code === 'MESH_TASK_LIMIT'
  return isLimit ? refusal(-32000, error) : error
}
