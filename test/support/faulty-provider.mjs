/**
 * An MCP endpoint in a process of its own that misbehaves, tool by tool; and with a word as its argument also where it is
 * asked what it offers: silent, endless, crowded, restless, loud. It says its endpoint over its channel, and ends with it.
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

const [manner] = process.argv.slice(2)
const began = performance.now()
const counts = { lists: 0, listens: 0, notes: 0 }

const calls = {
  counts: (_params, id, response) =>
    response.end(result(id, JSON.stringify({ ...counts, ms: performance.now() - began }))),
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
const nested = depth =>
  depth === 0 ? {} : { a: { type: 'object', properties: nested(depth - 1) } }
const unsound = [
  { name: 'no schema' },
  { name: 'no_schema' },
  { name: 'list', inputSchema: [] },
  { ...tool('text'), description: 7 },
  { ...tool('huge'), description: 'z'.repeat(300 * 1024) },
  { ...tool('odd_type'), outputSchema: { type: 'object', properties: { a: { type: 'odd' } } } },
  { ...tool('nowhere'), outputSchema: { type: 'object', properties: { a: { $ref: '#/a/b' } } } },
  { ...tool('pattern'), outputSchema: { type: 'object', properties: { a: { pattern: '(' } } } },
  { ...tool('icons'), icons: 'none' },
  { ...tool('hints'), annotations: { readOnlyHint: 'perhaps' } },
  { name: 'argument', inputSchema: { type: 'object', properties: [] } },
  { name: 'deep', inputSchema: { type: 'object', properties: nested(100) } },
  7,
  tool('well'),
]

/** What it says again and again to who listens: that its list is another; a word without an end. */
const listening = {
  restless: `event: message\ndata: ${JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/tools/list_changed',
  })}\n\n`,
  loud: text.repeat(64),
}

const server = createServer((request, response) => {
  let body = ''
  request.on('data', chunk => (body += chunk))
  request.on('end', () => {
    const { id, method, params } = JSON.parse(body)
    const reply = value => response.end(JSON.stringify({ jsonrpc: '2.0', id, result: value }))
    response.setHeader('content-type', 'application/json')
    if (method === 'server/discover') {
      if (manner === 'silent') return
      return reply({ capabilities: { tools: { listChanged: true } } })
    }
    if (method === 'tools/list') {
      counts.lists++
      if (manner === 'endless') return reply({ tools: [], nextCursor: String(counts.lists) })
      if (manner === 'crowded')
        return reply({ tools: Array.from({ length: 20_000 }, (_, i) => tool(`t${i}`)) })
      return reply({ tools: [...names.map(tool), ...unsound] })
    }
    if (method === 'tools/call') return calls[params.name]?.(params, id, response)
    counts.listens++
    events(response)
    response.write(': nothing to tell\n\n')
    const told = listening[manner]
    if (!told) return
    const write = () => {
      while (!response.destroyed && ++counts.notes && response.write(told));
    }
    response.on('drain', write)
    write()
  })
})

server.listen(0, '127.0.0.1', () => {
  process.send({ type: 'ready', endpoint: `http://127.0.0.1:${server.address().port}/mcp` })
})
process.on('disconnect', () => process.exit(0))
