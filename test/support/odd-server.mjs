/**
 * An MCP server of the 2025 era on stdio, without any SDK, for what well-kept servers do not do: noise on stdout, tools with
 * broken schemas, pages, a list that changes, tools that end the process. What it is sent it writes to the file `SEEN`.
 */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const env = process.env
const say = message => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const text = value => ({ content: [{ type: 'text', text: String(value) }] })
const any = { type: 'object' }

process.stdout.write('Welcome to the odd server!\n{"not": "a message"}\n')
process.stderr.write(`odd server ${process.pid}, its key is ${env.KEY ?? 'none'}\n`)
if (env.PIDS) appendFileSync(env.PIDS, `${process.pid}\n`)
if (env.STUBBORN) {
  setInterval(() => undefined, 1000)
  process.on('SIGTERM', () => undefined)
  const child = spawn(process.execPath, [
    '-e',
    'process.on("SIGTERM",()=>{});setInterval(()=>{},1e3)',
  ])
  appendFileSync(env.PIDS, `${child.pid}\n`)
}
if (env.BROKEN && existsSync(env.BROKEN)) process.exit(3)

let hasMore = false
const pages = () => [
  [
    { name: 'echo', description: 'Gives back.', inputSchema: any, annotations: { title: 'Echo' } },
    { name: 'strict', inputSchema: { ...any, properties: { a: {} }, additionalProperties: false } },
    { name: 'bad-type', inputSchema: { type: 'object', properties: { a: { type: 'strng' } } } },
    {
      name: 'remote',
      inputSchema: { type: 'object', properties: { a: { $ref: 'https://example.com/x' } } },
    },
    {
      name: 'deep',
      inputSchema: Array.from({ length: 80 }).reduce(s => ({ ...any, properties: { s } }), any),
    },
    { name: 'huge', inputSchema: { ...any, description: 'x'.repeat(300_000) } },
    { name: 'bad-output', inputSchema: any, outputSchema: { type: 'object', required: 'a' } },
    { name: 'list', inputSchema: { type: 'array' } },
    { inputSchema: any },
  ],
  [
    { name: 'echo', inputSchema: any },
    { name: 'die', inputSchema: any },
    { name: 'slow', inputSchema: any },
    { name: 'refuse', inputSchema: any },
    { name: 'environment', inputSchema: any },
    { name: 'grow', inputSchema: any },
    { name: 'ask', inputSchema: any },
    ...(hasMore ? [{ name: 'late', inputSchema: any }] : []),
  ],
]

const calls = {
  echo: ({ params }) => ({
    content: [{ type: 'text', text: JSON.stringify(params.arguments ?? null) }],
    structuredContent: params.arguments,
    _meta: { own: 1 },
  }),
  strict({ params }) {
    const extra = Object.keys(params.arguments ?? {}).filter(key => key !== 'a')
    return extra.length > 0
      ? { ...text(`not taken: ${extra.join()}`), isError: true }
      : text('taken')
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
  environment: () => text(Object.keys(env).sort().join()),
  grow() {
    hasMore = true
    say({ method: 'notifications/tools/list_changed' })
    return text('grown')
  },
}

/** Asks its client, and answers the call with what the client said. */
let asking
function ask(call) {
  asking = call
  say({ id: 'asked', method: 'elicitation/create', params: { message: 'Sure?' } })
}

function answer(request) {
  const { id, method, params } = request
  if (id === 'asked') return say({ id: asking, result: text(JSON.stringify(request)) })
  if (method === 'initialize') {
    const { protocolVersion } = params
    const capabilities = { tools: { listChanged: true } }
    return say({
      id,
      result: { protocolVersion, capabilities, serverInfo: { name: 'odd', version: '1' } },
    })
  }
  if (method === 'tools/list') {
    const page = params?.cursor === undefined ? 0 : Number(params.cursor)
    return say({ id, result: { tools: pages()[page], ...(page === 0 && { nextCursor: '1' }) } })
  }
  if (method === 'tools/call') {
    if (params.name === 'slow') return undefined
    if (params.name === 'ask') return ask(id)
    if (params.name === 'refuse')
      return say({ id, error: { code: -32050, message: 'not today', data: { why: 'tired' } } })
    const call = calls[params.name]
    if (call) return say({ id, result: call(request) })
  }
  if (id !== undefined) say({ id, error: { code: -32601, message: `no ${method}` } })
}

if (env.SEEN) writeFileSync(env.SEEN, '')
createInterface({ input: process.stdin }).on('line', line => {
  if (env.SEEN) appendFileSync(env.SEEN, `${line}\n`)
  const request = JSON.parse(line)
  if (env.SUDDEN && request.method === 'server/discover') process.exit(9)
  answer(request)
})
