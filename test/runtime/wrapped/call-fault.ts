/** What callers of a wrapped server are told at once where its answer is broken: on stdio and over HTTP, by real servers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import t, { type Test } from 'tap'
import type { WrappedServer } from '../../../core/model/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { startWrapped, type Wrapped } from '../../../runtime/wrapped/wrapped-server.ts'
import { eventually } from '../../support/run-agents.ts'

async function start(t: Test, server: WrappedServer): Promise<Wrapped & { lines: string[] }> {
  const lines: string[] = []
  const wrapped = await startWrapped({
    ...{ server, folder: '.', self: { name: 'test', version: '1.0.0' }, onChange: () => undefined },
    onResourceUpdated: () => undefined,
    ...{ env: { PATH: process.env.PATH }, log: createLog('info', line => lines.push(line)) },
  })
  t.teardown(() => wrapped.close())
  return Object.assign(wrapped, { lines })
}

/** A call that would wait far longer than the test may take. */
const call = (wrapped: Wrapped, tool: string) =>
  wrapped.call({
    ...{ tool, args: {}, signal: AbortSignal.timeout(60_000), isRepeatable: false },
    asking: { capabilities: {}, rounds: undefined, ask: () => Promise.reject(new Error('nobody')) },
  })

const failureOf = (wrapped: Wrapped, tool: string) =>
  call(wrapped, tool).then(
    result => ({ result }),
    (error: unknown) => error,
  )

const fine = { content: [{ type: 'text', text: 'fine' }] }

t.test('stdio: an answer that nobody can read is told as that, and the server goes on', async t => {
  const script = resolve('test/support/broken-server.mjs')
  const wrapped = await start(t, {
    ...{ kind: 'command', command: [process.execPath, script], env: {}, asks: [] },
  })
  const broken: [string, object][] = [
    ['long-id-first', { code: -32603, data: { code: 'MESH_ANSWER_TOO_LARGE' } }],
    ['long-id-last', { code: -32603, data: { code: 'MESH_ANSWER_TOO_LARGE' } }],
    ['nothing', { code: -32603, data: { code: 'MESH_CALL_INVALID' } }],
    ['no-list', { code: 'MESH_CALL_INVALID', message: /content is no list/ }],
  ]
  for (const [tool, error] of broken) {
    t.match(await failureOf(wrapped, tool), error, tool)
    t.strictSame(await call(wrapped, 'fine'), fine, `behind ${tool}`)
  }
  t.strictSame(await call(wrapped, 'noisy'), fine)
  await eventually(() => /left out/.test(wrapped.lines.at(-1) ?? ''), 'the flood is cut')
  t.equal(wrapped.lines.filter(line => line.includes('"line":"noise"')).length, 10_000)
})

/** Speaks MCP, but for `tools/call`. */
async function far(
  t: Test,
  answers: Record<
    string,
    (response: ServerResponse, id: unknown, request: IncomingMessage) => void
  >,
): Promise<Wrapped> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (request.method !== 'POST') return response.writeHead(405).end()
      const { id, method, params } = JSON.parse(body) as {
        id?: number
        method: string
        params: { name: string; protocolVersion: string }
      }
      if (id === undefined) return response.writeHead(202).end()
      if (method === 'tools/call') return answers[params.name]?.(response, id, request)
      const { protocolVersion } = params
      const results: Record<string, object> = {
        initialize: {
          ...{ protocolVersion, capabilities: { tools: {} } },
          serverInfo: { name: 'far', version: '1' },
        },
        'tools/list': {
          tools: Object.keys(answers).map(name => ({ name, inputSchema: { type: 'object' } })),
        },
        ping: {},
      }
      const result = results[method]
      json(response, { id, ...(result ? { result } : { error: { code: -32601, message: 'no' } }) })
    })
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  return start(t, { kind: 'url', url, headers: {}, auth: undefined, asks: [] })
}

const json = (response: ServerResponse, message: object) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', ...message }))
const stream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })
const long = () => Buffer.alloc(70 * 2 ** 20, 'x')

t.test('HTTP: an answer that breaks off, is too long or is none is told as that', async t => {
  const wrapped = await far(t, {
    fine: (response, id) => json(response, { id, result: fine }),
    ends: response => stream(response).end(': nothing\n\n'),
    breaks(response, _, { socket }) {
      stream(response).write('event: message\ndata: {"jso')
      setImmediate(() => socket.destroy())
    },
    'long-stream': response => stream(response).end(long()),
    long: response => response.writeHead(200, { 'content-type': 'application/json' }).end(long()),
    'many-events'(response, id) {
      stream(response)
      const note = { jsonrpc: '2.0', method: 'notifications/message' }
      const event = `data: ${JSON.stringify({ ...note, params: { x: 'x'.repeat(2 ** 20) } })}\n`
      for (let i = 0; i < 70; i++) for (const part of [event, '\n']) response.write(part)
      response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: fine })}\n\n`)
    },
    nothing: (response, id) => json(response, { id, result: null }),
    cut: response =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":'),
    gateway: response => response.writeHead(503).end('no server'),
    fault: response => response.writeHead(500).end('boom'),
  })
  const broken: [string, object][] = [
    ['ends', { data: { code: 'MESH_CALL_INTERRUPTED' } }],
    ['breaks', { data: { code: 'MESH_CALL_INTERRUPTED' } }],
    ['long-stream', { data: { code: 'MESH_CALL_INTERRUPTED' } }],
    ['long', { code: 'MESH_ANSWER_TOO_LARGE' }],
    ['nothing', { code: 'MESH_CALL_INVALID', message: /no message of JSON-RPC/ }],
    ['cut', { code: 'MESH_CALL_INVALID', message: /no message of JSON-RPC/ }],
  ]
  for (const [tool, error] of broken) {
    t.match(await failureOf(wrapped, tool), error, tool)
    t.equal(wrapped.away, undefined, `${tool}: the server is there`)
  }
  t.strictSame(await call(wrapped, 'many-events'), fine, 'many events are no long one')
  t.match(await failureOf(wrapped, 'gateway'), {
    data: { code: 'MESH_CALL_INTERRUPTED' },
    message: /HTTP 503.*may have been executed/,
  })
  t.match(wrapped.away, /HTTP 503/)
})
