import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Client as Client2, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import type { AgentSpec } from '../../../core/model/generated/manifest.ts'
import { openRegistry } from '../../support/registry.ts'
import { eventually, runAgent } from '../../support/run-agents.ts'
import { ask, gatewayManifest, runGateway, send, toolsAt } from '../../support/run-gateway.ts'

const code = `
  export const echo = ({ value }) => value
  export const read = ({ path }) => ({ from: 'files', path })
  export const fail = () => { throw new Error('no luck') }
  export async function* count({ to }, _, { signal }) {
    for (let i = 1; i <= to; i++) yield i
    return 'done'
  }
  let seen = 'nothing'
  export const wait = (_args, _deps, { signal }) => new Promise((_, reject) => {
    seen = 'called'
    signal.addEventListener('abort', () => { seen = 'aborted'; reject(signal.reason) })
  })
  export const saw = () => seen
  export const prompt = ({ who }) => 'Hello ' + who
  export const item = ({ id }) => ({ id })
`
const spec = (names: string[], more: Partial<AgentSpec> = {}) => ({
  ...more,
  tools: names.map(name => ({ name, handler: `./handlers.ts#${name}` })),
})
const files = {
  name: 'files',
  code,
  spec: {
    ...spec(['read', 'echo', 'fail', 'count', 'wait', 'saw']),
    resources: [
      { uri: 'docs://readme', name: 'readme', text: 'Read me.' },
      { uriTemplate: 'item://{id}', name: 'item', handler: './handlers.ts#item' },
      { uri: 'docs://größe', name: 'size', text: 'In other letters.' },
    ],
    prompts: [
      {
        name: 'greet',
        handler: './handlers.ts#prompt',
        arguments: [{ name: 'who', complete: ['Ada', 'Bob'] }],
      },
    ],
  },
}
const mail = { name: 'mail', code, spec: spec(['read', 'send'].slice(0, 1)) }

/** Registry, agents and gateway. */
async function mesh(t: Test, agents: Parameters<typeof runAgent>[2][], gateway = {}) {
  const registry = await openRegistry(t)
  const started = []
  for (const agent of agents) started.push(await runAgent(t, registry.url, agent))
  const front = await runGateway(t, registry.url, gateway)
  return { registry, agents: started, front, url: front.endpoint }
}

t.test('one address shows the tools of the mesh, and calls go to who has them', async t => {
  const { url, agents } = await mesh(t, [files, mail])
  t.strictSame(await toolsAt(url), [
    ...['files_read', 'echo', 'fail', 'count', 'wait', 'saw', 'mail_read'],
  ])
  const [own] = agents
  for (const value of [[], {}, '', 0, null, 1.5, 'é😀', { a: [1, { b: null }] }, 'x'.repeat(1e6)]) {
    const params = { name: 'echo', arguments: { value } }
    const asked = { id: `the id "${typeof value}"` }
    const [there, here] = [
      await send(own!.endpoint, 'tools/call', params, asked),
      await send(url, 'tools/call', params, asked),
    ]
    t.equal(here.status, there.status)
    t.equal(await here.text(), await there.text(), `${typeof value} comes back byte for byte`)
  }
  t.match(await ask(url, 'tools/call', { name: 'files_read', arguments: { path: '/x' } }), {
    result: { structuredContent: { from: 'files', path: '/x' } },
  })
  t.match(await ask(url, 'tools/call', { name: 'fail' }), {
    result: { isError: true, content: [{ text: 'no luck' }] },
  })
  t.match(await ask(url, 'tools/call', { name: 'nope' }), {
    error: { code: -32602, message: /Unknown tool: nope/ },
  })
})

t.test(
  'lists are the same whoever came first, and with all that agents say of an entry',
  async t => {
    const registry = await openRegistry(t)
    const icons = [{ src: 'https://example.com/icon.png', sizes: ['48x48'] }]
    const noted = {
      ...{ name: 'noted', code },
      spec: {
        cache: { ttl: '1m', scope: 'public' as const },
        tools: [
          {
            ...{ name: 'read', title: 'Read', icons, handler: './handlers.ts#read' },
            ...{ description: 'Reads.', annotations: { readOnlyHint: true } },
            inputSchema: {
              type: 'object',
              properties: { path: { type: 'string', 'x-mcp-header': 'Path' } },
            },
          },
        ],
        resources: [
          {
            uri: 'a://kept',
            name: 'kept',
            text: 'x',
            cache: { ttl: '5m', scope: 'public' as const },
          },
          { uri: 'a://plain', name: 'plain', text: 'x', icons },
        ],
        prompts: [{ name: 'greet', text: 'Hello.', icons }],
      },
    }
    const early = await runGateway(t, registry.url)
    await runAgent(t, registry.url, noted)
    await runAgent(t, registry.url, mail)
    await runAgent(t, registry.url, files)
    const methods = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list']
    const lists = ({ endpoint }: { endpoint: string }) =>
      Promise.all(methods.map(async method => (await send(endpoint, method)).text()))
    const late = await runGateway(t, registry.url, { name: 'late' })
    const stamped = /"_meta":\{"io.modelcontextprotocol\/serverInfo":[^}]*\}\}/
    const plain = async (front: { endpoint: string }) =>
      (await lists(front)).map(list => list.replace(stamped, ''))
    await eventually(
      async () =>
        (await toolsAt(early.endpoint)).length === 8 && (await toolsAt(late.endpoint)).length === 8,
      'all are shown',
    )
    t.strictSame(await plain(early), await plain(late), 'byte for byte')
    const { result } = await ask(late.endpoint, 'tools/list')
    const { tools } = await ask(late.endpoint, 'tools/list').then(({ result }) => result!)
    t.match(result, { ttlMs: 0, cacheScope: 'private' }, 'nobody keeps what a gateway lists')
    t.match(
      tools.find(({ name }) => name === 'noted_read'),
      {
        ...{ title: 'Read', icons, description: 'Reads.', annotations: { readOnlyHint: true } },
        inputSchema: { properties: { path: { type: 'string', 'x-mcp-header': 'Path' } } },
      },
    )
    t.match(await ask(late.endpoint, 'resources/read', { uri: 'a://kept' }), {
      result: { ttlMs: 300_000, cacheScope: 'public' },
    })
    t.match(await ask(late.endpoint, 'resources/read', { uri: 'a://plain' }), {
      result: { ttlMs: 0, cacheScope: 'private' },
    })
    t.match(await ask(late.endpoint, 'prompts/list'), {
      result: { prompts: [{ name: 'files_greet' }, { name: 'noted_greet', icons }] },
    })
  },
)

t.test(
  'a resource that is hidden is one that is not there, as MCP says it in each era',
  async t => {
    const resources = [{ uri: 'docs://secret', name: 'secret', text: 'Not for all.' }]
    const own = { name: 'own', code, spec: spec(['echo'], { resources }) }
    const { url, agents } = await mesh(t, [files, own], {
      spec: { expose: [{ agents: ['files'] }] },
    })
    const [shown, hidden] = agents
    t.match(await ask(hidden!.endpoint, 'resources/read', { uri: 'docs://secret' }), {
      result: { contents: [{ text: 'Not for all.' }] },
    })
    await eventually(async () => (await toolsAt(url)).includes('echo'), 'files are shown')
    for (const endpoint of [url, shown!.endpoint]) {
      for (const uri of ['docs://secret', 'docs://nowhere']) {
        const asked = await send(endpoint, 'resources/read', { uri })
        t.equal(asked.status, 200)
        const { error } = (await asked.json()) as { error: object }
        t.strictSame(error, { code: -32602, message: `Resource not found: ${uri}`, data: { uri } })
        for (const open of [oldClient, olderEra]) {
          const client = await open(t, endpoint)
          const told = { code: -32602, message: /Resource not found/, data: { uri } }
          const fault: unknown = await client.readResource({ uri }).catch((error: unknown) => error)
          t.match(fault, told, 'before 2026-07-28 as by the SDKs')
        }
      }
    }
  },
)

async function oldClient(t: Test, endpoint: string) {
  const client = new Client1({ name: 'old', version: '1.0.0' })
  await client.connect(new Http1(new URL(endpoint)))
  t.teardown(() => client.close())
  return client
}

async function olderEra(t: Test, endpoint: string) {
  const client = new Client2({ name: 'old', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)))
  t.teardown(() => client.close())
  return client
}

t.test('resources, templates, prompts and completions are the mesh’s', async t => {
  const { url } = await mesh(t, [files])
  t.match(await ask(url, 'resources/list'), {
    result: { resources: [{ uri: 'docs://readme' }, { uri: 'docs://größe' }] },
  })
  t.match(await ask(url, 'resources/templates/list'), {
    result: { resourceTemplates: [{ uriTemplate: 'item://{id}' }] },
  })
  t.match(await ask(url, 'resources/read', { uri: 'docs://readme' }), {
    result: { contents: [{ text: 'Read me.' }] },
  })
  t.match(await ask(url, 'resources/read', { uri: 'item://7' }), {
    result: { contents: [{ text: '{"id":"7"}' }] },
  })
  t.match(await ask(url, 'resources/read', { uri: 'other://7' }), { error: { code: -32602 } })
  t.match(await ask(url, 'prompts/get', { name: 'greet', arguments: { who: 'Ada' } }), {
    result: { messages: [{ content: { text: 'Hello Ada' } }] },
  })
  const completed = await ask(url, 'completion/complete', {
    ref: { type: 'ref/prompt', name: 'greet' },
    argument: { name: 'who', value: 'A' },
  })
  t.match(completed, { result: { completion: { values: ['Ada'] } } })
})

for (const mode of ['auto', 'legacy'] as const) {
  t.test(`a v2 client with versionNegotiation ${mode} uses all of it`, async t => {
    const { url } = await mesh(t, [files, mail])
    const client = new Client2(
      { name: 'test', version: '1' },
      mode === 'legacy' ? {} : { versionNegotiation: { mode } },
    )
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    t.teardown(() => client.close())
    t.match(
      (await client.listTools()).tools.map(({ name }) => name),
      ['files_read', 'echo', 'fail', 'count', 'wait', 'saw', 'mail_read'],
    )
    t.match(await client.callTool({ name: 'echo', arguments: { value: { a: 1 } } }), {
      structuredContent: { a: 1 },
    })
    t.match(await client.callTool({ name: 'fail' }), { isError: true })
    const notes: unknown[] = []
    const options = {
      onprogress: (note: { message?: string | undefined }) => notes.push(note.message),
    }
    t.match(await client.callTool({ name: 'count', arguments: { to: 3 } }, options), {
      content: [{ text: 'done' }],
    })
    t.strictSame(notes, ['1', '2', '3'], 'progress passes through')
    t.match((await client.readResource({ uri: 'docs://größe' })).contents, [
      { text: 'In other letters.' },
    ])
    t.match(await client.getPrompt({ name: 'greet', arguments: { who: 'Ada' } }), {
      messages: [{ content: { text: 'Hello Ada' } }],
    })
    const ref = { type: 'ref/prompt', name: 'greet' } as const
    const completed = await client.complete({ ref, argument: { name: 'who', value: 'B' } })
    t.strictSame(completed.completion.values, ['Bob'])
  })
}

t.test('the answer that clients begin with ends its connection, and others do not', async t => {
  const { url } = await mesh(t, [files])
  const kept = async (method: string, params = {}) => {
    const answer = await send(url, method, params)
    t.match(await answer.json(), { result: {} })
    return answer.headers.get('connection')
  }
  t.equal(await kept('server/discover'), 'close')
  t.equal(await kept('tools/list'), 'keep-alive')
  t.equal(await kept('tools/call', { name: 'echo', arguments: { value: 1 } }), 'keep-alive')
})

t.test('a v1 client lists and calls', async t => {
  const { url } = await mesh(t, [files])
  const client = new Client1({ name: 'test', version: '1' })
  await client.connect(new Http1(new URL(url)))
  t.teardown(() => client.close())
  t.equal((await client.listTools()).tools.length, 6)
  t.match(await client.callTool({ name: 'read', arguments: { path: 'p' } }), {
    structuredContent: { path: 'p' },
  })
})

t.test('a client that goes away takes the work below with it', async t => {
  const { url } = await mesh(t, [files])
  const saw = async () => (await ask(url, 'tools/call', { name: 'saw' })).result?.content[0]?.text
  for (const meta of [{}, { progressToken: 1 }]) {
    const abort = new AbortController()
    const call = send(url, 'tools/call', { name: 'wait' }, { signal: abort.signal, meta })
    await eventually(async () => (await saw()) === 'called', 'it was called')
    abort.abort()
    await t.rejects(call)
    await eventually(async () => (await saw()) === 'aborted', 'its handler was told')
  }
})

t.test('what is shown is chosen by agent, capability, tag and namespace', async t => {
  const tagged = {
    name: 'tagged',
    code,
    spec: {
      tools: [
        { name: 'read', handler: './handlers.ts#read', tags: ['public'], capability: 'reading' },
        { name: 'old', handler: './handlers.ts#read', tags: ['public', 'deprecated'] },
        { name: 'echo', handler: './handlers.ts#echo' },
      ],
      prompts: [{ name: 'greet', text: 'Hello.' }],
    },
  }
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, tagged)
  await runAgent(t, registry.url, mail)
  const shows = async (
    expose: NonNullable<Parameters<typeof gatewayManifest>[0]['spec']>['expose'],
    more = {},
  ) => {
    const front = await runGateway(t, registry.url, {
      spec: { ...(expose && { expose }) },
      ...more,
    })
    const tools = await toolsAt(front.endpoint)
    const { result } = await ask(front.endpoint, 'prompts/list')
    await front.stop()
    return { tools, prompts: (result?.['prompts'] as unknown[]).length }
  }
  const all = ['mail_read', 'tagged_read', 'old', 'echo']
  t.strictSame(await shows(undefined), { tools: all, prompts: 1 })
  t.strictSame(await shows([{ agents: ['mail'] }]), { tools: ['read'], prompts: 0 })
  t.strictSame(await shows([{ capabilities: ['reading'] }]), { tools: ['read'], prompts: 0 })
  t.strictSame(await shows([{ tags: ['public', '-deprecated'] }]), { tools: ['read'], prompts: 0 })
  t.strictSame(await shows([{ tags: [['a', 'deprecated']] }, { agents: ['mail'], prefix: 'm' }]), {
    tools: ['m_read', 'old'],
    prompts: 0,
  })
  t.strictSame(await shows(undefined, { namespace: 'desk' }), { tools: [], prompts: 0 })
  t.strictSame(await shows([{ namespaces: ['*'] }], { namespace: 'desk' }), {
    tools: all,
    prompts: 1,
  })
})

t.test('an agent that leaves takes only its own away, and listeners are told', async t => {
  const { url, registry, agents } = await mesh(t, [files, mail])
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const notifications = { toolsListChanged: true }
  const heard = await send(url, 'subscriptions/listen', { notifications }, { signal: abort.signal })
  let text = ''
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of heard.body as AsyncIterable<Uint8Array>) text += decoder.decode(chunk)
  })().catch(() => undefined)
  await eventually(() => text.includes('acknowledged'), 'it listens')
  await agents[1]!.stop()
  await eventually(async () => (await toolsAt(url)).includes('read'), 'its tool is gone')
  t.notOk((await toolsAt(url)).some(name => name.includes('mail')))
  await eventually(() => text.includes('notifications/tools/list_changed'), 'it was told')
  t.match(await ask(url, 'tools/call', { name: 'echo', arguments: { value: 1 } }), {
    result: { structuredContent: 1 },
  })
  await runAgent(t, registry.url, mail)
  await eventually(async () => (await toolsAt(url)).includes('mail_read'), 'it is back')
  abort.abort()
  await reading
})

t.test('what is known stays while the registry is away, and calls go on', async t => {
  const registry = await openRegistry(t)
  const own = await runAgent(t, registry.url, files)
  const front = await runGateway(t, registry.url)
  const before = await toolsAt(front.endpoint)
  await registry.close()
  t.match(await ask(front.endpoint, 'tools/call', { name: 'echo', arguments: { value: 1 } }), {
    result: { structuredContent: 1 },
  })
  t.strictSame(await toolsAt(front.endpoint), before)
  await own.stop()
  const { result } = await ask(front.endpoint, 'tools/call', { name: 'echo' })
  t.match(result, { isError: true, content: [{ text: /MESH_ENDPOINT_UNREACHABLE.*mend: /s }] })
  t.strictSame(await toolsAt(front.endpoint), before, 'nobody has said that it is gone')
})

t.test('callers present the gateway’s token, providers are shown its own', async t => {
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, {
    ...files,
    spec: { ...files.spec, auth: { bearer: '${env:FILES_TOKEN}' } },
    env: { FILES_TOKEN: 'of-files' },
  })
  const front = await runGateway(t, registry.url, {
    spec: {
      auth: { bearer: '${env:FRONT_TOKEN}' },
      expose: [{ auth: { bearer: '${env:FILES_TOKEN}' } }],
    },
    env: { FRONT_TOKEN: 'of-front', FILES_TOKEN: 'of-files' },
  })
  const call = { name: 'echo', arguments: { value: 1 } }
  t.equal((await send(front.endpoint, 'tools/call', call)).status, 401)
  const headers = { authorization: 'Bearer of-front' }
  t.match(await ask(front.endpoint, 'tools/call', call, { headers }), {
    result: { structuredContent: 1 },
  })
  const said = { name: 'echo', arguments: { value: 'it is of-files' } }
  const answer = await ask(front.endpoint, 'tools/call', said, { headers })
  t.notMatch(JSON.stringify(answer), /of-files/, 'its own credential goes to nobody else')
  t.notMatch(front.lines.join('\n'), /of-front|of-files/)
  const foreign = { ...headers, origin: 'http://evil.example' }
  t.equal((await send(front.endpoint, 'tools/list', {}, { headers: foreign })).status, 403)
  const rebound = request(front.endpoint, {
    ...{ method: 'POST', headers: { ...headers, host: 'evil.example' } },
  })
  rebound.end('{}')
  const [answer403] = (await once(rebound, 'response')) as [IncomingMessage]
  answer403.resume()
  t.equal(answer403.statusCode, 403, 'a name of this machine that others gave it')
})

t.test('a manifest that is applied is followed', async t => {
  const { url, registry, front } = await mesh(t, [files, mail])
  await registry.client.apply(
    gatewayManifest({ spec: { prefix: 'always', expose: [{ agents: ['mail'] }] } }),
  )
  await eventually(async () => (await toolsAt(url)).join() === 'mail_read', 'it is followed')
  t.match(await ask(url, 'tools/call', { name: 'mail_read' }), { result: {} })
  await registry.client.apply(
    gatewayManifest({ spec: { expose: [{ auth: { bearer: '${env:HOME}' } }] } }),
  )
  const status = async () => (await registry.client.agent('default', 'front')).status
  await eventually(async () => (await status()).phase === 'Drifted', 'no new secret is sent')
  t.match(
    (await status()).conditions.find(({ type }) => type === 'Drifted'),
    {
      message: /\$\{env:HOME\}.*not in the manifest/,
    },
  )
  t.strictSame(await toolsAt(url), ['mail_read'])
  t.match(front.agent, 'front')
})
