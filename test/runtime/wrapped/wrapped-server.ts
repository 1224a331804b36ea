/** Agents that wrap real MCP servers, in this process but for the servers: over stdio, and over HTTP of both eras. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { Server as OldServer } from '@modelcontextprotocol/sdk/server/index.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import type { AgentSpec, Tool } from '../../../core/model/generated/manifest.ts'
import { startAgent, type RunningAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { fakeRegistry } from '../../support/fake-registry.ts'
import { isRunning } from '../../support/mesh.ts'
import { eventually } from '../../support/run-agents.ts'
import { modernCall } from '../../support/serve-tools.ts'

const odd = [process.execPath, resolve('test/support/odd-server.mjs')]
const npm = (name: string, file = 'dist/index.js') => [
  process.execPath,
  resolve('node_modules/@modelcontextprotocol', name, file),
]

interface WrappedAgent extends RunningAgent {
  lines: string[]
  folder: string
  healthz(): Promise<{ status: string; reason?: string }>
  names(): Promise<string[]>
  ask(
    name: string,
    args?: unknown,
    meta?: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<Answer>
}

interface Answer {
  result?: {
    content: { type: string; text?: string }[]
    structuredContent?: unknown
    isError?: boolean
    _meta?: Record<string, unknown>
  }
  error?: { code: number; message: string; data?: { code?: string } }
}

async function wrap(
  t: Test,
  server: AgentSpec['server'],
  {
    tools,
    env = {},
    registry = 'http://127.0.0.1:9',
  }: { tools?: Tool[]; env?: Record<string, string>; registry?: string } = {},
): Promise<WrappedAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-wrapped-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const manifest = join(folder, 'mesh.yaml')
  const spec = { version: '1.0.0', server, ...(tools && { tools }) }
  writeFileSync(
    manifest,
    stringify({
      apiVersion: 'mcp-mesh.dev/v1',
      kind: 'Agent',
      metadata: { name: 'wrapped' },
      spec,
    }),
  )
  const lines: string[] = []
  const agent = await startAgent({
    ...{ manifest, registryUrls: [registry], log: createLog('debug', line => lines.push(line)) },
    env: { MESH_HOME: folder, PATH: process.env.PATH, ...env },
  })
  t.teardown(() => agent.stop())
  const ask: WrappedAgent['ask'] = async (name, args, meta = {}, signal) => {
    const { headers, body } = modernCall(name, args, { meta })
    const response = await fetch(agent.endpoint, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: signal ?? null,
    })
    const text = await response.text()
    const last = text
      .split('\n')
      .filter(line => line.startsWith('data: '))
      .at(-1)
    return { ...(JSON.parse(last?.slice(6) ?? text) as Answer), ...(last && { stream: text }) }
  }
  return {
    ...{ ...agent, lines, folder, ask },
    healthz: async () =>
      (await (await fetch(agent.endpoint.replace('/mcp', '/healthz'))).json()) as {
        status: string
      },
    async names() {
      const { headers, body } = modernCall('')
      const rest: Record<string, string> = { ...headers, 'mcp-name': '' }
      delete rest['mcp-name']
      const params = { _meta: (body.params as { _meta: unknown })._meta }
      const response = await fetch(agent.endpoint, {
        ...{ method: 'POST', headers: { ...rest, 'mcp-method': 'tools/list' } },
        body: JSON.stringify({ ...body, method: 'tools/list', params }),
      })
      const { result } = (await response.json()) as { result: { tools: { name: string }[] } }
      return result.tools.map(tool => tool.name)
    },
  }
}

const pidsIn = (file: string) => readFileSync(file, 'utf8').trim().split('\n').map(Number)

t.test(
  'server-everything: lists, values, errors, images, progress and cancellation pass through',
  async t => {
    const agent = await wrap(t, { command: [...npm('server-everything'), 'stdio'] })
    const names = await agent.names()
    for (const name of ['echo', 'get-tiny-image', 'get-structured-content'])
      t.ok(names.includes(name), name)
    const echo = await agent.ask('echo', { message: 'ünï' })
    t.strictSame(echo.result?.content, [{ type: 'text', text: 'Echo: ünï' }])
    const image = await agent.ask('get-tiny-image')
    t.strictSame(
      image.result?.content.map(block => block.type),
      ['text', 'image', 'text'],
    )
    const links = await agent.ask('get-resource-links', { count: 2 })
    t.strictSame(
      links.result?.content.map(block => block.type),
      ['text', 'resource_link', 'resource_link'],
    )
    const structured = await agent.ask('get-structured-content', { location: 'Chicago' })
    t.match(structured.result?.structuredContent, { temperature: 36 })
    const wrong = await agent.ask('echo', { nix: 1 })
    t.equal(wrong.result?.isError, true)
    t.match(wrong.result?.content[0]?.text, /Input validation error.*expected string/s)
    const slow = 'trigger-long-running-operation'
    const steps = await agent.ask(slow, { duration: 0.4, steps: 4 }, { progressToken: 'p' })
    t.match(
      (steps as { stream?: string }).stream,
      /"progressToken":"p","progress":1,"total":4[^]*"progress":3/,
    )
    t.match(steps.result?.content[0]?.text, /completed/)
    const late = await agent.ask(
      slow,
      { duration: 30, steps: 1 },
      { 'mcp-mesh.dev/timeout-ms': 200 },
    )
    t.match(late.result?.content[0]?.text, /^MESH_DEADLINE_EXCEEDED/)
  },
)

t.test('server-filesystem and server-memory do their work behind an agent', async t => {
  const folder = t.testdir({ 'a.txt': 'hello' })
  const files = await wrap(
    t,
    { command: [...npm('server-filesystem'), '${env:ROOT}'] },
    { env: { ROOT: folder } },
  )
  const read = await files.ask('read_text_file', { path: join(folder, 'a.txt') })
  t.equal(read.result?.content[0]?.text, 'hello')
  const outside = await files.ask('read_text_file', { path: '/etc/hostname' })
  t.match(outside.result, { isError: true, content: [{ text: /Access denied/ }] })
  const store = join(t.testdir(), 'memory.json')
  const memory = await wrap(t, { command: npm('server-memory'), env: { MEMORY_FILE_PATH: store } })
  const entities = [{ name: 'mesh', entityType: 'thing', observations: ['wraps'] }]
  await memory.ask('create_entities', { entities })
  const graph = await memory.ask('read_graph', {})
  t.match(graph.result?.structuredContent, { entities })
})

t.test(
  'what is unsound is left out by name; pages and changes of the list are followed',
  async t => {
    const agent = await wrap(t, { command: odd })
    const sound = ['echo', 'strict', 'die', 'slow', 'refuse', 'environment', 'grow', 'ask']
    t.strictSame(await agent.names(), sound)
    const reasons = agent.lines
      .map(line => JSON.parse(line) as Record<string, string>)
      .filter(({ msg }) => msg === 'a tool of the wrapped server is not served')
      .map(({ tool, reason }) => `${tool}: ${reason}`)
    for (const expected of [
      /^bad-type: its inputSchema is no JSON Schema/,
      /^remote: its inputSchema does not compile: can't resolve reference https:\/\/example.com\/x/,
      /^deep: its inputSchema is nested deeper than 64 levels/,
      /^huge: its inputSchema is longer than 256 KiB/,
      /^bad-output: its outputSchema is no JSON Schema/,
      /^list: its inputSchema is not of type object/,
      /^tools\[8\]: it has no name/,
      /^echo: another tool has the same name/,
    ]) {
      t.equal(reasons.filter(reason => expected.test(reason)).length, 1, String(expected))
    }
    const client = new Client(
      { name: 'listener', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    )
    await client.connect(new StreamableHTTPClientTransport(new URL(agent.endpoint)))
    t.teardown(() => client.close())
    let isTold = false
    client.setNotificationHandler('notifications/tools/list_changed', () => void (isTold = true))
    await client.listen({ toolsListChanged: true })
    await agent.ask('grow')
    await eventually(async () => (await agent.names()).includes('late'), 'the new tool')
    await eventually(() => isTold, 'our own client is told')
  },
)

t.test('arguments arrive as they were sent, and nothing with them', async t => {
  const seen = join(t.testdir(), 'seen')
  const agent = await wrap(t, { command: odd, env: { SEEN: seen } })
  for (const args of [{}, { a: [] }, { a: { b: '' } }, { a: null }, { a: 'ü'.repeat(100_000) }]) {
    const { result } = await agent.ask('echo', args, { 'mcp-mesh.dev/timeout-ms': 5_000 })
    t.strictSame(result?.structuredContent, args)
    t.match(result?._meta, { own: 1 })
    t.match((await agent.ask('strict', args)).result, { content: [{ text: 'taken' }] })
  }
  const params = readFileSync(seen, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { method: string; params: Record<string, unknown> })
    .filter(({ method }) => method === 'tools/call')
    .map(({ params }) => Object.keys(params).sort())
  t.equal(params.length, 10)
  for (const keys of params) t.strictSame(keys, ['arguments', 'name'])
  const { error } = await agent.ask('refuse')
  t.strictSame(
    error,
    { code: -32050, message: 'not today', data: { why: 'tired' } },
    'its own error passes',
  )
})

t.test('a cancelled caller and a passed deadline reach the server', async t => {
  const seen = join(t.testdir(), 'seen')
  const agent = await wrap(t, { command: odd, env: { SEEN: seen } })
  const cancelled = () => readFileSync(seen, 'utf8').split('notifications/cancelled').length - 1
  await agent.ask('slow', {}, { 'mcp-mesh.dev/timeout-ms': 100 })
  await eventually(() => cancelled() === 1, 'cancelled by the deadline')
  const controller = new AbortController()
  const asked = agent.ask('slow', {}, {}, controller.signal)
  await eventually(
    () => readFileSync(seen, 'utf8').split('"slow"').length === 3,
    'the call arrived',
  )
  controller.abort()
  await t.rejects(asked)
  await eventually(() => cancelled() === 2, 'cancelled by the caller')
})

t.test('its environment is what the manifest says, and what is secret stays so', async t => {
  const env = { KEY_OF_TEST: 's3cret-value', OTHER: 'never-there', HOME: '/tmp' }
  const agent = await wrap(t, { command: odd, env: { KEY: '${env:KEY_OF_TEST}' } }, { env })
  const { result } = await agent.ask('environment')
  const names = result?.content[0]?.text?.split(',') ?? []
  const isTaps = (name: string) => /^(NODE_OPTIONS|_TAPJS_.*)$/.test(name) // put into every child of a test
  t.strictSame(
    names.filter(name => !isTaps(name)),
    ['HOME', 'KEY', 'PATH'],
  )
  await eventually(
    () => agent.lines.some(line => line.includes('its key is ***')),
    'stderr in the log',
  )
  t.equal(agent.lines.filter(line => /s3cret|never-there/.test(line)).length, 0)
  t.ok(
    agent.lines.some(line => line.includes('Welcome to the odd server')),
    'noise is logged',
  )
  await t.rejects(wrap(t, { command: odd, env: { KEY: '${env:NOT_THERE}' } }), {
    code: 'MESH_SECRET_MISSING',
  })
  await t.rejects(wrap(t, { command: ['no-such-program-here'] }), {
    code: 'MESH_PROCESS_FAILED',
    message: 'the program "no-such-program-here" of spec.server.command cannot be started: ENOENT',
  })
})

t.test(
  'a server that ends is started again; meanwhile the agent is unhealthy and refuses',
  async t => {
    const folder = t.testdir()
    const [pids, broken] = [join(folder, 'pids'), join(folder, 'broken')]
    const registry = await fakeRegistry(t)
    const agent = await wrap(
      t,
      { command: odd, env: { PIDS: pids, BROKEN: broken } },
      { registry: registry.url },
    )
    const [first] = pidsIn(pids)
    t.match(await agent.healthz(), { status: 'ok' })
    writeFileSync(broken, '')
    const { error } = await agent.ask('die')
    t.match(error, {
      data: { code: 'MESH_CALL_INTERRUPTED' },
      message: /signal SIGKILL.*may have been executed/,
    })
    await eventually(async () => (await agent.healthz()).status === 'unhealthy', 'unhealthy')
    await eventually(() => pidsIn(pids).length >= 3, 'tried again')
    t.match((await agent.healthz()).reason, /the wrapped server is away: it ended with/)
    const refused = await agent.ask('echo', {})
    t.match(refused.error, {
      code: -32000,
      data: { code: 'MESH_SERVER_UNAVAILABLE' },
      message: /was not executed/,
    })
    t.ok((await agent.names()).includes('echo'), 'it is still listed')
    rmSync(broken)
    await eventually(async () => (await agent.healthz()).status === 'ok', 'well again', 20_000)
    t.strictSame((await agent.ask('echo', { a: 1 })).result?.structuredContent, { a: 1 })
    const all = pidsIn(pids)
    t.not(all.at(-1), first)
    t.strictSame(all.filter(isRunning), [all.at(-1)], 'never more than one')
    await eventually(
      () => registry.announcements.some(({ unhealthy }) => unhealthy !== undefined),
      'the registry was told',
    )
  },
)

t.test('a stop leaves nothing of the process group, however stubborn', async t => {
  const pids = join(t.testdir(), 'pids')
  const agent = await wrap(t, { command: odd, env: { PIDS: pids, STUBBORN: '1' } })
  await eventually(() => pidsIn(pids).length === 2, 'a grandchild')
  t.equal(pidsIn(pids).filter(isRunning).length, 2)
  await agent.stop()
  t.strictSame(pidsIn(pids).filter(isRunning), [])
})

t.test('a server that ends at a word it does not know is spoken to in the old way', async t => {
  const agent = await wrap(t, { command: odd, env: { SUDDEN: '1' } })
  await eventually(async () => (await agent.names()).length > 0, 'its tools', 15_000)
  t.match((await agent.ask('strict', {})).result, { content: [{ text: 'taken' }] })
})

t.test(
  'a listed tool that the server lacks makes the agent unhealthy, with the name that was meant',
  async t => {
    const agent = await wrap(
      t,
      { command: odd },
      { tools: [{ name: 'ecko' }, { name: 'bad-type' }, { name: 'strict' }] },
    )
    const { status, reason } = await agent.healthz()
    t.equal(status, 'unhealthy')
    t.match(
      reason,
      /has no tool "ecko"; did you mean "echo"\?; .*"bad-type" is not served: its inputSchema/,
    )
    t.match(
      (await agent.ask('strict', {})).result,
      { content: [{ text: 'taken' }] },
      'what is there is served',
    )
  },
)

t.test('an applied manifest is followed, but not to another server', async t => {
  const registry = await fakeRegistry(t)
  const agent = await wrap(
    t,
    { command: odd },
    { tools: [{ name: 'echo' }], registry: registry.url },
  )
  const old = registry.announcements.find(({ id }) => id === agent.instance)?.manifest
  const tools = [
    { name: 'echo', capability: 'say', version: '3.0.0', tags: ['new'], timeout: '5s' },
  ]
  const desired = { ...old!, spec: { ...old!.spec, tools } }
  registry.push(agent.instance, { type: 'manifest', generation: 2, manifest: desired })
  await eventually(() => registry.announcements.at(-1)?.observedGeneration === 2, 'followed')
  const server = { command: ['evil'] }
  registry.push(agent.instance, {
    type: 'manifest',
    generation: 3,
    manifest: { ...desired, spec: { ...desired.spec, server } },
  })
  await eventually(() => registry.announcements.at(-1)?.drift?.generation === 3, 'drifted')
  t.equal(
    registry.announcements.at(-1)?.drift?.reason,
    'spec.server differs from what this instance has started with; restart it',
  )
  t.strictSame(
    (await agent.ask('echo', { a: 1 })).result?.structuredContent,
    { a: 1 },
    'the old one goes on',
  )
})

async function listening(t: Test, server: HttpServer, port = 0): Promise<number> {
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('a modern server over HTTP: its own credentials, never those of callers', async t => {
  const auths: (string | undefined)[] = []
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'far', version: '1.0.0' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({
      tools: [{ name: 'twice', inputSchema: { type: 'object' as const } }],
    }))
    server.setRequestHandler('tools/call', ({ params }) => ({
      content: [],
      structuredContent: { twice: Number(params.arguments?.n) * 2 },
    }))
    return server
  })
  const node = toNodeHandler(handler)
  const port = await listening(
    t,
    createServer((request, response) => {
      auths.push(`${request.headers.authorization} ${String(request.headers['x-key'])}`)
      void node(request as Parameters<typeof node>[0], response)
    }),
  )
  const server = {
    url: `http://127.0.0.1:${port}/mcp`,
    auth: { bearer: '${env:FAR}' },
    headers: { 'X-Key': '${env:KEY}' },
  }
  const agent = await wrap(t, server, { env: { FAR: 'far-token', KEY: 'far-key' } })
  t.strictSame((await agent.ask('twice', { n: 21 })).result?.structuredContent, { twice: 42 })
  t.strictSame([...new Set(auths)], ['Bearer far-token far-key'])
  t.equal(agent.lines.filter(line => /far-(token|key)/.test(line)).length, 0)
  t.ok(agent.lines.some(line => line.includes('"era":"modern"')))
})

/** A server with sessions, as the v1 SDK makes them; `forget` ends all sessions, as a restart does. */
async function sessions(t: Test, port = 0) {
  const transports = new Map<string, StreamableHTTPServerTransport>()
  const state = { calls: 0, sessions: 0, port: 0, forget: () => transports.clear() }
  const http = createServer((request, response) => {
    void (async () => {
      const id = request.headers['mcp-session-id']
      const known = typeof id === 'string' ? transports.get(id) : undefined
      if (known) return known.handleRequest(request, response)
      if (id !== undefined) return void response.writeHead(404).end('Session not found')
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => `session-${++state.sessions}`,
        onsessioninitialized: session => void transports.set(session, transport),
      })
      const server = new OldServer(
        { name: 'old', version: '1.0.0' },
        { capabilities: { tools: {} } },
      )
      const inputSchema = { type: 'object' as const }
      server.setRequestHandler(ListToolsRequestSchema, () => ({
        tools: [
          { name: 'count', inputSchema },
          { name: 'look', inputSchema },
        ],
      }))
      server.setRequestHandler(CallToolRequestSchema, () => ({
        content: [{ type: 'text', text: String(++state.calls) }],
      }))
      await server.connect(transport)
      await transport.handleRequest(request, response)
    })()
  })
  state.port = await listening(t, http, port)
  return Object.assign(state, { http })
}

t.test(
  'a server with sessions: a lost one is opened again, and only what may be is repeated',
  async t => {
    const server = await sessions(t)
    const tools = [{ name: 'count' }, { name: 'look', annotations: { readOnlyHint: true } }]
    const agent = await wrap(t, { url: `http://127.0.0.1:${server.port}/mcp` }, { tools })
    t.equal((await agent.ask('count', {})).result?.content[0]?.text, '1')
    t.equal(server.sessions, 1)
    server.forget()
    t.equal(
      (await agent.ask('look', {})).result?.content[0]?.text,
      '2',
      'repeated in a new session',
    )
    t.equal(server.sessions, 2)
    server.forget()
    t.match((await agent.ask('count', {})).error, {
      data: { code: 'MESH_CALL_INTERRUPTED' },
      message: /no longer knows the session/,
    })
    await eventually(
      async () => (await agent.ask('count', {})).result?.content[0]?.text === '3',
      'in a new session',
    )
    t.equal(server.sessions, 3)
  },
)

t.test('a server that is gone from its URL, and back', async t => {
  const server = await sessions(t)
  const agent = await wrap(t, { url: `http://127.0.0.1:${server.port}/mcp` })
  server.http.close()
  server.http.closeAllConnections()
  t.match((await agent.ask('count', {})).error, {
    data: { code: 'MESH_SERVER_UNAVAILABLE' },
    message: /ECONNREFUSED/,
  })
  t.match(await agent.healthz(), { status: 'unhealthy', reason: /ECONNREFUSED/ })
  await sessions(t, server.port)
  await eventually(async () => (await agent.healthz()).status === 'ok', 'well again', 20_000)
  t.equal((await agent.ask('count', {})).result?.content[0]?.text, '1')
})

t.test('an address that is never dialled, and a redirect to one', async t => {
  const to = (url: string) =>
    createServer((_, response) => response.writeHead(307, { location: url }).end())
  const port = await listening(t, to('http://169.254.169.254/latest'))
  for (const [url, reason] of [
    ['http://169.254.169.254/mcp', /is none that is dialled/],
    [`http://127.0.0.1:${port}/mcp`, /redirect/],
  ] as const) {
    const agent = await wrap(t, { url })
    t.match((await agent.healthz()).reason, reason)
    await agent.stop()
  }
})
