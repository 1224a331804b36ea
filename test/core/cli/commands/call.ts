// `meshctl call` against a registry and agents that are plain HTTP servers: what goes over the wire, and what comes back.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { AgentResource } from '../../../../core/model/registry-api.ts'
import { cli } from '../../../support/cli.ts'

interface Received {
  headers: IncomingHttpHeaders
  body: { params: { name: string; arguments: unknown; _meta: Record<string, unknown> } }
}

async function listen(t: Test, server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An MCP endpoint that answers what it is told. */
async function provider(
  t: Test,
  answer: object | string,
  { status = 200, type = 'application/json' } = {},
) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void text(request).then(body => {
      received.push({ headers: request.headers, body: JSON.parse(body) as Received['body'] })
      response.writeHead(status, { 'content-type': type })
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  return { url: `${await listen(t, server)}/mcp`, received }
}

const result = (value: object) => ({ jsonrpc: '2.0', id: 1, result: value })

function agent(name: string, tools: object[], endpoints: string[], state = 'ready') {
  return {
    apiVersion: 'mcp-mesh.dev/v1',
    kind: 'Agent',
    metadata: { name, namespace: 'default', generation: 1, revision: 1, origin: 'announced' },
    spec: { version: '1.0.0', tools },
    status: {
      phase: 'Ready',
      observedGeneration: 1,
      conditions: [],
      instances: endpoints.map((endpoint, i) => ({
        id: `${name}-${i}`,
        endpoint,
        state,
        observedGeneration: 1,
        pid: 1,
        host: 'here',
        since: new Date().toISOString(),
      })),
      resolutions: [],
    },
  } as unknown as AgentResource
}

/** A registry that knows these agents; `resolve` is what it answers for any capability. */
async function registryOf(t: Test, items: AgentResource[], resolved: object[] = []) {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    const isResolve = request.url?.startsWith('/v1/resolve')
    const answer = isResolve ? { endpoints: resolved, excluded: [] } : { items, revision: 1 }
    response.end(JSON.stringify(answer))
  })
  return { MESH_REGISTRY_URL: await listen(t, server) }
}

t.test('a call is one stateless POST with nothing added to the arguments', async t => {
  const { url, received } = await provider(t, result({ content: [{ type: 'text', text: 'hi' }] }))
  const env = {
    ...(await registryOf(t, [agent('a', [{ name: 'hello' }], [url])])),
    MESH_TOKEN: 's3cret',
  }
  const run = await cli(['call', 'hello', '{"name":"Ada"}', '--timeout', '5s'], { env })
  t.strictSame(run, { code: 0, out: 'hi', err: '', said: '' })
  t.equal(received.length, 1)
  const [{ headers, body }] = received as [Received]
  t.match(headers, {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'hello',
    accept: 'application/json, text/event-stream',
    authorization: 'Bearer s3cret',
  })
  t.strictSame(body.params.arguments, { name: 'Ada' })
  t.match(body.params._meta, {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'meshctl', version: /\d/ },
    'io.modelcontextprotocol/clientCapabilities': {},
    'mcp-mesh.dev/timeout-ms': 5_000,
  })
})

t.test('the value is printed as the tool gave it', async t => {
  const text = { content: [{ type: 'text', text: 'line 1\nline 2' }] }
  const cases: [object, string][] = [
    [text, 'line 1\nline 2'],
    [{ content: [], structuredContent: { a: [1] } }, '{\n  "a": [\n    1\n  ]\n}'],
    [{ content: [], structuredContent: null }, 'null'],
    [{ content: [], structuredContent: 0 }, '0'],
    [{ content: [{ type: 'text', text: '' }] }, ''],
    [{ content: [] }, ''],
    [{ content: [{ type: 'image', data: 'AA==' }] }, '{\n  "type": "image",\n  "data": "AA=="\n}'],
  ]
  for (const [value, out] of cases) {
    const { url } = await provider(t, result(value))
    const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
    t.match(await cli(['call', 'x'], { env }), { code: 0, out }, JSON.stringify(value))
    const whole = await cli(['call', 'a:x', '-o', 'json'], { env })
    t.strictSame(JSON.parse(whole.out), value)
  }
})

t.test('an answer may come as an event stream, with notifications before it', async t => {
  const note = { jsonrpc: '2.0', method: 'notifications/progress', params: {} }
  const answer = result({ content: [{ type: 'text', text: 'done' }] })
  const stream = `event: message\ndata: ${JSON.stringify(note)}\n\n: ping\n\nid: 7\r\ndata: ${JSON.stringify(answer)}\r\n\r\n`
  const { url } = await provider(t, stream, { type: 'text/event-stream; charset=utf-8' })
  const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
  t.match(await cli(['call', 'x'], { env }), { code: 0, out: 'done' })
})

t.test('chunks are printed before the value, a line each; -o json asks for none', async t => {
  const note = (progress: number, more: object) => ({
    ...{ jsonrpc: '2.0', method: 'notifications/progress' },
    params: { progressToken: 1, progress, ...more },
  })
  const chunk = (progress: number, message: string, value?: unknown) =>
    note(progress, {
      message,
      _meta: { 'mcp-mesh.dev/chunk': value === undefined ? {} : { value } },
    })
  const messages = [
    ...[chunk(1, 'text é'), chunk(2, '{"a":[1]}', { a: [1] }), chunk(3, 'null', null)],
    ...[chunk(4, '', ''), note(5, { total: 9, message: 'no chunk' })],
    result({ content: [{ type: 'text', text: 'done' }] }),
  ]
  const stream = messages.map(message => `data: ${JSON.stringify(message)}\n\n`).join('')
  const { url, received } = await provider(t, stream, { type: 'text/event-stream' })
  const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
  const out = 'text é\n{"a":[1]}\nnull\n\ndone'
  t.match(await cli(['call', 'x'], { env }), { code: 0, out, err: '' })
  t.equal(received[0]?.body.params._meta['progressToken'], 1)
  const whole = await cli(['call', 'x', '-o', 'json'], { env })
  t.strictSame(JSON.parse(whole.out), { content: [{ type: 'text', text: 'done' }] })
  t.notOk('progressToken' in received[1]!.body.params._meta)
})

t.test('arguments come from a file, headers go along, and --raw prints the messages', async t => {
  const { url, received } = await provider(t, result({ content: [{ type: 'text', text: 'hi' }] }))
  const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
  const cwd = t.testdir({ 'args.json': '{"a":[1]}', 'broken.json': '{' })
  const flags = ['--header', 'X-Version: v2', '--header', 'X-Empty:']
  t.match(await cli(['call', 'x', '--file', 'args.json', ...flags], { env, cwd }), {
    code: 0,
    out: 'hi',
  })
  t.strictSame(received[0]?.body.params.arguments, { a: [1] })
  t.match(received[0]?.headers, { 'x-version': 'v2', 'x-empty': '', 'mcp-name': 'x' })
  t.match(await cli(['call', 'x', '-f', '-'], { env, input: '{"b":2}' }), { code: 0 })
  t.strictSame(received[1]?.body.params.arguments, { b: 2 })
  const raw = await cli(['call', 'x', '--raw'], { env })
  t.strictSame(JSON.parse(raw.out), result({ content: [{ type: 'text', text: 'hi' }] }))

  const count = received.length
  const wrong: [string[], RegExp][] = [
    [['x', '{}', '--file', 'args.json'], /the arguments are given twice/],
    [['x', '--file', 'nowhere.json'], /nowhere.json cannot be read/],
    [['x', '--file', 'broken.json'], /are no JSON/],
    [['x', '--header', 'no header'], /"no header" is no header/],
    [['x', '--header', 'X-A: a\r\nX-B: b'], /"X-A" is no header/],
    [['x', '--raw', '-o', 'json'], /do not go together/],
  ]
  for (const [args, err] of wrong) {
    t.match(await cli(['call', ...args], { env, cwd }), { code: 2, out: '', err }, args.join(' '))
  }
  for (const name of ['Authorization', 'Mcp-Name', 'Host', 'Content-Type']) {
    const run = await cli(['call', 'x', '--header', `${name}: s3cret`], { env })
    t.match(run, { code: 2, err: `error MESH_USAGE_INVALID: the header "${name}"` })
    t.notMatch(run.err, 's3cret')
  }
  t.equal(received.length, count, 'nothing was called')
})

t.test('what goes wrong at the tool is said, with its exit code', async t => {
  const failed = { isError: true, content: [{ type: 'text', text: 'no such city' }] }
  const refused = { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'unknown tool' } }
  const cases: [string, object | string, number, number, RegExp][] = [
    ['tool error', result(failed), 200, 1, /MESH_TOOL_FAILED: x: no such city/],
    ['protocol error', refused, 400, 1, /MESH_CALL_REFUSED: .* unknown tool \(-32602\)/],
    ['no token', {}, 401, 1, /MESH_TOKEN_INVALID: .* asks for a token\nmend: set MESH_TOKEN/],
    ['no MCP', '<html>', 200, 1, /MESH_CALL_INVALID: .* HTTP 200/],
    ['a proxy', '<html>', 502, 1, /MESH_CALL_REFUSED: .* HTTP 502/],
  ]
  for (const [name, answer, status, code, err] of cases) {
    const { url } = await provider(t, answer, { status })
    const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
    t.match(await cli(['call', 'x'], { env }), { code, out: '', err }, name)
  }
  const { url } = await provider(t, result(failed))
  const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
  const whole = await cli(['call', 'x', '-o', 'json'], { env })
  t.equal(whole.code, 1)
  t.strictSame(
    JSON.parse(whole.out),
    failed,
    'the whole result is printed also where it is an error',
  )
})

t.test('an instance that is gone is passed over, since nothing was executed', async t => {
  const { url } = await provider(t, result({ content: [{ type: 'text', text: 'here' }] }))
  const gone = 'http://127.0.0.1:1/mcp'
  const both = await registryOf(t, [agent('a', [{ name: 'x' }], [gone, url])])
  t.match(await cli(['call', 'x'], { env: both }), { code: 0, out: 'here' })
  const none = await registryOf(t, [agent('a', [{ name: 'x' }], [gone])])
  t.match(await cli(['call', 'x'], { env: none }), { code: 5, err: /MESH_ENDPOINT_UNREACHABLE/ })
  const suspect = await registryOf(t, [agent('a', [{ name: 'x' }], [url], 'suspect')])
  t.match(await cli(['call', 'x'], { env: suspect }), {
    code: 5,
    err: /no live instance: a-0 is suspect/,
  })
})

t.test('a tool that does not answer is given up after --timeout', async t => {
  const silent = createServer(() => undefined)
  const url = await listen(t, silent)
  const env = await registryOf(t, [agent('a', [{ name: 'x' }], [url])])
  const run = await cli(['call', 'x', '--timeout', '100ms'], { env })
  t.match(run, { code: 1, err: /MESH_DEADLINE_EXCEEDED: .* within 100 ms\nmend: .*--timeout/ })
})

t.test(
  'a name is a tool of an agent, a tool, or a capability, and an ambiguous one lists them',
  async t => {
    const say = async (word: string) =>
      (await provider(t, result({ content: [{ type: 'text', text: word }] }))).url
    const [one, two, three] = [await say('one'), await say('two'), await say('three')]
    const items = [
      agent('a', [{ name: 'greet', capability: 'greeting' }, { name: 'add' }], [one]),
      agent('b', [{ name: 'greet', capability: 'welcome' }, { name: 'add' }], [two]),
      agent('c', [{ name: 'bow', capability: 'greeting' }], [three]),
    ]
    const env = await registryOf(t, items, [
      { tool: 'add', url: two },
      { tool: 'add', url: one },
    ])
    t.match(await cli(['call', 'b:greet'], { env }), { code: 0, out: 'two' })
    t.match(await cli(['call', 'bow'], { env }), { code: 0, out: 'three' })
    t.match(
      await cli(['call', 'add'], { env }),
      { code: 0, out: 'two' },
      'the ranking of the registry decides',
    )
    t.match(await cli(['call', 'greet'], { env }), {
      code: 2,
      err: /"greet" is a tool of 2 agents\n {2}a:greet\n {2}b:greet\nmend: write meshctl call a:greet/,
    })
    t.match(await cli(['call', 'bwo'], { env }), { code: 4, err: /did you mean "bow"\?/ })
    t.match(await cli(['call', 'd:greet'], { env }), { code: 4, err: /no agent "d"/ })
    t.match(await cli(['call', 'a:gret'], { env }), { code: 4, err: /did you mean "greet"\?/ })
  },
)
