/** Resources, prompts, completions and content, over real sockets, as the clients of both SDKs and eras see them. */
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { renderMetrics } from '../../../runtime/telemetry/metrics.ts'
import {
  passOn,
  type ServedTrace,
  type TracedFailure,
  type Tracing,
} from '../../../runtime/telemetry/tracing.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

const bytes = new Uint8Array([0, 1, 254, 255])
const handlers: Record<string, Handler> = {
  './h.ts#profile': ({ id }) => (id === 'nobody' ? undefined : { id, name: `User ${String(id)}` }),
  './h.ts#bytes': () => bytes,
  './h.ts#broken': () => {
    throw new Error('no luck')
  },
  './h.ts#ids': ({ value, name }) => [`${String(value)}1`, `of ${String(name)}`],
  './h.ts#odd': () => [1],
  './h.ts#many': () => Array.from({ length: 150 }, (_, i) => String(i)),
  './h.ts#talk': ({ topic }) => [
    { role: 'user', content: `Speak of ${String(topic)}` },
    { role: 'assistant', content: { type: 'image', data: bytes, mimeType: 'image/png' } },
    { type: 'resource', resource: { uri: 'docs://rule', text: 'Be kind.' } },
  ],
  './h.ts#wrong': () => [{ role: 'system', content: 'x' }],
}
const tools: Record<string, Handler> = {
  kinds: () => [
    'text',
    { type: 'image', data: bytes, mimeType: 'image/png' },
    { type: 'audio', data: 'AAE=', mimeType: 'audio/wav' },
    { type: 'resource_link', uri: 'docs://rule', name: 'rule' },
    { type: 'resource', resource: { uri: 'docs://bytes', blob: bytes } },
  ],
  odd: () => ({ type: 'picture' }),
  incomplete: () => ({ type: 'image', data: 'AAE=' }),
}
const modernOnly = { versionNegotiation: { mode: 'auto' } } as const
const content = { returns: 'content' } as const

async function serving(t: Test, tracing?: Tracing) {
  const folder = t.testdir({ 'note.md': '# Note\n', 'pixel.png': Buffer.from(bytes) })
  const outside = t.testdirName.replace(/[^/]*$/, 'outside-of-it.txt')
  writeFileSync(outside, 'secret')
  symlinkSync(outside, join(folder, 'link.txt'))
  return serveTools(t, {
    ...(tracing && { tracing }),
    ...{ tools, handlers, folder, specs: { kinds: content, odd: content, incomplete: content } },
    spec: {
      resources: [
        {
          uri: 'docs://note',
          name: 'note',
          file: './note.md',
          cache: { ttl: '5m', scope: 'public' },
        },
        { uri: 'docs://pixel', name: 'pixel', title: 'A pixel', file: './pixel.png' },
        { uri: 'docs://rule', name: 'rule', text: 'Be kind.', annotations: { priority: 0.5 } },
        { uri: 'docs://bytes', name: 'bytes', handler: './h.ts#bytes' },
        { uri: 'docs://broken', name: 'broken', handler: './h.ts#broken' },
        { uri: 'docs://gone', name: 'gone', file: './gone.md' },
        { uri: 'docs://link', name: 'link', file: './link.txt' },
        {
          ...{ uriTemplate: 'users://{id}/{name}', name: 'profile', handler: './h.ts#profile' },
          complete: { id: './h.ts#ids' },
        },
      ],
      prompts: [
        {
          ...{ name: 'review', title: 'Review', description: 'Asks for a review.' },
          text: 'Review {{code}} in {{style}} {{code}}',
          arguments: [
            { name: 'code', required: true },
            { name: 'style', complete: ['Short', 'shorter', 'long'] },
            { name: 'odd', complete: './h.ts#odd' },
            { name: 'many', complete: './h.ts#many' },
          ],
        },
        { name: 'talk', handler: './h.ts#talk', arguments: [{ name: 'topic' }] },
        { name: 'wrong', handler: './h.ts#wrong' },
      ],
    },
  })
}

type Client = ClientV1 | ClientV2

async function clients(t: Test): Promise<[name: string, client: Client][]> {
  const { url } = await serving(t)
  return connected(t, url)
}

async function connected(t: Test, url: string): Promise<[name: string, client: Client][]> {
  const about = { name: 'test', version: '1.0.0' }
  const v1 = new ClientV1(about)
  await v1.connect(new HttpV1(new URL(url)))
  const legacy = new ClientV2(about)
  await legacy.connect(new HttpV2(new URL(url)))
  const modern = new ClientV2(about, { versionNegotiation: { mode: 'auto' } })
  await modern.connect(new HttpV2(new URL(url)))
  t.teardown(() => Promise.all([v1, legacy, modern].map(client => client.close())))
  return [
    ['v1', v1],
    ['v2 legacy', legacy],
    ['v2 modern', modern],
  ]
}

t.test('resources are listed and read by clients of both eras', async t => {
  for (const [name, client] of await clients(t)) {
    const { resources } = await client.listResources()
    t.strictSame(
      resources.map(({ uri, mimeType }) => [uri, mimeType]).slice(0, 3),
      [
        ['docs://note', 'text/markdown'],
        ['docs://pixel', 'image/png'],
        ['docs://rule', undefined],
      ],
      name,
    )
    t.match(resources[1], { title: 'A pixel' }, name)
    t.match(resources[2], { annotations: { priority: 0.5 } }, name)
    const { resourceTemplates } = await client.listResourceTemplates()
    t.match(resourceTemplates, [{ uriTemplate: 'users://{id}/{name}', name: 'profile' }], name)
    const read = async (uri: string) => (await client.readResource({ uri })).contents[0]
    const blob = Buffer.from(bytes).toString('base64')
    t.match(
      await read('docs://note'),
      { uri: 'docs://note', mimeType: 'text/markdown', text: '# Note\n' },
      name,
    )
    t.match(await read('docs://pixel'), { mimeType: 'image/png', blob }, name)
    t.match(await read('docs://bytes'), { mimeType: 'application/octet-stream', blob }, name)
    t.match(await read('docs://rule'), { mimeType: 'text/plain', text: 'Be kind.' }, name)
    t.match(
      await read('users://a%20b/x'),
      { mimeType: 'application/json', text: '{"id":"a b","name":"User a b"}' },
      name,
    )
  }
})

t.test('what cannot be read is told, and nothing outside of the folder is', async t => {
  for (const [name, client] of await clients(t)) {
    for (const uri of ['docs://nothing', 'users://nobody/x', 'docs://gone'])
      await t.rejects(client.readResource({ uri }), { message: /not found/i }, `${name} ${uri}`)
    await t.rejects(client.readResource({ uri: 'docs://broken' }), { message: /no luck/ }, name)
    await t.rejects(client.readResource({ uri: 'docs://link' }), { message: /leads out/ }, name)
  }
})

t.test('clients may keep what the manifest says, and nothing else', async t => {
  const { url } = await serving(t)
  const read = async (uri: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        ...{
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'resources/read',
          'mcp-name': uri,
        },
      },
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'resources/read' },
        params: {
          uri,
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    })
    return ((await response.json()) as { result: unknown }).result
  }
  t.match(await read('docs://note'), { ttlMs: 300_000, cacheScope: 'public' })
  t.match(await read('docs://rule'), { ttlMs: 0, cacheScope: 'private' })
})

t.test('prompts are filled in or made by a handler', async t => {
  for (const [name, client] of await clients(t)) {
    const { prompts } = await client.listPrompts()
    t.match(
      prompts[0],
      { name: 'review', title: 'Review', arguments: [{ name: 'code', required: true }] },
      name,
    )
    const review = await client.getPrompt({ name: 'review', arguments: { code: '{{style}}' } })
    t.match(review, {
      description: 'Asks for a review.',
      messages: [
        { role: 'user', content: { type: 'text', text: 'Review {{style}} in  {{style}}' } },
      ],
    })
    const talk = await client.getPrompt({ name: 'talk', arguments: { topic: 'tea' } })
    t.match(talk.messages, [
      { role: 'user', content: { type: 'text', text: 'Speak of tea' } },
      { role: 'assistant', content: { type: 'image', data: 'AAH+/w==' } },
      { role: 'user', content: { type: 'resource', resource: { text: 'Be kind.' } } },
    ])
    const get = (prompt: string) => client.getPrompt({ name: prompt })
    await t.rejects(get('review'), { code: -32602, message: /needs "code"/ }, name)
    await t.rejects(get('reviews'), { code: -32602, message: /Unknown prompt: reviews/ }, name)
    await t.rejects(get('wrong'), { message: /MESH_OUTPUT_INVALID.*role "system"/ }, name)
  }
})

t.test('what is typed is completed from a list or by a handler', async t => {
  for (const [name, client] of await clients(t)) {
    const prompt = async (argument: string, value: string) =>
      (
        await client.complete({
          ...{ ref: { type: 'ref/prompt', name: 'review' }, argument: { name: argument, value } },
        })
      ).completion
    t.match(await prompt('style', 'sho'), { values: ['Short', 'shorter'], hasMore: false }, name)
    t.strictSame((await prompt('code', 'x')).values, [], name)
    const many = await prompt('many', '')
    t.match(many, { total: 150, hasMore: true }, name)
    t.equal(many.values.length, 100, name)
    await t.rejects(prompt('none', ''), { code: -32602 }, name)
    await t.rejects(prompt('odd', ''), { message: /MESH_OUTPUT_INVALID/ }, name)
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'users://{id}/{name}' },
      argument: { name: 'id', value: 'a' },
      context: { arguments: { name: 'x' } },
    })
    t.strictSame(completion.values, ['a1', 'of x'], name)
  }
})

t.test('a tool answers with content of every kind', async t => {
  for (const [name, client] of await clients(t)) {
    const { content } = await client.callTool({ name: 'kinds' })
    t.strictSame(
      content,
      [
        { type: 'text', text: 'text' },
        { type: 'image', data: 'AAH+/w==', mimeType: 'image/png' },
        { type: 'audio', data: 'AAE=', mimeType: 'audio/wav' },
        { type: 'resource_link', uri: 'docs://rule', name: 'rule' },
        { type: 'resource', resource: { uri: 'docs://bytes', blob: 'AAH+/w==' } },
      ],
      name,
    )
    for (const tool of ['odd', 'incomplete'])
      t.match(await client.callTool({ name: tool }), { isError: true }, name)
  }
})

t.test('an agent without any has no such capabilities', async t => {
  const { url } = await serveTools(t, { tools: { echo: () => 1 } })
  const client = new ClientV2({ name: 'test', version: '1.0.0' })
  await client.connect(new HttpV2(new URL(url)))
  t.teardown(() => client.close())
  t.strictSame(Object.keys(client.getServerCapabilities() ?? {}), ['logging', 'tools'])
})

t.test('lists may be kept where the manifest says so, and by nobody else', async t => {
  for (const [spec, kept] of [
    [{}, { ttlMs: 0, cacheScope: 'private' }],
    [{ cache: { ttl: '1m' } }, { ttlMs: 60_000, cacheScope: 'private' }],
    [{ cache: { ttl: '5s', scope: 'public' } }, { ttlMs: 5_000, cacheScope: 'public' }],
  ] as const) {
    const { url } = await serveTools(t, {
      tools,
      handlers,
      spec: { ...spec, prompts: [{ name: 'a', text: 'x' }] },
    })
    for (const method of ['tools/list', 'prompts/list', 'server/discover']) {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
      }
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      }
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { _meta } })
      const response = await fetch(url, { method: 'POST', headers, body })
      t.match(await response.json(), { result: kept }, method)
    }
  }
})

t.test('an agent without tools offers what it has, and no tools', async t => {
  const spec = { resources: [{ uri: 'docs://it', name: 'it', text: 'x' }] }
  const { url } = await serveTools(t, { tools: {}, spec })
  for (const client of [
    new ClientV2({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } }),
    new ClientV2({ name: 'test', version: '1.0.0' }),
  ]) {
    await client.connect(new HttpV2(new URL(url)))
    t.teardown(() => client.close())
    t.strictSame(Object.keys(client.getServerCapabilities() ?? {}).sort(), ['logging', 'resources'])
    t.match(await client.readResource({ uri: 'docs://it' }), { contents: [{ text: 'x' }] })
  }
})

t.test(
  'what is asked for is counted and traced by what the manifest names, never by a value',
  async t => {
    const served: [name: string, method: string, parent: string | undefined][] = []
    const ended: (string | undefined)[] = []
    const tracing: Tracing = {
      ...passOn,
      serve(name, received, method = 'tools/call') {
        served.push([name, method, received?.traceparent])
        const trace = passOn.serve(name, received)
        const end = (failure?: TracedFailure) => void ended.push(failure?.type)
        return Object.assign(Object.create(trace) as ServedTrace, { end })
      },
    }
    const { url, offers } = await serving(t, tracing)
    const client = new ClientV2({ name: 'test', version: '1.0.0' }, modernOnly)
    await client.connect(new HttpV2(new URL(url)))
    t.teardown(() => client.close())
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await client.readResource({ uri: 'users://secret/x', _meta: { traceparent } })
    await client.readResource({ uri: 'docs://rule' })
    await t.rejects(client.readResource({ uri: 'docs://broken' }), /no luck/)
    await t.rejects(client.readResource({ uri: 'docs://nowhere' }))
    await t.rejects(client.getPrompt({ name: 'review' }), /MESH_ARGUMENTS_INVALID/)
    await client.getPrompt({ name: 'talk', arguments: { topic: 'mesh' } })
    const ref = { type: 'ref/resource' as const, uri: 'users://{id}/{name}' }
    await client.complete({ ref, argument: { name: 'id', value: 'secret' } })
    t.strictSame(served, [
      ['users://{id}/{name}', 'resources/read', traceparent],
      ['docs://rule', 'resources/read', undefined],
      ['docs://broken', 'resources/read', undefined],
      ['review', 'prompts/get', undefined],
      ['talk', 'prompts/get', undefined],
      ['users://{id}/{name}', 'completion/complete', undefined],
    ])
    const none = undefined
    t.strictSame(ended, [none, none, 'handler_error', 'MESH_ARGUMENTS_INVALID', none, none])
    t.strictSame(
      offers().map(({ method, name, calls, inFlight, errors }) => [
        ...[method, name, calls, inFlight, { ...errors }],
      ]),
      [
        ['resources/read', 'users://{id}/{name}', 1, 0, {}],
        ['resources/read', 'docs://rule', 1, 0, {}],
        ['resources/read', 'docs://broken', 1, 0, { handler_error: 1 }],
        ['prompts/get', 'review', 1, 0, { MESH_ARGUMENTS_INVALID: 1 }],
        ['prompts/get', 'talk', 1, 0, {}],
        ['completion/complete', 'users://{id}/{name}', 1, 0, {}],
      ],
    )
    const about = { agent: 'a', namespace: 'default', version: '1.0.0', instance: 'a-1' }
    const lines = renderMetrics({
      about,
      ...{ edges: [], tools: [], offers: offers(), waiting: () => 0 },
    }).split('\n')
    const of = (method: string, name: string) => `{method="${method}",name="${name}"`
    for (const line of [
      `mesh_requests_total${of('resources/read', 'users://{id}/{name}')}} 1`,
      `mesh_request_errors_total${of('resources/read', 'docs://broken')},code="handler_error"} 1`,
      `mesh_requests_in_flight${of('prompts/get', 'talk')}} 0`,
      `mesh_request_duration_seconds_count${of('prompts/get', 'talk')}} 1`,
    ])
      t.ok(lines.includes(line), line)
  },
)

t.test('icons stand in lists and in what says who serves, and in no answer of a call', async t => {
  const icon = (name: string) => ({
    ...{ src: `https://example.com/${name}.png`, mimeType: 'image/png' as const },
    ...{ sizes: ['48x48', 'any'], theme: 'dark' as const },
  })
  const icons = (name: string) => [icon(name)]
  const { url } = await serveTools(t, {
    tools: { say: () => 'x' },
    specs: { say: { icons: icons('tool') } },
    handlers: { './h.ts#read': () => 'x' },
    spec: {
      icons: icons('agent'),
      resources: [
        { uri: 'docs://a', name: 'a', text: 'A', icons: icons('resource') },
        { uri: 'docs://b', name: 'b', text: 'B' },
        { uriTemplate: 'x://{y}', name: 'x', handler: './h.ts#read', icons: icons('template') },
      ],
      prompts: [{ name: 'ask', text: 'Ask', icons: icons('prompt') }],
    },
  })
  for (const [name, client] of await connected(t, url)) {
    t.strictSame(client.getServerVersion()?.icons, icons('agent'), name)
    t.strictSame((await client.listTools()).tools[0]?.icons, icons('tool'), name)
    const { resources } = await client.listResources()
    t.strictSame(
      resources.map(({ icons }) => icons),
      [icons('resource'), undefined],
      name,
    )
    const [template] = (await client.listResourceTemplates()).resourceTemplates
    t.strictSame(template?.icons, icons('template'), name)
    t.strictSame((await client.listPrompts()).prompts[0]?.icons, icons('prompt'), name)
  }
  const { headers, body } = modernCall('say')
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  t.notMatch(await answer.text(), /icon/)
})
