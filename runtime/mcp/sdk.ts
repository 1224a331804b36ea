/**
 * MCP by the SDK, which speaks both eras of the protocol: everything but the one shape of request that agents send each
 * other. It is a module of its own because loading the SDK costs as much as the rest of an agent's start.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  ProtocolError,
  Server,
  type CallToolResult,
} from '@modelcontextprotocol/server'
import type { ProgressNote } from '../../core/model/chunk.ts'
import { messageOf } from '../../core/model/error.ts'
import type { ToolResult } from '../proxy/values.ts'
import { hasRoom, roomIn } from './event-stream.ts'
import { timeoutOf, type Invoke } from './invoke.ts'
import type { NoteSink } from './notes.ts'
import { busyError } from './places.ts'
import { capabilitiesOf, serveOffers } from './sdk-offers.ts'
import { maxBodyBytes, type McpOptions } from './serve.ts'
import type { Tools } from './tools.ts'

/** Node's request as the SDK's type describes it; it differs only in how it writes an absent property. */
type NodeRequest = Parameters<ReturnType<typeof toNodeHandler>>[0]

export interface SdkServing {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  listsChanged(): void
  close(): Promise<void>
}

export function serveBySdk({ served, invoke, log }: McpOptions): SdkServing {
  const onerror = (error: Error) => log.debug('MCP request refused', { error: messageOf(error) })
  const limits = { maxRequestBodySize: maxBodyBytes, onerror }
  // What a request carries as its caller's passes through the SDK untouched, in both eras, and no handler of ours reads it.
  // AsyncLocalStorage would do as well, but on Node 20 one use of it taxes every promise of the process from then on.
  const responses = new WeakMap<object, ServerResponse>()
  const handler = createMcpHandler(({ era, authInfo }) => {
    const response = authInfo && responses.get(authInfo)
    return createServer(served(), { invoke, onerror, era, response })
  }, limits)
  const node = toNodeHandler(handler, limits)
  return {
    handle(request, response) {
      const auth = { token: '', clientId: '', scopes: [] }
      responses.set(auth, response)
      return node(Object.assign(request, { auth }) as NodeRequest, response)
    },
    listsChanged() {
      handler.notify.toolsChanged()
      handler.notify.promptsChanged()
      handler.notify.resourcesChanged()
    },
    close: () => handler.close(),
  }
}

interface Serving {
  invoke: Invoke
  onerror: (error: Error) => void
  era: 'legacy' | 'modern'
  /** That of the request, for its back-pressure: the SDK takes whatever it is given and keeps it until it is read. */
  response: ServerResponse | undefined
}

/** The SDK's low-level server of one request. */
function createServer(
  { tools, offers }: ReturnType<McpOptions['served']>,
  serving: Serving,
): Server {
  const { invoke, onerror, era, response } = serving
  const listChanged = era === 'modern' // a stateless 2025 client has no stream to be told on
  const server = new Server(tools.server, {
    capabilities: {
      tools: listChanged ? { listChanged } : {},
      ...capabilitiesOf(offers, listChanged),
    },
  })
  serveOffers(server, offers, era)
  server.setRequestHandler('tools/list', () => ({ tools: tools[era] }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq, http }) => {
    const tool = tools.byName.get(params.name)
    if (!tool) throw new ProtocolError(-32602, unknownTool(params.name, tools))
    const token = mcpReq._meta?.progressToken
    const result = await invoke({
      tool,
      args: params.arguments,
      signal: mcpReq.signal,
      timeoutMs: timeoutOf(mcpReq._meta),
      meta: { ...mcpReq.envelope, ...mcpReq._meta },
      headers: traceHeadersOf(http?.req),
      sink:
        token === undefined || !response
          ? undefined
          : sinkOf(response, note => {
              const params = { progressToken: token, ...note }
              return mcpReq.notify({ method: 'notifications/progress', params }).catch(onerror)
            }),
    }).catch(refuse)
    return (era === 'legacy' ? forLegacy(result) : result) as CallToolResult
  })
  return server
}

/** What a call is a part of, where its `_meta` does not say it. */
function traceHeadersOf(request: Request | undefined): IncomingHttpHeaders {
  const names = ['traceparent', 'tracestate', 'baggage']
  return Object.fromEntries(names.map(name => [name, request?.headers.get(name) ?? undefined]))
}

function sinkOf(response: ServerResponse, notify: (note: ProgressNote) => Promise<void>): NoteSink {
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

function refuse(error: unknown): never {
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
