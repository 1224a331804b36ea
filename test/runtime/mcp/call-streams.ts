/** Clients of 2025-11-25 that lose a stream and go on with it: by the SDK, and on the wire. */
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  ElicitRequestSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import t from 'tap'
import { redisClientStore } from '../../../runtime/clients/redis-store.ts'
import type { Handler } from '../../../runtime/handler.ts'
import { createSealer } from '../../../runtime/mcp/seal.ts'
import { openRedis } from '../../../runtime/sessions/redis-link.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { cuttingLine } from '../../support/cutting-line.ts'
import { freePort } from '../../support/mesh.ts'
import { startRedis } from '../../support/redis.ts'
import { eventually } from '../../support/run-agents.ts'
import { serveTools, type ServeOptions } from '../../support/serve-tools.ts'

/** A tool that goes on when the test says so. */
function stepping() {
  const steps: (() => void)[] = []
  const state = { begun: 0, aborted: 0 }
  const step = () => new Promise<void>(resolve => steps.push(resolve))
  const tools: Record<string, Handler> = {
    async walks(_args, _deps, { progress, signal }) {
      state.begun++
      signal.addEventListener('abort', () => state.aborted++)
      for (let n = 1; n <= 3; n++) {
        await step()
        progress(n)
      }
      await step()
      return 'arrived'
    },
    async asks(_args, _deps, { elicit, progress }) {
      state.begun++
      progress(1)
      await step()
      const { content } = await elicit('n?', {
        type: 'object',
        properties: { n: { type: 'integer' } },
      })
      return content?.['n'] ?? null
    },
  }
  /** Takes the next step, as soon as the tool waits for it. */
  const go = async () => {
    await eventually(() => steps.length > 0, 'a step')
    steps.shift()?.()
  }
  return { tools, state, go }
}

const spec = { resources: [{ uri: 'docs://it', name: 'it', text: 'x' }] }

for (const kind of ['v1', 'v2'] as const) {
  t.test(`a client of the ${kind} SDK gets the answer of a call whose stream broke`, async t => {
    const { tools, go } = stepping()
    const { port } = await serveTools(t, { tools })
    const line = await cuttingLine(t, port)
    const url = new URL(`http://127.0.0.1:${line.port}/mcp`)
    const about = { name: 'test', version: '1' }
    const capabilities = { elicitation: {} }
    const answer = () => ({ action: 'accept' as const, content: { n: 7 } })
    const told: number[] = []
    const onprogress = ({ progress }: { progress: number }) => void told.push(progress)
    let call: (name: string) => Promise<unknown>
    if (kind === 'v1') {
      const v1 = new ClientV1(about, { capabilities })
      v1.setRequestHandler(ElicitRequestSchema, answer)
      await v1.connect(new HttpV1(url))
      t.teardown(() => v1.close())
      call = name => v1.callTool({ name }, undefined, { onprogress })
    } else {
      const v2 = new ClientV2(about, { versionNegotiation: { mode: 'legacy' }, capabilities })
      v2.setRequestHandler('elicitation/create', answer)
      await v2.connect(new HttpV2(url))
      t.teardown(() => v2.close())
      call = name => v2.callTool({ name }, { onprogress })
    }
    const walking = call('walks')
    await go()
    await eventually(() => told.length === 1, 'the first note')
    line.cut()
    for (let n = 2; n <= 4; n++) await go()
    t.match(await walking, { content: [{ text: 'arrived' }] })
    t.strictSame(told, [1, 2, 3], 'each note once')

    const asking = call('asks')
    await eventually(() => told.length === 4, 'its note')
    line.cut()
    await go()
    t.match(await asking, { content: [{ text: '7' }] }, 'it is asked on the new stream')
  })
}

const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
}
const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
}

async function begin(url: string) {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(initialize) })
  await response.text()
  const session = { ...headers, 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' }
  const call = (name: string, version = '2025-11-25') =>
    open(
      url,
      'POST',
      { ...session, 'mcp-protocol-version': version },
      {
        ...{ jsonrpc: '2.0', id: 2, method: 'tools/call' },
        params: { name, arguments: {}, _meta: { progressToken: 1 } },
      },
    )
  const get = (id?: string, at = url) =>
    open(at, 'GET', { ...session, ...(id !== undefined && { 'last-event-id': id }) })
  const request = (method: string, params = {}) =>
    fetch(url, {
      ...{ method: 'POST', headers: session },
      body: JSON.stringify({ jsonrpc: '2.0', id: 3, method, params }),
    }).then(answer => answer.text())
  return { call, get, request, session }
}

/** A stream as text, read as it comes. */
async function open(url: string, method: string, headers: Record<string, string>, body?: object) {
  const end = new AbortController()
  const response = await fetch(url, {
    ...{ method, headers, signal: end.signal },
    ...(body && { body: JSON.stringify(body) }),
  })
  const seen = { text: '', hasEnded: false }
  const read = async () => {
    for await (const chunk of response.body ?? [])
      seen.text += Buffer.from(chunk as Uint8Array).toString()
  }
  void read()
    .catch(() => undefined)
    .finally(() => (seen.hasEnded = true))
  const ids = () => [...seen.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '')
  const has = (text: string, times = 1) =>
    eventually(() => seen.text.split(text).length > times, `${text} in ${seen.text}`)
  return { status: response.status, seen, ids, has, cut: () => end.abort() }
}

t.test('events of a call have ids, and what comes after one is sent again', async t => {
  const { tools, go, state } = stepping()
  const { url } = await serveTools(t, { tools })
  const { call, get, session } = await begin(url)
  const first = await call('walks')
  await first.has('retry: 1000\ndata: \n\n')
  await go()
  await go()
  await first.has('"progress":2')
  const [primed, one, two] = first.ids()
  t.match([primed, one, two], [/^served-1\.\w+\.0$/, /\.1$/, /\.2$/])
  first.cut()
  await go()
  const second = await get(one)
  await second.has('"progress":3')
  t.notMatch(second.seen.text, '"progress":1}', 'not what it has had')
  t.match(second.seen.text, '"progress":2')
  t.equal(state.aborted, 0, 'the call went on meanwhile')
  const third = await get(two)
  await eventually(() => second.seen.hasEnded, 'the end of the older stream')
  await go()
  await third.has('arrived')
  await eventually(() => third.seen.hasEnded, 'the end with the answer')
  const fourth = await get(primed)
  await fourth.has('arrived')
  t.match(
    fourth.seen.text,
    /"progress":1}[^]*"progress":2}[^]*"progress":3}[^]*arrived/,
    'for a while after it too',
  )

  const other = await begin(url)
  t.equal((await other.get(one)).status, 400, 'nobody else has a use for the id')
  t.equal((await get('served-1.zzz.1')).status, 400)
  t.equal((await get('served-9.1.1')).status, 400)
  t.equal(state.begun, 1)
  t.ok(session)
})

t.test('a call ends with its connection where its client does not come back', async t => {
  const { tools, state } = stepping()
  const { url } = await serveTools(t, { tools })
  const { call, session } = await begin(url)
  const older = await call('walks', '2025-06-18')
  t.notMatch(older.seen.text, 'id:', 'a client before 2025-11-25 knows of no such events')
  await eventually(() => state.begun === 1, 'the call')
  older.cut()
  await eventually(() => state.aborted === 1, 'its end')
  const newer = await call('walks')
  await eventually(() => state.begun === 2, 'the call')
  newer.cut()
  await fetch(url, { method: 'DELETE', headers: session })
  await eventually(() => state.aborted === 2, 'the end with the session')
})

t.test('a session is told what it has missed', async t => {
  const { url, mcp, served } = await serveTools(t, { tools: { ...stepping().tools }, spec })
  const { get, request } = await begin(url)
  await request('resources/subscribe', { uri: 'docs://it' })
  const first = await get()
  await first.has('retry: 1000')
  mcp.resourceUpdated('docs://it')
  await first.has('resources/updated')
  const [, last] = first.ids()
  first.cut()
  mcp.resourceUpdated('docs://it')
  mcp.resourceUpdated('docs://it')
  mcp.resourceUpdated('docs://other')
  served.tools = { ...served.tools, modern: [] }
  mcp.listsChanged()
  const second = await get(last)
  await second.has('tools/list_changed')
  await second.has('resources/updated')
  t.equal(
    second.seen.text.split('resources/updated').length - 1,
    1,
    'once, for two changes of one resource',
  )
  t.notMatch(second.seen.text, 'docs://other')
  mcp.resourceUpdated('docs://it')
  await second.has('resources/updated', 2)
  const third = await get('gone-12345678.0.7')
  for (const what of ['tools/list_changed', 'resources/list_changed', 'resources/updated'])
    await third.has(what)
  t.notMatch(
    third.seen.text,
    'prompts',
    'where nobody knows what was missed: all that it can be told of',
  )
})

t.test('at any instance, where they share a Redis', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const sealer = createSealer('s')
  const log = createLog('info', () => undefined)
  async function serve(instance: string, tools: ServeOptions['tools']) {
    const port = await freePort()
    const place = `http://127.0.0.1:${port}/mcp`
    const clients = redisClientStore(openRedis(redis!.url, log), {
      agent: 'default/served',
      instance,
      place,
    })
    t.teardown(() => clients.close())
    return serveTools(t, { tools, spec, sealer, clients, instance, port })
  }
  const { tools, go, state } = stepping()
  const [one, two] = [await serve('one', tools), await serve('two', tools)]
  const { call, get } = await begin(one.url)
  const first = await call('walks')
  await go()
  await first.has('"progress":1')
  first.cut()
  await go()
  const second = await get(first.ids()[0], two.url)
  await second.has('"progress":2')
  await go()
  await go()
  await second.has('arrived')
  await eventually(() => second.seen.hasEnded, 'the end')
  t.equal(state.begun, 1, 'it ran once')
  const lost = await get(first.ids()[0]?.replace('one.', 'gone.'), two.url)
  t.equal(lost.status, 400)
})

t.test('the v1 SDK hears after a break what it has missed', async t => {
  const { port, mcp, served } = await serveTools(t, { tools: stepping().tools })
  const line = await cuttingLine(t, port)
  const client = new ClientV1({ name: 'test', version: '1' })
  let heard = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard++)
  const lines = () => line.gets
  await client.connect(new HttpV1(new URL(`http://127.0.0.1:${line.port}/mcp`)))
  t.teardown(() => client.close())
  await eventually(() => lines() === 1, 'its stream')
  await new Promise(resolve => setTimeout(resolve, 100)) // by then it has read the first event
  line.cut()
  served.tools = { ...served.tools, modern: [] }
  mcp.listsChanged()
  await eventually(() => heard === 1, 'the change that was missed')
})
