/**
 * Tasks by the SDK: the methods of the extension, and calls that are answered with a handle. Of the extension the SDK knows
 * the headers only, so it is told of the methods, and kept from taking a handle for a tool's result.
 */
import {
  ProtocolError,
  Server,
  type JSONRPCRequest,
  type Result,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { callerSignal } from './sdk-caller.ts'
import { RpcError } from './rpc-error.ts'
import { missingCapability } from '../tasks/refusals.ts'
import { declaresTasks, tasksExtension } from '../tasks/task.ts'
import type { TaskCaller, TaskRequests } from '../tasks/tasks.ts'
import { timeoutOf } from './invoke.ts'

/** As it stands among the capabilities of a server that has tasks. */
export const tasksCapability = { extensions: { [tasksExtension]: {} } }

type RequestHandler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>

/** A server whose tools may answer with a handle. */
export class TaskServer extends Server {
  protected override _wrapHandler(method: string, handler: RequestHandler): RequestHandler {
    if (method !== 'tools/call') return super._wrapHandler(method, handler)
    return async (request, context) => {
      let handle: Result | undefined
      const asResult = super._wrapHandler(method, async (asked, of) => {
        const answer = await handler(asked, of)
        if (answer['resultType'] !== 'task') return answer
        handle = answer
        return { content: [] } // what is checked in its place
      })
      const result = await asResult(request, context)
      return handle ?? result
    }
  }
}

/** Whether the client knows tasks: it has to say so with each request. */
export function knowsTasks({ mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  return declaresTasks(envelope['io.modelcontextprotocol/clientCapabilities'])
}

interface TaskParams {
  taskId?: unknown
}

export function serveTasks(server: Server, tasks: TaskRequests): void {
  const serve = (
    method: string,
    answer: (params: TaskParams, context: ServerContext) => Promise<Result>,
  ) =>
    server.setRequestHandler(method, { params: anyParams }, async (params, context) => {
      try {
        if (!knowsTasks(context)) throw missingCapability()
        return await answer(params, context)
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        throw new ProtocolError(error.code, error.message, error.data)
      }
    })
  serve('tasks/get', ({ taskId }, context) => tasks.get(taskId, callerOf(context)))
  serve('tasks/update', async ({ taskId }, context) => {
    // The SDK takes the answers out of the parameters, as those of a call that is repeated with them.
    await tasks.update(taskId, context.mcpReq.inputResponses, callerOf(context))
    return {}
  })
  serve('tasks/cancel', async ({ taskId }, context) => {
    await tasks.cancel(taskId, callerOf(context))
    return {}
  })
}

function callerOf({ mcpReq }: ServerContext): TaskCaller {
  return { signal: callerSignal(mcpReq.signal), timeoutMs: timeoutOf(mcpReq._meta) }
}

/** What is in them is for the tasks to judge. */
const anyParams = {
  '~standard': {
    version: 1 as const,
    vendor: 'mcp-mesh',
    validate: (value: unknown) => ({ value: (value ?? {}) as TaskParams }),
    types: { input: {} as TaskParams, output: {} as TaskParams },
  },
}
