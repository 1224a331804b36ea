/**
 * Serves MCP on a Node request: the one shape of request that agents send each other by the fast path, everything else
 * by the SDK, which speaks both eras of the protocol. Both run tools by the same `invoke`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import {
  createMcpHandler,
  ProtocolError,
  Server,
  type CallToolResult,
} from '@modelcontextprotocol/server'
import { messageOf } from '../../core/model/error.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import { callFast, isCandidate, readBody } from './fast-path.ts'
import { timeoutOf, type Invoke } from './invoke.ts'
import type { Tools } from './tools.ts'

/** What a request body may hold. */
export const maxBodyBytes = 16 * 1024 * 1024

/** Node's request as the SDK's type describes it; it differs only in how it writes an absent property. */
type NodeRequest = Parameters<ReturnType<typeof toNodeHandler>>[0]

export interface McpServing {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Tells those who listen that the list of tools is another one. */
  toolsChanged(): void
  close(): Promise<void>
}

export interface McpOptions {
  /** What is served now; read at each request. */
  tools: () => Tools
  invoke: Invoke
  log: Log
  /** False leaves everything to the SDK: for the test that compares the two. Default true. */
  isFast?: boolean
}

export function serveMcp({ tools, invoke, log, isFast = true }: McpOptions): McpServing {
  const onerror = (error: Error) => log.debug('MCP request refused', { error: messageOf(error) })
  const handler = createMcpHandler(context => createServer(tools(), invoke, context.era), {
    maxRequestBodySize: maxBodyBytes,
    onerror,
  })
  const node = toNodeHandler(handler, { maxRequestBodySize: maxBodyBytes, onerror })
  const bySdk = (request: IncomingMessage, response: ServerResponse) =>
    node(request as NodeRequest, response)
  return {
    async handle(request, response) {
      if (!isFast || !isCandidate(request, tools().byName)) return bySdk(request, response)
      const body = await readBody(request, maxBodyBytes)
      if (await callFast(body, { request, response, tools: tools(), invoke })) return
      await bySdk(replay(request, body), response)
    },
    toolsChanged: () => handler.notify.toolsChanged(),
    close: () => handler.close(),
  }
}

/** The SDK's low-level server of one request. */
function createServer(tools: Tools, invoke: Invoke, era: 'legacy' | 'modern'): Server {
  const listChanged = era === 'modern' // a stateless 2025 client has no stream to be told on
  const server = new Server(tools.server, {
    capabilities: { tools: listChanged ? { listChanged } : {} },
  })
  server.setRequestHandler('tools/list', () => ({ tools: tools[era] }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const tool = tools.byName.get(params.name)
    if (!tool) throw new ProtocolError(-32602, unknownTool(params.name, tools))
    const result = await invoke({
      tool,
      args: params.arguments,
      signal: mcpReq.signal,
      timeoutMs: timeoutOf(mcpReq._meta),
    })
    return (era === 'legacy' ? forLegacy(result) : result) as CallToolResult
  })
  return server
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

/** The request with its body, which has been read, to be read again. */
function replay(request: IncomingMessage, body: Buffer): IncomingMessage {
  return Object.create(request, {
    [Symbol.asyncIterator]: {
      value: async function* () {
        yield body
      },
    },
  }) as IncomingMessage
}
