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

export function away({ message }: Error): MeshError {
  const found = `the store of the tasks does not answer (${message})`
  return new MeshError('MESH_TASK_UNAVAILABLE', found)
}

/** A MeshError as JSON-RPC has it. */
export function refusal(number: number, { code, message, mend }: MeshError): RpcError {
  return new RpcError(number, `${code}: ${message}`, { code, mend })
}

/** What tasks themselves say is an error of JSON-RPC; every other error stays as it is. */
export function refused(error: unknown): unknown {
  if (!(error instanceof MeshError)) return error
  if (error.code === 'MESH_TASK_LIMIT') return refusal(-32000, error)
  return error.code === 'MESH_TASK_UNAVAILABLE' ? refusal(-32603, error) : error
}
