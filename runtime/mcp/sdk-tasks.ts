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
import { RpcError } from './rpc-error.ts'
import { missingCapability } from '../tasks/refusals.ts'
import { tasksExtension } from '../tasks/task.ts'
import type { Tasks } from '../tasks/tasks.ts'

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
export function declaresTasks({ mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  const capabilities = envelope['io.modelcontextprotocol/clientCapabilities']
  const { extensions } = (capabilities ?? {}) as { extensions?: unknown }
  return typeof extensions === 'object' && extensions !== null && tasksExtension in extensions
}

interface TaskParams {
  taskId?: unknown
}

export function serveTasks(server: Server, tasks: Tasks): void {
  const serve = (
    method: string,
    answer: (params: TaskParams, context: ServerContext) => Promise<Result>,
  ) =>
    server.setRequestHandler(method, { params: anyParams }, async (params, context) => {
      try {
        if (!declaresTasks(context)) throw missingCapability()
        return await answer(params, context)
      } catch (error) {
        if (!(error instanceof RpcError)) throw error
        throw new ProtocolError(error.code, error.message, error.data)
      }
    })
  serve('tasks/get', ({ taskId }) => tasks.get(taskId))
  serve('tasks/update', async ({ taskId }, { mcpReq }) => {
    // The SDK takes the answers out of the parameters, as those of a call that is repeated with them.
    await tasks.update(taskId, mcpReq.inputResponses)
    return {}
  })
  serve('tasks/cancel', async ({ taskId }) => {
    await tasks.cancel(taskId)
    return {}
  })
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
