/**
 * An MCP server of the v1 SDK whose tools, prompt and resource ask their client, and whose resources can be subscribed to. `stdio`, or `http`: then the first line of its
 * output is its port, and each session has a server of its own. What it was told at the handshake the tool `told` says.
 */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import * as types from '@modelcontextprotocol/sdk/types.js'

const inputSchema = { type: 'object' }
const names = [
  'elicits',
  'apart',
  'twice',
  'both',
  'samples',
  'lists',
  'rests',
  'told',
  'opens',
  'starts',
  'meets',
  'touches',
  'heeded',
  'ends',
]
const text = value => ({ content: [{ type: 'text', text: JSON.stringify(value) }] })
const form = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

function asking() {
  let [started, met] = [0, 0]
  let meet = () => undefined
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true } }
  const heeded = []
  const subscribed = new Set()
  const server = new Server({ name: 'asking', version: '1.0.0' }, { capabilities })
  const elicit = (extra, message) =>
    extra.sendRequest(
      { method: 'elicitation/create', params: { message, requestedSchema: form } },
      types.ElicitResultSchema,
    )
  const tools = {
    elicits: async ({ message = 'How many?' }, extra) => text(await elicit(extra, message)),
    // As most servers do it: it does not say of which call it is.
    apart: async ({ message = 'How many?' }) =>
      text(await server.elicitInput({ message, requestedSchema: form })),
    async twice(_args, extra) {
      const first = await elicit(extra, 'first')
      const second = await elicit(extra, `second after ${first.content?.n}`)
      return text([first.content?.n, second.content?.n])
    },
    /** Tells of a change, where somebody is subscribed. */
    async touches({ uri }) {
      if (subscribed.has(uri)) await server.sendResourceUpdated({ uri })
      return text(subscribed.has(uri))
    },
    heeded: () => text(heeded),
    ends: () => process.exit(1),
    /** Asks when two calls of it have come. */
    async meets({ message }, extra) {
      if (++met < 2) await new Promise(resolve => (meet = resolve))
      meet()
      return text(await elicit(extra, message))
    },
    both: async (_args, extra) => text(await Promise.all([elicit(extra, 'a'), elicit(extra, 'b')])),
    async samples(_args, extra) {
      const messages = [{ role: 'user', content: { type: 'text', text: 'Capital of France?' } }]
      const params = { messages, maxTokens: 10 }
      const request = { method: 'sampling/createMessage', params }
      return text(await extra.sendRequest(request, types.CreateMessageResultSchema))
    },
    lists: async (_args, extra) =>
      text(await extra.sendRequest({ method: 'roots/list' }, types.ListRootsResultSchema)),
    async rests({ ms = 500 }) {
      await pause(ms)
      return text('rested')
    },
    told: () => text(server.getClientCapabilities()),
    async opens(_args, extra) {
      const url = 'https://example.com/grant'
      const params = { mode: 'url', message: 'Open it', url, elicitationId: randomUUID() }
      return text(
        await extra.sendRequest({ method: 'elicitation/create', params }, types.ElicitResultSchema),
      )
    },
    async starts(_args, extra) {
      started++
      await elicit(extra, 'go on?')
      return text(started)
    },
  }
  server.setRequestHandler(types.ListToolsRequestSchema, () => ({
    tools: names.map(name => ({ name, inputSchema })),
  }))
  server.setRequestHandler(types.CallToolRequestSchema, async ({ params }, extra) => {
    try {
      return await tools[params.name](params.arguments ?? {}, extra)
    } catch (error) {
      return { ...text({ code: error.code, message: error.message }), isError: true }
    }
  })
  server.setRequestHandler(types.ListPromptsRequestSchema, () => ({ prompts: [{ name: 'asks' }] }))
  server.setRequestHandler(types.GetPromptRequestSchema, async (_request, extra) => {
    const { content } = await elicit(extra, 'For the prompt?')
    return { messages: [{ role: 'user', content: { type: 'text', text: `${content?.n}` } }] }
  })
  server.setRequestHandler(types.ListResourcesRequestSchema, () => ({
    resources: [{ uri: 'ask://it', name: 'it' }],
  }))
  server.setRequestHandler(types.SubscribeRequestSchema, ({ params }) => {
    heeded.push(`+${params.uri}`)
    subscribed.add(params.uri)
    return {}
  })
  server.setRequestHandler(types.UnsubscribeRequestSchema, ({ params }) => {
    heeded.push(`-${params.uri}`)
    subscribed.delete(params.uri)
    return {}
  })
  server.setRequestHandler(types.ReadResourceRequestSchema, async ({ params }, extra) => {
    const { content } = await elicit(extra, 'For the resource?')
    return { contents: [{ uri: params.uri, text: `${content?.n}` }] }
  })
  return server
}

const sessions = new Map()
async function serve(request, response) {
  const known = sessions.get(request.headers['mcp-session-id'])
  if (known) return known.handleRequest(request, response)
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: () => randomUUID(),
    onsessioninitialized: id => void sessions.set(id, transport),
  })
  await asking().connect(transport)
  await transport.handleRequest(request, response)
}

if (process.argv[2] === 'stdio') await asking().connect(new StdioServerTransport())
else {
  const http = createServer((request, response) => void serve(request, response))
  http.listen(0, '127.0.0.1', () => process.stdout.write(`${http.address().port}\n`))
}
