/** The SDK's low-level server of one request: the tools of the agent, and what comes with every call. */
import { setImmediate } from 'node:timers/promises'
import {
  ProtocolError,
  type CallToolResult,
  type RequestId,
  type Server,
  type ServerOptions,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { ProgressNote } from '../../core/model/chunk.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import { unavailable } from '../sessions/keep-session.ts'
import { StoreLost } from '../sessions/store.ts'
import type { Outgoing } from './answers.ts'
import { ClientLacks } from './asking.ts'
import { hasRoom, roomIn, type Outlet } from './event-stream.ts'
import { timeoutOf, type Invocation } from './invoke.ts'
import type { LegacySession, LegacySessions } from './legacy-sessions.ts'
import type { NoteSink } from './notes.ts'
import { busyError } from './places.ts'
import { callerSignal } from './sdk-caller.ts'
import { asked } from './sdk-asking.ts'
import { capabilitiesOf, serveOffers } from './sdk-offers.ts'
import { knowsTasks, serveTasks, TaskServer, tasksCapability } from './sdk-tasks.ts'
import { traceHeadersOf } from './sdk-trace.ts'
import type { Listed, McpOptions } from './serve.ts'
import { atLeast, type Tell } from './telling.ts'
import type { Tools } from './tools.ts'

export interface Serving extends Pick<
  McpOptions,
  'invoke' | 'tasks' | 'owned' | 'sealer' | 'isOpen'
> {
  onerror: (error: Error) => void
  era: 'legacy' | 'modern'
  /** That of the request. */
  response: Outlet | undefined
  client: ClientOfRequest | undefined
}

/** A client before 2026-07-28 with a session. */
export interface ClientOfRequest {
  session: LegacySession
  sessions: LegacySessions
}

export interface ServingServer extends Serving {
  /** Puts a request to the client onto the stream that answers the request with this id. */
  send: (outgoing: Outgoing, id: RequestId) => Promise<void>
}

export function createServer({ tools, offers, cache }: Listed, given: Serving): Server {
  const { era, isOpen = false } = given
  const offered = capabilitiesOf(offers, isOpen)
  // An agent that offers nothing yet, as one whose wrapped server is away, has tools some day.
  const hasTools = isOpen || tools.byName.size > 0 || Object.keys(offered).length === 0
  const tasks = era === 'modern' && tools.hasTasks ? given.tasks : undefined
  const server = new TaskServer(tools.server, {
    capabilities: {
      logging: {},
      ...(hasTools && { tools: { listChanged: true } }),
      ...offered,
      ...(tasks && tasksCapability),
    },
    ...(cache && { cacheHints: hintsOf(cache) }),
  })
  const serving: ServingServer = {
    ...given,
    send: async (outgoing, id) => server.transport?.send(outgoing, { relatedRequestId: id }),
  }
  serveOffers(server, offers, serving)
  if (tasks) serveTasks(server, tasks)
  if (era === 'legacy') serveLogLevel(server, serving)
  if (hasTools) serveTools(server, tools, serving)
  return server
}

function serveTools(server: Server, tools: Tools, serving: ServingServer): void {
  const { invoke, tasks, onerror, era, response } = serving
  server.setRequestHandler('tools/list', () => ({ tools: tools[era] }))
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const { mcpReq, http } = context
    const tool = tools.byName.get(params.name)
    if (!tool) throw new ProtocolError(-32602, unknownTool(params.name, tools))
    const token = mcpReq._meta?.progressToken
    const request = { method: 'tools/call', name: params.name, args: params.arguments }
    const call = (invocation: Invocation): Promise<object> =>
      tool.spec.task && tasks?.call
        ? tasks.call(invocation, era === 'modern' && knowsTasks(context))
        : invoke(invocation)
    const result = await asked(context, request, serving, asker =>
      call({
        ...{ tool, args: params.arguments, asker, signal: callerSignal(mcpReq.signal) },
        timeoutMs: timeoutOf(mcpReq._meta),
        meta: { ...mcpReq.envelope, ...mcpReq._meta },
        headers: traceHeadersOf(http?.req),
        tell: tellOf(context, serving),
        sink:
          token === undefined || !response
            ? undefined
            : sinkOf(response, note => {
                const params = { progressToken: token, ...note }
                return mcpReq.notify({ method: 'notifications/progress', params }).catch(onerror)
              }),
      }),
    ).catch((error: unknown) => refuse(error, era))
    return (era === 'legacy' ? forLegacy(result as ToolResult) : result) as CallToolResult
  })
}

/** Of each list, and of the answer to server/discover. */
function hintsOf({
  ttlMs,
  scope,
}: NonNullable<Listed['cache']>): NonNullable<ServerOptions['cacheHints']> {
  const hint = { ttlMs, cacheScope: scope }
  return {
    ...{ 'tools/list': hint, 'prompts/list': hint, 'resources/list': hint },
    ...{ 'resources/templates/list': hint, 'server/discover': hint },
  }
}

/** Where the client has asked for lines of the log. */
function tellOf({ mcpReq }: ServerContext, serving: Serving): Tell | undefined {
  const { client, era, onerror } = serving
  const envelope: Record<string, unknown> = { ...mcpReq.envelope }
  const level =
    era === 'modern' ? envelope['io.modelcontextprotocol/logLevel'] : client?.session.logLevel
  return atLeast(level, (level, data) => {
    mcpReq.notify({ method: 'notifications/message', params: { level, data } }).catch(onerror)
  })
}

function serveLogLevel(server: Server, { client }: Serving): void {
  server.setRequestHandler('logging/setLevel', async ({ params }) => {
    // Without a session nobody would remember it.
    await client?.sessions.setLogLevel(client.session, params.level).catch(refuseLoss)
    return {}
  })
}

function sinkOf(response: Outlet, notify: (note: ProgressNote) => Promise<void>): NoteSink {
  return {
    get isReady() {
      return hasRoom(response)
    },
    async send(note) {
      await notify(note)
      await setImmediate() // by then the SDK has written it
      await roomIn(response)
    },
  }
}

/** Throws what a client is told of a store that is away. */
export function refuseLoss(error: unknown): never {
  if (!(error instanceof StoreLost)) throw error
  const { code, message } = unavailable(error)
  throw new ProtocolError(-32603, `${code}: ${message}`)
}

/** Before 2026-07-28 there is no error for a client that lacks a capability: the tool has failed. */
function refuse(error: unknown, era: Serving['era']): ToolResult {
  if (error instanceof ClientLacks && era === 'legacy') return failure(error)
  if (error instanceof ProtocolError) throw error
  const { code, message, data } = busyError(error)
  throw new ProtocolError(code, message, data)
}

/** Before 2026-07-28 structuredContent is a plain object or absent; the text is there in any case. */
function forLegacy(result: ToolResult): ToolResult {
  const { structuredContent, ...rest } = result
  const isObject = typeof structuredContent === 'object' && structuredContent !== null
  return isObject && !Array.isArray(structuredContent) ? result : rest
}

function unknownTool(name: string, tools: Tools): string {
  const names = [...tools.byName.keys()]
  const more = names.length > 10 ? ` and ${names.length - 10} more, see tools/list` : ''
  return `Unknown tool: ${name}. This agent offers ${names.slice(0, 10).join(', ')}${more}`
}
