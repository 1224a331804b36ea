/**
 * Sessions of clients before MCP 2026-07-28 behind a balancer: three real processes, a real Redis, the SDK's own client of that
 * era, and a connection for every message, so that each comes to another instance than the one before.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { Agent, fetch as fetchBy } from 'undici'
import { balancer } from '../support/balancer.ts'
import { createMesh, until, type AgentFiles, type RunningAgent } from '../support/mesh.ts'
import { startRedis } from '../support/redis.ts'

const manifest = (more = '') => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: desk }
spec:
  version: 1.0.0
  resources: [{ uri: 'docs://it', name: it, text: x }, { uri: 'docs://other', name: other, text: x }]
  tools:
    - { name: asks, handler: './desk.ts#asks' }
    - { name: talks, handler: './desk.ts#talks' }
    - name: signs
      handler: ./desk.ts#signs
      inputSchema: { type: object, properties: { session_id: { type: string } } }
      session: { argument: session_id }
    - { name: waits, handler: './desk.ts#waits', timeout: 60s }
    - name: touches
      handler: ./desk.ts#touches
      inputSchema: { type: object, properties: { uri: { type: string } } }
${more}`

const files: AgentFiles = {
  'mesh.yaml': manifest(),
  'desk.ts': `import { appendFileSync } from 'node:fs'
const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
export async function asks({}: any, deps: any, { elicit, sample, roots }: any) {
  const { content } = await elicit('Who?', form)
  const [{ content: said }, [root]] = [await sample('Say it'), await roots()]
  return { pid: process.pid, told: [content.name, said.text, root.uri].join(' ') }
}
export async function signs({}: any, deps: any, { elicit, roots, log, progress, session }: any) {
  progress(1, { total: 2, message: 'half' })
  log.warn('asked soon')
  const { content } = await elicit('Who?', form)
  const [root] = await roots()
  const count = (session.get('count') ?? 0) + 1
  session.set('count', count)
  return { pid: process.pid, count, told: content.name + ' ' + root.uri }
}
export function talks({}: any, deps: any, { log, progress }: any) {
  log.debug('too little')
  log.warn('enough')
  progress(1, { total: 2 })
  return { pid: process.pid }
}
export async function waits({}: any, deps: any, { signal }: any) {
  const tell = (text: string) => appendFileSync(process.env.RUNS!, text + '\\n')
  tell('begun ' + process.pid)
  await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
  tell('cancelled ' + process.pid)
}
export const touches = ({ uri }: any, deps: any, { changed }: any) => (changed(uri), { pid: process.pid })
`,
}

/** No connection is used twice. */
const dispatcher = new Agent({ pipelining: 0 })
const fetchApart = ((url: string, init: object) =>
  fetchBy(url, { ...init, dispatcher })) as unknown as typeof fetch

async function desk(t: Test) {
  const redis = await startRedis(t)
  if (!redis) return undefined
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('desk', files)
  const runs = join(mesh.folder, 'runs')
  const env = { REDIS_URL: redis.url, RUNS: runs }
  const start = () => mesh.agent(`${folder}/mesh.yaml`, { env })
  const running: RunningAgent[] = await Promise.all([start(), start(), start()])
  const url = await balancer(t, () => running.map(({ endpoint }) => Number(new URL(endpoint).port)))
  const ran = () => (existsSync(runs) ? readFileSync(runs, 'utf8').trim().split('\n') : [])
  return { redis, mesh, start, running, url, ran }
}

async function connect(t: Test, url: string) {
  const capabilities = { elicitation: {}, sampling: {}, roots: {} }
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities })
  const told: string[] = []
  client.setRequestHandler(ElicitRequestSchema, () => {
    return { action: 'accept', content: { name: 'Ann' } }
  })
  client.setRequestHandler(CreateMessageRequestSchema, () => {
    return { role: 'assistant', model: 'm', content: { type: 'text', text: 'said' } }
  })
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///r' }] }))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    told.push(params.uri)
  })
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.push('tools'))
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    told.push(params.level)
  })
  const again = { initialReconnectionDelay: 50, maxReconnectionDelay: 200 }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: fetchApart,
    reconnectionOptions: { ...again, reconnectionDelayGrowFactor: 1.2, maxRetries: 100 },
  })
  await client.connect(transport)
  t.teardown(() => client.close().catch(() => undefined))
  const call = async (name: string, args = {}) => {
    const { structuredContent } = await client.callTool({ name, arguments: args })
    return structuredContent as { pid: number; told: string }
  }
  /** Its stream is asked for after it has connected, and nobody says when it is there. */
  const listens = async () => {
    await until(async () => {
      await call('touches', { uri: 'docs://it' })
      return told.includes('docs://it')
    })
    await call('touches', { uri: 'docs://it' })
    told.length = 0
  }
  return { client, transport, told, call, listens }
}

async function post(url: string, session: string, body: object): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' },
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...body }),
  })
  await response.text()
  return response.status
}

t.test('any instance answers, and hears what another one has to know', async t => {
  const fleet = await desk(t)
  if (!fleet) return
  const { mesh, url, running, ran } = fleet
  const { client, transport, told, call, listens } = await connect(t, url)
  t.notOk(existsSync(join(mesh.home, 'seal.key')), 'ids are sealed with the key that all share')

  const answers = await Promise.all(Array.from({ length: 9 }, () => call('asks')))
  t.strictSame([...new Set(answers.map(({ told }) => told))], ['Ann said file:///r'])
  t.ok(new Set(answers.map(({ pid }) => pid)).size > 1, 'asked by several instances')

  await client.setLoggingLevel('warning')
  const pids = new Set<number>()
  await until(async () => {
    told.length = 0
    pids.add((await call('talks')).pid)
    t.strictSame(told, ['warning'], 'the level is known wherever the call comes')
    return pids.size === 3
  })

  const stopping = new AbortController()
  const waiting = client.callTool({ name: 'waits' }, undefined, { signal: stopping.signal })
  waiting.catch(() => undefined)
  await until(() => ran().length === 1)
  stopping.abort('enough')
  await t.rejects(waiting)
  const [, pid] = (ran()[0] ?? '').split(' ')
  await until(() => ran()[1] === `cancelled ${pid}`)

  await client.subscribeResource({ uri: 'docs://it' })
  await listens()
  for (let i = 0; i < 6; i++) {
    await call('touches', { uri: 'docs://other' })
    await call('touches', { uri: 'docs://it' })
  }
  await until(() => told.length >= 6)
  t.strictSame(told, Array(6).fill('docs://it'), 'each change once, wherever it happened')
  told.length = 0
  const more = mesh.write('more', {
    'mesh.yaml': manifest(`    - { name: other, handler: './desk.ts#talks' }\n`),
    'desk.ts': files['desk.ts'] ?? '',
  })
  const applied = await mesh.meshctl(['apply', '-f', `${more}/mesh.yaml`])
  t.equal(applied.code, 0, applied.stderr)
  await until(() => told.includes('tools'))
  await client.unsubscribeResource({ uri: 'docs://it' })
  told.length = 0
  for (let i = 0; i < 3; i++) await call('touches', { uri: 'docs://it' })

  const session = transport.sessionId ?? ''
  const stream = await fetch(running[0]?.endpoint ?? '', {
    headers: { accept: 'text/event-stream', 'mcp-session-id': session },
  })
  const list = { id: 1, method: 'tools/list' }
  for (const { endpoint } of running) t.equal(await post(endpoint, session, list), 200)
  await transport.terminateSession()
  for (const { endpoint } of running) {
    t.equal(await post(endpoint, session, list), 404, 'it has ended everywhere')
    t.equal(await post(endpoint, 'x', list), 404)
  }
  await stream.text() // it ends with the session
  t.strictSame(told, [], 'and was told nothing more')
})

t.test('the instance with the stream is killed, and another one goes on', async t => {
  const fleet = await desk(t)
  if (!fleet) return
  const { url, running, start } = fleet
  const { client, transport, told, call, listens } = await connect(t, url)
  await client.setLoggingLevel('warning')
  await client.subscribeResource({ uri: 'docs://it' })
  await listens()
  const gaps: number[] = []
  for (const victim of [...running]) {
    running.splice(running.indexOf(victim), 1)
    const from = performance.now()
    process.kill(victim.pid, 'SIGKILL')
    await until(async () => {
      await call('touches', { uri: 'docs://it' })
      return told.includes('docs://it')
    })
    gaps.push(performance.now() - from)
    told.length = 0
    t.equal((await call('asks')).told, 'Ann said file:///r', 'its questions are answered')
    await call('talks')
    t.ok(told.includes('warning'), 'with its level')
    await victim.ended
    const next = await start()
    // It has loaded what it needs for such clients.
    t.equal(await post(next.endpoint, transport.sessionId ?? '', { id: 1, method: 'ping' }), 200)
    running.push(next)
    told.length = 0
  }
  t.comment(`told again after SIGKILL: ${gaps.map(ms => ms.toFixed(0)).join(', ')} ms`)
})

t.test('what Redis has forgotten it is given back; while it is away calls go on', async t => {
  const fleet = await desk(t)
  if (!fleet) return
  const { redis, url, running } = fleet
  const { client, transport, told, call, listens } = await connect(t, url)
  await client.subscribeResource({ uri: 'docs://it' })
  await client.setLoggingLevel('warning')
  await listens()
  await redis.ask('FLUSHALL')
  await until(async () => {
    await call('touches', { uri: 'docs://it' })
    return told.includes('docs://it')
  })
  await redis.stop()
  const session = transport.sessionId ?? ''
  const answer = { id: 'nobody-asked', result: {} }
  const posts = running.map(async ({ endpoint }) => {
    t.equal(await post(endpoint, session, { id: 1, method: 'tools/list' }), 200)
    return post(endpoint, session, answer)
  })
  t.strictSame(await Promise.all(posts), [503, 503, 503], 'what another may wait for is refused')
  await t.rejects(client.subscribeResource({ uri: 'docs://other' }), /MESH_SESSION_UNAVAILABLE/)
  t.ok((await call('talks')).pid)
  const asking = Promise.all([call('asks'), call('asks'), call('asks')])
  await redis.start()
  for (const { told } of await asking) t.equal(told, 'Ann said file:///r', 'answers wait for it')
  told.length = 0
  await until(async () => {
    await call('touches', { uri: 'docs://it' })
    return told.includes('docs://it')
  })
})

async function twoStreams(t: Test, running: readonly RunningAgent[]) {
  const [one, two, three] = running
  if (!one || !two || !three) return
  const { client, transport, call } = await connect(t, three.endpoint)
  await client.subscribeResource({ uri: 'docs://it' })
  const open = async ({ endpoint }: RunningAgent) => {
    const ending = new AbortController()
    const response = await fetch(endpoint, {
      headers: { accept: 'text/event-stream', 'mcp-session-id': transport.sessionId ?? '' },
      signal: ending.signal,
    })
    const heard = { text: '', close: () => ending.abort() }
    const read = async () => {
      for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString()
    }
    void read().catch(() => undefined)
    return heard
  }
  const touched = async (heard: { text: string }) =>
    until(async () => {
      await call('touches', { uri: 'docs://it' })
      return heard.text.includes('docs://it')
    })
  const first = await open(one)
  await touched(first)
  const second = await open(two)
  await touched(second)
  first.text = second.text = ''
  await touched(second)
  t.equal(first.text, '', 'the older one is silent')
  second.close()
  await touched(first)
  const third = await open(two)
  await touched(third)
  first.text = ''
  await two.stop('SIGKILL')
  await touched(first)
}

t.test(
  'a call that is handed to the owner of its session asks the client all the same',
  async t => {
    const fleet = await desk(t)
    if (!fleet) return
    const { url, running } = fleet
    const old = await connect(t, url)
    await old.client.setLoggingLevel('warning')
    const modern = new ModernClient(
      { name: 'test', version: '1.0.0' },
      {
        versionNegotiation: { mode: 'auto' },
        capabilities: { elicitation: {}, roots: {} },
      },
    )
    modern.setRequestHandler('elicitation/create', () => {
      return { action: 'accept', content: { name: 'Ann' } }
    })
    modern.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///r' }] }))
    const lines: unknown[] = []
    modern.setNotificationHandler('notifications/message', ({ params }) => void lines.push(params))
    await modern.connect(new ModernTransport(new URL(url), { fetch: fetchApart }))
    t.teardown(() => modern.close())
    for (const era of ['old', 'modern'] as const) {
      const notes: unknown[] = []
      const onprogress = (note: unknown) => void notes.push(note)
      const sign = async (args: object) => {
        const params = { name: 'signs', arguments: { ...args } }
        const _meta = { 'io.modelcontextprotocol/logLevel': 'warning' }
        const result =
          era === 'old'
            ? await old.client.callTool(params, undefined, { onprogress })
            : await modern.callTool({ ...params, _meta }, { onprogress })
        const session = result._meta?.['mcp-mesh.dev/session'] as { id: string } | undefined
        t.notOk(result.isError, JSON.stringify(result.content))
        const value = result.structuredContent as { pid: number; count: number; told: string }
        return { ...value, id: session?.id }
      }
      const first = await sign({})
      for (let n = 2; n <= 7; n++) {
        old.told.length = lines.length = notes.length = 0
        const { pid, count, told } = await sign({ session_id: first.id })
        t.strictSame({ pid, count, told }, { pid: first.pid, count: n, told: 'Ann file:///r' })
        t.match(notes[0], { progress: 1, total: 2, message: 'half' })
        t.ok((era === 'old' ? old.told : lines).length > 0, 'and its log is told')
      }
    }
    const metrics = running.map(async ({ endpoint }) => {
      const text = await (await fetch(new URL('/metrics', endpoint))).text()
      return Number(/^mesh_session_forwards_total (\d+)/m.exec(text)?.[1] ?? 0)
    })
    const forwarded = (await Promise.all(metrics)).reduce((sum, count) => sum + count, 0)
    t.ok(forwarded >= 6, `${forwarded} were handed on`)
    await t.test('of two streams the one that was opened last is told, wherever it is', t =>
      twoStreams(t, running),
    )
  },
)
