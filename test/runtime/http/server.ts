import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2,
} from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

const tools: Record<string, Handler> = {
  greet: ({ name }) => `hello ${String(name)}`,
  add: ({ a, b }) => ({ sum: Number(a) + Number(b) }),
  list: () => [1, 2],
}
const specs = {
  greet: {
    description: 'Greets.',
    title: 'Greet',
    inputSchema: { properties: { name: { type: 'string' } } },
  },
  add: {
    outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
  },
  list: { outputSchema: { type: 'array' }, annotations: { readOnlyHint: true } },
}
const client = { name: 'test', version: '1.0.0' }

t.test('a v1 client lists and calls', async t => {
  const { url } = await serveTools(t, { tools, specs })
  const c = new Client1(client)
  await c.connect(new Http1(new URL(url)))
  t.teardown(() => c.close())
  const { tools: listed } = await c.listTools()
  t.strictSame(
    listed.map(tool => [tool.name, tool.inputSchema.type, tool.outputSchema?.type]),
    [
      ['greet', 'object', undefined],
      ['add', 'object', 'object'],
      ['list', 'object', undefined],
    ],
  )
  t.match(listed[0], { title: 'Greet', description: 'Greets.' })
  t.match(await c.callTool({ name: 'greet', arguments: { name: 'é😀' } }), {
    content: [{ type: 'text', text: 'hello é😀' }],
  })
  t.strictSame((await c.callTool({ name: 'add', arguments: { a: 1, b: 2 } })).structuredContent, {
    sum: 3,
  })
  t.match(await c.callTool({ name: 'list' }), { content: [{ type: 'text', text: '[1,2]' }] })
  const bad = await c.callTool({ name: 'greet', arguments: { name: 7 } })
  t.match(bad, { isError: true, content: [{ text: /arguments\.name must be string/ }] })
  await t.rejects(
    c.callTool({ name: 'nope' }),
    /Unknown tool: nope. This agent offers greet, add, list/,
  )
})

for (const mode of ['legacy', 'auto', { pin: '2026-07-28' }] as const) {
  t.test(`a v2 client with versionNegotiation ${JSON.stringify(mode)} lists and calls`, async t => {
    const { url } = await serveTools(t, { tools, specs })
    const c = new Client2(client, mode === 'legacy' ? {} : { versionNegotiation: { mode } })
    await c.connect(new Http2(new URL(url)))
    t.teardown(() => c.close())
    const { tools: listed } = await c.listTools()
    t.equal(listed.length, 3)
    t.match(await c.callTool({ name: 'greet', arguments: { name: 'x' } }), {
      content: [{ type: 'text', text: 'hello x' }],
    })
    const list = await c.callTool({ name: 'list' })
    t.strictSame(list.structuredContent, mode === 'legacy' ? undefined : [1, 2])
    await t.rejects(c.callTool({ name: 'nope' }), /Unknown tool: nope/)
  })
}

t.test('curl calls a tool without a handshake, with and without a slash at the end', async t => {
  const { url } = await serveTools(t, { tools, specs })
  for (const place of [url, `${url}/`]) {
    const { stdout } = await promisify(execFile)('curl', [
      ...['-s', place, '-X', 'POST', '-H', 'Content-Type: application/json'],
      ...['-H', 'Accept: application/json, text/event-stream', '-d'],
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","arguments":{"name":"c"}}}',
    ])
    t.match(stdout, /data: .*"text":"hello c"/)
  }
})

t.test('health says who answers, and follows the state', async t => {
  let state: 'starting' | 'serving' | 'draining' = 'starting'
  const { origin } = await serveTools(t, { tools, state: () => state })
  const statuses = async () =>
    Promise.all(
      ['livez', 'startupz', 'readyz', 'healthz'].map(
        async path => (await fetch(`${origin}/${path}`)).status,
      ),
    )
  t.strictSame(await statuses(), [200, 503, 503, 503])
  state = 'serving'
  t.strictSame(await statuses(), [200, 200, 200, 200])
  t.strictSame(await (await fetch(`${origin}/livez`)).json(), {
    ...{
      status: 'ok',
      agent: 'served',
      namespace: 'default',
      instance: 'served-1',
      pid: process.pid,
    },
  })
  state = 'draining'
  t.strictSame(await statuses(), [200, 200, 503, 503])
  t.equal((await fetch(`${origin}/livez`, { method: 'HEAD' })).status, 200)
})

t.test('other paths and methods get a clear answer', async t => {
  const { origin, url } = await serveTools(t, { tools })
  const wrong = await fetch(`${origin}/nowhere`)
  t.equal(wrong.status, 404)
  t.match(await wrong.json(), {
    error: { code: 'MESH_ROUTE_MISSING', message: /\/nowhere/, mend: /\/mcp/ },
  })
  const post = await fetch(`${origin}/livez`, { method: 'POST' })
  t.equal(post.status, 405)
  t.equal(post.headers.get('allow'), 'GET, HEAD')
  const get = await fetch(url)
  t.equal(get.status, 405)
  t.equal(get.headers.get('allow'), 'POST')
})

t.test('a body over 16 MiB is refused, one just under is taken', async t => {
  const { url } = await serveTools(t, { tools })
  const big = modernCall('greet', { name: 'x'.repeat(15 * 1024 * 1024) })
  const taken = await fetch(url, {
    method: 'POST',
    headers: big.headers,
    body: JSON.stringify(big.body),
  })
  t.equal(taken.status, 200)
  t.ok((await taken.text()).length > 15 * 1024 * 1024)
  for (const headers of [big.headers, { 'content-type': 'application/json' }]) {
    const refused = await fetch(url, {
      method: 'POST',
      headers,
      body: `"${'x'.repeat(17 * 1024 * 1024)}"`,
    })
    t.equal(refused.status, 413)
    t.match(await refused.json(), { error: { message: /must not exceed 16777216 bytes/ } })
  }
})

t.test('Host and Origin', async t => {
  const { port } = await serveTools(t, { tools })
  const cases: [string, string | undefined, number][] = [
    ['localhost', undefined, 200],
    [`LOCALHOST:${port}`, undefined, 200],
    [`127.0.0.1:${port}`, undefined, 200],
    [`[::1]:${port}`, undefined, 200],
    ['localhost.:1', undefined, 200],
    ['evil.example', undefined, 403],
    [`evil.example:${port}`, undefined, 403],
    ['localhost.evil.example', undefined, 403],
    ['127.0.0.1.evil.example', undefined, 403],
    ['localhost@evil.example', undefined, 403],
    ['169.254.169.254', undefined, 403],
    ['', undefined, 403],
    ['localhost', 'http://localhost:3000', 200],
    ['localhost', 'http://[::1]', 200],
    ['localhost', 'https://evil.example', 403],
    ['localhost', 'http://localhost.evil.example', 403],
    ['localhost', 'null', 403],
    ['localhost', 'file:///etc', 403],
    ['localhost', '', 403],
  ]
  for (const [host, origin, status] of cases) {
    for (const path of ['/livez', '/mcp']) {
      const answer = await raw(port, path, host, origin)
      const expected = status === 200 && path === '/mcp' ? 405 : status
      t.match(
        answer,
        new RegExp(`^HTTP/1.1 ${expected} `),
        `${path} Host "${host}" Origin "${origin ?? '-'}"`,
      )
      if (status === 403) t.match(answer, /MESH_HOST_REFUSED/)
    }
  }
})

/** A GET with exactly those headers: fetch sets its own Host. */
async function raw(port: number, path: string, host: string, origin?: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const more = origin === undefined ? '' : `Origin: ${origin}\r\n`
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

t.test('without the token nothing is called; health stays open', async t => {
  const { url, origin, lines } = await serveTools(t, { tools, token: 's3cret' })
  const call = modernCall('greet', { name: 'x' })
  const ask = (authorization?: string) =>
    fetch(url, {
      method: 'POST',
      headers: { ...call.headers, ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify(call.body),
    })
  for (const wrong of [
    undefined,
    'Bearer',
    'Bearer s3cre',
    'Bearer s3cret2',
    'Basic s3cret',
    's3cret',
  ]) {
    const response = await ask(wrong)
    t.equal(response.status, 401, String(wrong))
    t.match(response.headers.get('www-authenticate'), /^Bearer /)
    t.match(await response.json(), { error: { data: { code: 'MESH_TOKEN_INVALID' } } })
  }
  t.equal((await ask('Bearer s3cret')).status, 200)
  t.equal((await ask('bearer s3cret')).status, 200)
  t.equal((await fetch(`${origin}/livez`)).status, 200)
  t.notMatch(lines.join(''), /s3cret/)
})

t.test('only loopback is bound without a token', async t => {
  await t.rejects(serveTools(t, { tools, host: '0.0.0.0' }), {
    code: 'MESH_BIND_UNSAFE',
    mend: /spec\.auth\.bearer/,
  })
  const { port } = await serveTools(t, { tools, host: '0.0.0.0', token: 'x' })
  t.match(
    await raw(port, '/livez', '10.1.2.3'),
    /^HTTP\/1.1 200/,
    'bound to all, any address may be meant',
  )
  t.match(await raw(port, '/livez', 'evil.example'), /^HTTP\/1.1 403/)
})

t.test('a taken port is told with its holder', async t => {
  const { port } = await serveTools(t, { tools })
  await t.rejects(serveTools(t, { tools, port }), {
    code: 'MESH_PORT_TAKEN',
    message: `agent "served" cannot listen on 127.0.0.1:${port}: the port is taken by agent "served" (pid ${process.pid})`,
  })
  const stranger = await silent(t)
  await t.rejects(serveTools(t, { tools, port: stranger }), {
    code: 'MESH_PORT_TAKEN',
    message:
      process.platform === 'linux'
        ? new RegExp(`taken by .*node.*\\(pid ${process.pid}\\)`)
        : /taken/,
  })
})

async function silent(t: Test): Promise<number> {
  const server = createServer(() => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

t.test(
  'a draining agent refuses with a proof that nothing ran, and finishes what runs',
  async t => {
    let finish: (value: string) => void = () => undefined
    const { url, gate } = await serveTools(t, {
      tools: { slow: () => new Promise(resolve => (finish = resolve)) },
    })
    const call = modernCall('slow')
    const ask = () =>
      fetch(url, { method: 'POST', headers: call.headers, body: JSON.stringify(call.body) })
    const running = ask()
    while (gate.running === 0) await new Promise(resolve => setImmediate(resolve))
    gate.close()
    const refused = await ask()
    t.equal(refused.status, 503)
    t.match(await refused.json(), { error: { data: { code: 'MESH_ENDPOINT_DRAINING' } }, id: null })
    const drained = gate.drained(5_000)
    finish('done')
    t.match(await (await running).json(), { result: { content: [{ text: 'done' }] } })
    t.equal(await drained, true)
  },
)
