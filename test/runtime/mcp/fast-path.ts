import t from 'tap'
import { Agent, fetch as fetchBy, type RequestInit } from 'undici'
import type { Handler } from '../../../runtime/handler.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

const tools: Record<string, Handler> = {
  echo: ({ value }) => value,
  nothing: () => undefined,
  fails: () => {
    throw new Error('no luck')
  },
  typed: ({ value }) => value,
  strict: ({ n }) => n,
  cyclic: () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    return value
  },
  async *counts({ to }) {
    for (let i = 1; i <= Number(to); i++) yield i
    return 'done'
  },
  async *chunks() {
    yield* values
    yield undefined
  },
  async *breaks() {
    yield 1
    throw new Error('broken off')
  },
  async *bad() {
    yield 1
    yield new Map()
  },
  reports: (_args, _deps, { progress }) => {
    for (const n of [1, 2, 2, NaN, 1, Infinity, 2.5]) progress(n, { total: 3, message: `at ${n}` })
    progress(3)
    return 'reported'
  },
  routed: args => args,
  asks: (_args, _deps, { sample }) => sample('What is 1 + 1?'),
}
const specs = {
  routed: {
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        at: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'Count' } } },
      },
    },
  },
  typed: { outputSchema: { type: 'object', required: ['a'] } },
  strict: {
    inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  },
}
const values = [
  [],
  {},
  '',
  0,
  null,
  false,
  'text',
  1.5,
  'é😀\ud800',
  [1, [2]],
  { a: { b: null } },
  -0,
]

const ok = modernCall('echo', { value: 1 })
const params = ok.body['params'] as Record<string, unknown>
const meta = params['_meta'] as Record<string, unknown>
const withParams = (more: object) => ({
  ...ok,
  body: { ...ok.body, params: { ...params, ...more } },
})
const withMeta = (more: object) => withParams({ _meta: { ...meta, ...more } })
const withHeaders = (more: Record<string, string | undefined>) => ({
  body: ok.body,
  headers: JSON.parse(JSON.stringify({ ...ok.headers, ...more })) as Record<string, string>,
})
const streamHeaders = ['cache-control', 'connection', 'x-accel-buffering', 'transfer-encoding']
const legacy = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const bare = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'echo', arguments: { value: 1 } },
}
const key = 'io.modelcontextprotocol/'

const asked = (name: string, more: object, args: object = { to: 3 }) =>
  modernCall(name, args, { meta: { ...more } })
const legacyAsked = (name: string, _meta: object) => ({
  headers: legacy,
  body: { ...bare, params: { name, arguments: { to: 3 }, _meta } },
})

interface Ask {
  headers: Record<string, string>
  body: unknown
  /** Whether the fast path is meant to take it. */
  fast?: boolean
}

/** Arguments, the headers that repeat them, and whether the two agree. */
const headerCases = (
  [
    [{}, {}, true],
    [{ region: 'eu' }, { region: 'eu' }, true],
    [{ region: 'eu' }, {}, false],
    [{ region: 'eu' }, { region: 'us' }, false],
    [{ region: null }, { region: 'us' }, true],
    [{ region: 'é' }, { region: '=?base64?w6k=?=' }, true],
    [{ region: 'é' }, { region: '=?base64?w6k?=' }, false],
    [{ region: 'é' }, { region: '=?base64?6Q==?=' }, false],
    [{ region: 'w6k=' }, { region: 'w6k=' }, true],
    [{ region: 'eu', at: { n: 42 } }, { region: 'eu', count: '42.0' }, true],
    [{ region: 'eu', at: { n: 42 } }, { region: 'eu', count: '43' }, false],
    [{ region: 'eu', at: { n: 42 } }, { region: 'eu', count: 'x' }, false],
    [{ region: 'eu', at: 1 }, { region: 'eu' }, true],
  ] as const
).map(([args, told, agree]) => {
  const { headers, body } = modernCall('routed', args)
  const more = Object.entries(told).map(([name, value]) => [`mcp-param-${name}`, value])
  const name = `arguments ${JSON.stringify(args)}, headers ${JSON.stringify(told)}`
  const repeated = Object.fromEntries(more) as Record<string, string>
  const all = { ...headers, ...repeated }
  return { name, agree, ask: { headers: all, body } }
})

const corpus: Record<string, Ask> = {
  ...Object.fromEntries(
    values.map(value => [
      `value ${JSON.stringify(value)}`,
      { ...modernCall('echo', { value }), fast: true },
    ]),
  ),
  'no value': { ...modernCall('nothing'), fast: true },
  'text id': { ...modernCall('echo', { value: 1 }, { id: 'a"b' }), fast: true },
  'negative id': { ...modernCall('echo', {}, { id: -7 }), fast: true },
  'fractional id': modernCall('echo', {}, { id: 1.5 }),
  'null id': { headers: ok.headers, body: { ...ok.body, id: null } },
  'no id': { headers: ok.headers, body: { ...ok.body, id: undefined } },
  'handler throws': { ...modernCall('fails'), fast: true },
  'value that is no JSON': { ...modernCall('cyclic'), fast: true },
  'arguments that do not fit': { ...modernCall('strict', { n: 'x' }), fast: true },
  'arguments that fit': { ...modernCall('strict', { n: 3 }), fast: true },
  'output that does not fit': { ...modernCall('typed', { value: { b: 1 } }), fast: true },
  'output that fits': { ...modernCall('typed', { value: { a: 1 } }), fast: true },
  'a question to a client that takes none': { ...modernCall('asks'), fast: true },
  ...Object.fromEntries(headerCases.map(({ name, ask }) => [name, { ...ask, fast: true }])),
  'no arguments': { ...withParams({ arguments: undefined }), fast: true },
  'arguments that are no object': withParams({ arguments: [1] }),
  'arguments that are text': withParams({ arguments: 'x' }),
  'arguments that are null': withParams({ arguments: null }),
  'unknown tool': modernCall('nope'),
  'name mismatch': withHeaders({ 'mcp-name': 'nothing' }),
  'encoded name': withHeaders({
    'mcp-name': `=?base64?${Buffer.from('echo').toString('base64')}?=`,
  }),
  'no name header': withHeaders({ 'mcp-name': undefined }),
  'method mismatch': withHeaders({ 'mcp-method': 'tools/list' }),
  'no method header': withHeaders({ 'mcp-method': undefined }),
  'no version header': withHeaders({ 'mcp-protocol-version': undefined }),
  'older version header': withHeaders({ 'mcp-protocol-version': '2025-11-25' }),
  'unknown version': withMeta({ [`${key}protocolVersion`]: '2030-01-01' }),
  'version that is no text': withMeta({ [`${key}protocolVersion`]: 1 }),
  'no accept header': { ...withHeaders({ accept: undefined }), fast: true },
  'wrong content type': withHeaders({ 'content-type': 'text/plain' }),
  'content type with charset': withHeaders({ 'content-type': 'application/json; charset=utf-8' }),
  'no client info': { ...withMeta({ [`${key}clientInfo`]: undefined }), fast: true },
  'bad client info': withMeta({ [`${key}clientInfo`]: { name: 1 } }),
  'client info with title': withMeta({
    [`${key}clientInfo`]: { name: 'a', version: '1', title: 'T' },
  }),
  'no capabilities': withMeta({ [`${key}clientCapabilities`]: undefined }),
  'bad capabilities': withMeta({ [`${key}clientCapabilities`]: [] }),
  'some capabilities': withMeta({ [`${key}clientCapabilities`]: { elicitation: {} } }),
  'log level': withMeta({ [`${key}logLevel`]: 'debug' }),
  'progress token': { ...withMeta({ progressToken: 'p' }), fast: true },
  'progress token 0': { ...withMeta({ progressToken: 0 }), fast: true },
  'progress token that is no integer': withMeta({ progressToken: 1.5 }),
  'progress token of null': withMeta({ progressToken: null }),
  ...Object.fromEntries(
    ['counts', 'chunks', 'breaks', 'bad', 'reports', 'strict', 'nothing'].flatMap(
      (name): [string, Ask][] => [
        [`${name} with chunks`, { ...asked(name, { progressToken: 'a"b' }), fast: true }],
        [`${name} without chunks`, { ...asked(name, {}), fast: true }],
        [`${name} by the legacy form`, legacyAsked(name, { progressToken: 7 })],
      ],
    ),
  ),
  'counts nothing': { ...asked('counts', { progressToken: 1 }, { to: 0 }), fast: true },
  'trace context': {
    ...withMeta({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
    fast: true,
  },
  'trace context that is no text': withMeta({ traceparent: 7 }),
  'mesh timeout': { ...withMeta({ 'mcp-mesh.dev/timeout-ms': 900 }), fast: true },
  'a trace': {
    ...withMeta({
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      ...{ tracestate: 'vendor=1', baggage: 'k=v' },
    }),
    fast: true,
  },
  'a trace of nonsense': { ...withMeta({ traceparent: 'nonsense' }), fast: true },
  'a trace that is no text': withMeta({ traceparent: 7 }),
  'mesh timeout of nonsense': { ...withMeta({ 'mcp-mesh.dev/timeout-ms': 'soon' }), fast: true },
  'no envelope': withParams({ _meta: undefined }),
  'envelope of null': withParams({ _meta: null }),
  'more params': withParams({ task: { ttl: 1 } }),
  'request state': withParams({ requestState: 'abc' }),
  'more members': { headers: ok.headers, body: { ...ok.body, extra: 1 } },
  'wrong jsonrpc': { headers: ok.headers, body: { ...ok.body, jsonrpc: '1.0' } },
  'proto in the arguments': {
    headers: ok.headers,
    body: JSON.stringify(ok.body).replace('"value":1', '"value":1,"__proto__":{"a":1}'),
  },
  'no JSON': { headers: ok.headers, body: '{bad' },
  'empty body': { headers: ok.headers, body: '' },
  'byte order mark': { headers: ok.headers, body: `\ufeff${JSON.stringify(ok.body)}` },
  batch: { headers: ok.headers, body: [ok.body] },
  'modern list': {
    headers: { ...ok.headers, 'mcp-method': 'tools/list' },
    body: { jsonrpc: '2.0', id: 2, method: 'tools/list', params: { _meta: meta } },
  },
  discover: {
    headers: { ...ok.headers, 'mcp-method': 'server/discover' },
    body: { jsonrpc: '2.0', id: 2, method: 'server/discover', params: { _meta: meta } },
  },
  'legacy call': { headers: legacy, body: bare },
  'legacy batch': { headers: legacy, body: [bare] },
  'legacy list': { headers: legacy, body: { jsonrpc: '2.0', id: 3, method: 'tools/list' } },
  'legacy unknown tool': { headers: legacy, body: { ...bare, params: { name: 'nope' } } },
  'unknown method': { headers: legacy, body: { jsonrpc: '2.0', id: 3, method: 'x/y' } },
  oversized: { headers: ok.headers, body: `"${'x'.repeat(16 * 1024 * 1024)}"` },
}

/** A body without a length. */
const inChunks = (text: string) => ({ body: new Blob([text]).stream(), duplex: 'half' }) as const

t.test('the fast path answers what the SDK answers, byte for byte', async t => {
  const fast = await serveTools(t, { tools, specs })
  const slow = await serveTools(t, { tools, specs, isFast: false })
  const counts = { fast: 0, all: 0 }
  const streamed: string[] = []
  for (const [name, { headers, body, fast: isFast = false }] of Object.entries(corpus)) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const ask = async (url: string, body: RequestInit) => {
      const dispatcher = new Agent() // on a connection of its own: one that node:http has stays with it
      const response = await fetchBy(url, { method: 'POST', headers, ...body, dispatcher })
      const type = response.headers.get('content-type')
      // The SDK's answers come in chunks, ours with their length: that tells which of the two it was.
      const isCounted = response.headers.has('content-length')
      const answered = await response.text()
      await dispatcher.close()
      const isStream = type === 'text/event-stream'
      const streamed = isStream ? streamHeaders.map(name => response.headers.get(name)) : []
      return { isCounted, isStream, answer: { status: response.status, type, answered, streamed } }
    }
    const plainBefore = fast.plain()
    const [a, b] = [await ask(fast.url, { body: text }), await ask(slow.url, { body: text })]
    const isPlain = fast.plain() > plainBefore
    const byNode = await ask(fast.url, inChunks(text)) // which the lean reader leaves to node:http
    t.strictSame([a.answer, byNode.answer], [b.answer, b.answer], name)
    for (const { isStream, isCounted } of [a, byNode])
      if (!isStream) t.equal(isCounted, isFast, `${name}: ${isFast ? 'fast' : 'by the SDK'}`)
    if (a.isStream && isFast) streamed.push(name)
    t.equal(isPlain, isFast && !text.includes('progressToken'), `${name}: by the lean reader`)
    t.equal(fast.plain(), plainBefore + Number(isPlain))
    counts.all++
    if (isFast) counts.fast++
  }
  const names = ['counts', 'chunks', 'breaks', 'bad', 'reports']
  t.strictSame(
    streamed,
    names.map(name => `${name} with chunks`),
    'an event stream is begun where there is something to send before the result',
  )
  t.ok(counts.all >= 80 && counts.fast >= 20, JSON.stringify(counts))
})

t.test('a known head is served by what holds now', async t => {
  const serving = await serveTools(t, { tools, specs })
  const dispatcher = new Agent({ connections: 1 })
  t.teardown(() => dispatcher.close())
  const ask = async () => {
    const body = JSON.stringify(ok.body)
    const response = await fetchBy(serving.url, {
      ...{ method: 'POST', headers: ok.headers, body, dispatcher },
    })
    const { result, error } = (await response.json()) as Record<string, { [key: string]: unknown }>
    return error?.['message'] ?? result?.['structuredContent']
  }
  t.equal(await ask(), 1)
  t.equal(await ask(), 1)
  t.equal(serving.plain(), 2)
  const { byName } = serving.served.tools
  const echo = byName.get('echo')!
  const replaced = (tool: typeof echo) => ({
    ...serving.served.tools,
    byName: new Map([['echo', tool]]),
  })
  serving.served.tools = replaced({ ...echo, handler: () => 2 })
  t.equal(await ask(), 2)
  t.equal(serving.plain(), 3)
  serving.served.tools = replaced({
    ...echo,
    spec: { ...echo.spec, task: { required: true } },
  } as typeof echo)
  await ask()
  t.equal(serving.plain(), 3, 'how a client without tasks is refused is for the SDK to say')
})

t.test('a call whose headers say something else than its arguments is refused', async t => {
  for (const isFast of [true, false]) {
    const { url } = await serveTools(t, { tools, specs, isFast })
    for (const { name, agree, ask } of headerCases) {
      const { headers } = ask
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(ask.body) })
      const answer = (await response.json()) as { id: unknown; error?: { code: number } }
      t.equal(response.status, agree ? 200 : 400, name)
      t.equal(answer.error?.code, agree ? undefined : -32020, name)
      t.equal(answer.id, 1)
    }
  }
})
