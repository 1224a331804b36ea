/** A plain server of the v2 SDK with its low-level Server, the fastest way that the SDK itself offers. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'

const tools = [
  {
    name: 'echo',
    inputSchema: {
      type: 'object' as const,
      properties: { text: { type: 'string' } },
      required: ['text'],
    },
  },
]
const handler = createMcpHandler(() => {
  const mcp = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } })
  mcp.setRequestHandler('tools/list', () => ({ tools }))
  mcp.setRequestHandler('tools/call', request => {
    const { text } = request.params.arguments as { text: string }
    return {
      content: [{ type: 'text', text: JSON.stringify({ text }) }],
      structuredContent: { text },
    }
  })
  return mcp
})
const listen = toNodeHandler(handler)
const server = createServer((request, response) => {
  // the SDK's type leaves out `undefined`, which Node's own has under exactOptionalPropertyTypes
  void listen(request as Parameters<typeof listen>[0], response)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}/mcp` })
})
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
