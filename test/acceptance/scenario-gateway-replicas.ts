/**
 * One gateway in three processes behind a balancer that goes round: every message of a client comes to another of them than the
 * one before, and one is killed in between. Clients are those of both SDKs, in both eras.
 */
import { join } from 'node:path'
import { Client as NewClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { Agent, fetch as fetchBy } from 'undici'
import { balancer } from '../support/balancer.ts'
import { agentFiles, createMesh, until, type RunningAgent } from '../support/mesh.ts'
import { startRedis } from '../support/redis.ts'
import { toolsAt } from '../support/run-gateway.ts'
import { ask, begin, get, until as untilTask } from '../support/tasks.ts'

const gateway = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Gateway
metadata: { name: front }
spec: { version: 1.0.0, seal: '\${env:SEAL}' }
`,
}
const worker = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: worker }
spec:
  version: 1.0.0
  tools:
    - { name: echo, handler: './work.ts#echo' }
    - { name: asks, handler: './work.ts#asks' }
    - { name: counts, handler: './work.ts#counts' }
    - { name: work, handler: './work.ts#work', task: true }
`,
  'work.ts': `const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
export const echo = ({ value }: any) => ({ value })
export async function asks({}: any, deps: any, { elicit, sample }: any) {
  const { content } = await elicit('Who?', form)
  const { content: said } = await sample('Say it')
  return content.name + ' ' + said.text
}
export async function* counts({ to }: any) { for (let i = 1; i <= to; i++) yield i; return 'done' }
export const work = ({ ms }: any) => new Promise(resolve => setTimeout(() => resolve('worked'), ms))
`,
}

/** No connection is used twice. */
const dispatcher = new Agent({ pipelining: 0 })
const fetchApart = ((url: string, init: object) =>
  fetchBy(url, { ...init, dispatcher })) as unknown as typeof fetch

async function replicas(t: Test, { redisUrl }: { redisUrl?: string } = {}) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('worker', worker)
  // Each worker keeps its tasks in its own memory.
  const workers = await Promise.all([0, 1].map(() => mesh.agent(`${folder}/mesh.yaml`)))
  const front = mesh.write('front', gateway)
  // As on machines of their own: what they share is the secret, and a Redis where there is one.
  const start = async (i: number) => {
    const env = { MESH_HOME: join(mesh.home, `machine-${i}`), SEAL: 'shared', REDIS_URL: redisUrl }
    const replica = await mesh.agent(`${front}/mesh.yaml`, { env })
    t.teardown(() => replica.stop('SIGKILL'))
    return replica
  }
  const running = await Promise.all([0, 1, 2].map(start))
  const url = await balancer(t, () => running.map(({ endpoint }) => Number(new URL(endpoint).port)))
  for (const { endpoint } of running)
    await until(async () => (await toolsAt(endpoint)).length === 4)
  return { mesh, workers, running, url, start }
}

async function kill(running: RunningAgent[], index: number): Promise<void> {
  const [replica] = running.splice(index, 1)
  await replica?.stop('SIGKILL')
}

/** What all of the clients here can do. */
interface Used {
  list(): Promise<string[]>
  call(name: string, args: Record<string, unknown>): Promise<string | undefined>
  /** Messages of progress. */
  follow(name: string, args: Record<string, unknown>): Promise<string[]>
  told: string[]
}

const capabilities = { elicitation: {}, sampling: {} }
const self = { name: 'test', version: '1.0.0' }
const again = { initialReconnectionDelay: 50, maxReconnectionDelay: 200 }
const reconnectionOptions = { ...again, reconnectionDelayGrowFactor: 1.2, maxRetries: 100 }
const elicited = { action: 'accept', content: { name: 'Ann' } } as const
const sampled = { role: 'assistant', model: 'm', content: { type: 'text', text: 'said' } } as const
const textOf = (result: object) => (result as { content: { text: string }[] }).content[0]?.text

async function oldClient(t: Test, url: string): Promise<Used> {
  const client = new OldClient(self, { capabilities })
  const told: string[] = []
  client.setRequestHandler(ElicitRequestSchema, () => elicited)
  client.setRequestHandler(CreateMessageRequestSchema, () => sampled)
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.push('tools'))
  await client.connect(new OldHttp(new URL(url), { fetch: fetchApart, reconnectionOptions }))
  t.teardown(() => client.close().catch(() => undefined))
  return {
    told,
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    async follow(name, args) {
      const notes: string[] = []
      const onprogress = ({ message = '' }: { message?: string | undefined }) =>
        void notes.push(message)
      await client.callTool({ name, arguments: args }, undefined, { onprogress })
      return notes
    },
  }
}

async function newClient(t: Test, url: string, mode: 'auto' | 'legacy'): Promise<Used> {
  const negotiated = mode === 'auto' ? { versionNegotiation: { mode } } : {}
  const client = new NewClient(self, { capabilities, ...negotiated })
  const told: string[] = []
  client.setRequestHandler('elicitation/create', () => elicited)
  client.setRequestHandler('sampling/createMessage', () => sampled)
  client.setNotificationHandler('notifications/tools/list_changed', () => void told.push('tools'))
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { fetch: fetchApart, reconnectionOptions }),
  )
  t.teardown(() => client.close().catch(() => undefined))
  return {
    told,
    list: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOf(await client.callTool({ name, arguments: args })),
    async follow(name, args) {
      const notes: string[] = []
      const onprogress = ({ message = '' }: { message?: string | undefined }) =>
        void notes.push(message)
      await client.callTool({ name, arguments: args }, { onprogress })
      return notes
    },
  }
}

async function uses(t: Test, who: string, client: Used): Promise<void> {
  for (let i = 0; i < 2; i++) {
    t.strictSame((await client.list()).slice(0, 4), ['echo', 'asks', 'counts', 'work'], who)
    t.equal(await client.call('echo', { value: i }), `{"value":${i}}`, who)
    t.equal(await client.call('asks', {}), 'Ann said', `${who}: it is asked, whoever hears it`)
    t.strictSame(await client.follow('counts', { to: 3 }), ['1', '2', '3'], `${who}: progress`)
    t.equal(await client.call('work', { ms: 1 }), 'worked', who)
  }
}

t.test('clients of both eras come to any replica, and one is killed', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const { mesh, running, url, start } = await replicas(t, { redisUrl: redis.url })
  const clients = {
    'v1 SDK': await oldClient(t, url),
    'v2 SDK, 2025-11-25': await newClient(t, url, 'legacy'),
    'v2 SDK, 2026-07-28': await newClient(t, url, 'auto'),
  }
  for (const [who, client] of Object.entries(clients)) await uses(t, who, client)
  await kill(running, 0)
  for (const [who, client] of Object.entries(clients)) await uses(t, `${who}, two left`, client)
  running.push(await start(3))
  await kill(running, 0)
  await until(async () => (await toolsAt(running.at(-1)!.endpoint)).length === 4)
  for (const [who, client] of Object.entries(clients)) await uses(t, `${who}, a new one`, client)
  // Streams that broke with their replica were opened again at another, and hear of changes.
  const more = await mesh.agent(agentFiles('more'))
  for (const { endpoint } of running)
    await until(async () => (await toolsAt(endpoint)).length === 5)
  for (const who of ['v1 SDK', 'v2 SDK, 2025-11-25'] as const)
    await until(() => clients[who].told.includes('tools'), { what: `a change is told to ${who}` })
  await more.stop()
})

t.test('what a replica gave out every other takes, without anything that they share', async t => {
  const { running, url, workers } = await replicas(t)
  const endpoints = () => running.map(({ endpoint }) => endpoint)
  const ids: string[] = []
  for (let i = 0; i < 6; i++) {
    const { taskId } = await begin(endpoints()[i % 3]!, 'work', { ms: i < 4 ? 1 : 3_600_000 })
    ids.push(taskId)
  }
  await kill(running, 1)
  for (const taskId of ids.slice(0, 4)) {
    const done = { status: 'completed', result: { content: [{ text: 'worked' }] } }
    for (const endpoint of endpoints()) t.match(await untilTask(endpoint, taskId), done)
  }
  for (const taskId of ids.slice(4)) {
    t.equal((await get(endpoints()[0]!, taskId)).status, 'working')
    await cancel(endpoints()[1]!, taskId)
    t.equal((await get(endpoints()[0]!, taskId)).status, 'cancelled')
  }
  const modern = await newClient(t, url, 'auto')
  await uses(t, 'v2 SDK, 2026-07-28', modern)
  // Older clients without a session, as programs are that send one request and no handshake.
  for (let i = 0; i < 4; i++) {
    const answer = await old(url, { method: 'tools/call', params: { name: 'echo', arguments: {} } })
    t.match(answer, { result: { content: [{}] } })
  }
  // A worker is killed, and with it what it kept in memory: the other goes on, through each replica.
  await workers[0]!.stop('SIGKILL')
  for (const endpoint of endpoints()) {
    await until(async () => {
      const { taskId } = await begin(endpoint, 'work', { ms: 1 })
      return (await untilTask(endpoint, taskId)).status === 'completed'
    })
  }
  await modern.call('echo', { value: 1 })
})

async function cancel(endpoint: string, taskId: string): Promise<void> {
  const { error } = await ask(endpoint, 'tasks/cancel', { taskId })
  if (error) throw new Error(error.message)
}

async function old(url: string, body: object): Promise<unknown> {
  const response = await fetchApart(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2025-11-25' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...body }),
  })
  const text = await response.text()
  return JSON.parse(text.startsWith('{') ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? 'null'))
}
