/**
 * An MCP endpoint in a process of its own that misbehaves, tool by tool. It says its endpoint over its channel, and ends with it.
 */
import { createServer } from 'node:http'

const text = 'x'.repeat(1024)
const result = (id, value) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { content: [{ type: 'text', text: value }], resultType: 'complete' },
  })
const events = response =>
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
const note = (token, progress) =>
  `event: message\ndata: ${JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: token, progress, message: text },
  })}\n\n`

/** What it wrote of a flood before its reader made it wait. */
let flooded = 0

const calls = {
  well: (_params, id, response) => response.end(result(id, 'well')),
  hangs: () => undefined,
  flooded: (_params, id, response) => response.end(result(id, String(flooded))),
  floods(params, _id, response) {
    events(response)
    const write = () => {
      while (!response.destroyed && response.write(note(params._meta.progressToken, flooded++)));
    }
    response.on('drain', write)
    write()
  },
  unasked(_params, _id, response) {
    events(response)
    const write = () => {
      while (!response.destroyed && response.write(note(1, 1)));
    }
    response.on('drain', write)
    write()
  },
  breaks(params, _id, response) {
    events(response)
    response.write(note(params._meta.progressToken ?? 1, 1), () => response.destroy())
  },
  dies: () => process.exit(1),
  html: (_params, _id, response) => response.end('<html>not MCP</html>'),
  half: (_params, _id, response) => response.end('{"jsonrpc":"2.0","id":1,"result":{"content":['),
  large(_params, id, response) {
    response.end(result(id, 'y'.repeat(50 * 1024 * 1024)))
  },
  'too-large'(_params, id, response) {
    response.end(result(id, 'y'.repeat(70 * 1024 * 1024)))
  },
}

const names = Object.keys(calls)
const tool = name => ({ name, inputSchema: { type: 'object' } })
const unsound = [
  { name: 'no schema' },
  { name: 'no_schema' },
  { name: 'list', inputSchema: [] },
  { ...tool('text'), description: 7 },
  { ...tool('huge'), description: 'z'.repeat(300 * 1024) },
  7,
  tool('well'),
]

const server = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => (body += chunk))
  request.on('end', () => {
    const { id, method, params } = JSON.parse(body)
    const reply = value => response.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }))
    response.setHeader('content-type', 'application/json')
    if (method === 'server/discover') return reply({ capabilities: { tools: {} } })
    if (method === 'tools/list') return reply({ tools: [...names.map(tool), ...unsound] })
    if (method === 'tools/call') return calls[params.name]?.(params, id, response)
    events(response)
    response.write(': nothing to tell\n\n')
  })
})

server.listen(0, '127.0.0.1', () => {
  process.send({ type: 'ready', endpoint: `http://127.0.0.1:${server.address().port}/mcp` })
})
process.on('disconnect', () => process.exit(0))
