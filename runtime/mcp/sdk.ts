/**
 * MCP by the SDK, which speaks both eras of the protocol: everything but the one shape of request that agents send each
 * other. It is a module of its own because loading the SDK costs as much as the rest of an agent's start.
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
import { timeoutOf, type Invoke } from './invoke.ts'
import { maxBodyBytes, type McpOptions } from './serve.ts'
import type { Tools } from './tools.ts'

/** Node's request as the SDK's type describes it; it differs only in how it writes an absent property. */
type NodeRequest = Parameters<ReturnType<typeof toNodeHandler>>[0]

export interface SdkServing {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  toolsChanged(): void
  close(): Promise<void>
}

export function serveBySdk({ tools, invoke, log }: McpOptions): SdkServing {
  const onerror = (error: Error) => log.debug('MCP request refused', { error: messageOf(error) })
  const limits = { maxRequestBodySize: maxBodyBytes, onerror }
  const handler = createMcpHandler(context => createServer(tools(), invoke, context.era), limits)
  const node = toNodeHandler(handler, limits)
  return {
    handle: (request, response) => node(request as NodeRequest, response),
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
