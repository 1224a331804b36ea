/** Sessions of clients before 2026-07-28 on the wire: their ids, streams, subscriptions and log levels, and their bounds. */
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { memoryClientStore } from '../../../runtime/clients/memory-store.ts'
import { mostUris } from '../../../runtime/clients/store.ts'
import { LegacySessions } from '../../../runtime/mcp/legacy-sessions.ts'
import { createSealer } from '../../../runtime/mcp/seal.ts'
import { serveTools } from '../../support/serve-tools.ts'

const tools: Record<string, Handler> = {
  talks: (_args, _deps, { log }) => {
    log.debug('too little')
    log.info('enough', { n: 1, big: 1n })
    log.warn('more', { n: 2 })
    return 'said'
  },
}
const changing: Record<string, Handler> = {
  touches: ({ uri }, _deps, { changed }) => changed(String(uri)),
}
const spec = { resources: [{ uri: 'docs://it', name: 'it', text: 'x' }] }
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

function post(url: string, body: unknown, more: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  })
}

const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: {
    protocolVersion: '2025-11-25',
    capabilities: { roots: {} },
    clientInfo: { name: 'test', version: '1' },
  },
}
const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }

async function begin(url: string): Promise<string> {
  const response = await post(url, initialize)
  await response.text()
  return response.headers.get('mcp-session-id') ?? ''
}

async function connect(t: Test, url: string): Promise<ClientV1> {
  const client = new ClientV1({ name: 'test', version: '1.0.0' })
  await client.connect(new HttpV1(new URL(url)))
  t.teardown(() => client.close())
  return client
}

t.test('a session begins with initialize and ends with DELETE', async t => {
  const { url } = await serveTools(t, { tools, spec })
  const id = await begin(url)
  t.match(id, /^[\w-]+$/)
  const session = { 'mcp-session-id': id }
  t.equal((await post(url, list, session)).status, 200)
  t.equal((await post(url, list)).status, 200, 'a request without a session is served all the same')
  const changed = `${id.slice(0, -2)}${id.endsWith('AA') ? 'BB' : 'AA'}`
  for (const wrong of ['', 'x', changed, `${id}A`]) {
    const { status } = await post(url, list, { 'mcp-session-id': wrong })
    t.equal(status, 404, `"${wrong.slice(0, 4)}" is no session`)
  }
  t.equal((await fetch(url, { method: 'DELETE', headers: session })).status, 200)
  t.equal((await post(url, list, session)).status, 404, 'it has ended')
  t.equal((await fetch(url, { headers: session })).status, 404)
  t.equal((await fetch(url, { method: 'DELETE', headers: session })).status, 404)
  for (const method of ['GET', 'DELETE']) t.equal((await fetch(url, { method })).status, 405)
  const another = { 'mcp-session-id': await begin(url) }
  const refused = await fetch(url, { headers: { ...another, accept: 'application/json' } })
  t.equal(refused.status, 406)
})

t.test('another instance with the secret serves it, one without does not', async t => {
  const [one, two, other] = [
    await serveTools(t, { tools, sealer: createSealer('s') }),
    await serveTools(t, { tools, sealer: createSealer('s') }),
    await serveTools(t, { tools }),
  ]
  const session = { 'mcp-session-id': await begin(one.url) }
  t.equal((await post(two.url, list, session)).status, 200)
  t.equal((await post(other.url, list, session)).status, 404)
})

t.test('an answer that nobody waits for is taken and dropped', async t => {
  const { url } = await serveTools(t, { tools })
  const session = { 'mcp-session-id': await begin(url) }
  for (const answer of [{ result: {} }, { error: { code: 1, message: 'x' } }]) {
    t.equal((await post(url, { jsonrpc: '2.0', id: 'x', ...answer }, session)).status, 202)
    t.equal((await post(url, [{ jsonrpc: '2.0', id: 'x', ...answer }], session)).status, 202)
  }
})

t.test('a session is told of changed lists and of resources that it is subscribed to', async t => {
  const serving = await serveTools(t, { tools: { ...tools, ...changing }, spec })
  const { url, mcp, served } = serving
  const all = served.tools
  const another = { ...all, modern: all.modern.slice(1) }
  const change = () => {
    served.tools = served.tools === all ? another : all
    mcp.listsChanged()
  }
  const [client, other] = [await connect(t, url), await connect(t, url)]
  const told: string[] = []
  let wake = () => {}
  const until = async (count: number) => {
    while (told.length < count) await new Promise<void>(resolve => (wake = resolve))
  }
  const note = (text: string) => {
    told.push(text)
    wake()
  }
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => note('tools'))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => note(params.uri))
  other.setNotificationHandler(ResourceUpdatedNotificationSchema, () => note('not subscribed'))
  await client.subscribeResource({ uri: 'docs://it' })
  // The stream of a client is asked for after it has connected, and nobody says when it is there.
  while (told.length === 0) {
    change()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  told.length = 0
  await client.callTool({ name: 'touches', arguments: { uri: 'docs://other' } })
  await client.callTool({ name: 'touches', arguments: { uri: 'docs://it' } })
  await until(1)
  t.strictSame(
    told.filter(one => one !== 'tools'),
    ['docs://it'],
  )
  await client.unsubscribeResource({ uri: 'docs://it' })
  mcp.resourceUpdated('docs://it')
  told.length = 0
  mcp.listsChanged() // nothing has changed
  change()
  await until(1)
  t.strictSame(told, ['tools'])
})

t.test('a client reads the log from the level that it asked for', async t => {
  const { url } = await serveTools(t, { tools })
  const client = await connect(t, url)
  const lines: unknown[] = []
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    lines.push(params)
  })
  await client.callTool({ name: 'talks' })
  t.strictSame(lines, [], 'nothing is told to one that has not asked')
  await client.setLoggingLevel('info')
  await client.callTool({ name: 'talks' })
  t.strictSame(lines, [
    { level: 'info', data: { message: 'enough' } }, // what JSON cannot carry is left out
    { level: 'warning', data: { message: 'more', n: 2 } },
  ])
  lines.length = 0
  const modern = new ClientV2(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  )
  modern.setNotificationHandler('notifications/message', ({ params }) => {
    lines.push(params)
  })
  await modern.connect(new HttpV2(new URL(url)))
  t.teardown(() => modern.close())
  await modern.callTool({ name: 'talks' })
  t.strictSame(lines, [])
  const _meta = { 'io.modelcontextprotocol/logLevel': 'warning' }
  await modern.callTool({ name: 'talks', _meta })
  t.match(lines, [{ level: 'warning', data: { message: 'more', n: 2 } }])
})

t.test('what is remembered is bounded', async t => {
  const store = memoryClientStore()
  const sessions = new LegacySessions(store, 'one', { updated: () => undefined })
  const sealer = createSealer('s')
  const owned = { agent: 'default/a', principal: undefined }
  const open = async () =>
    (await sessions.open(sessions.mint({ roots: {}, x: 1 }, owned, sealer), owned, sealer))!
  const first = await open()
  t.strictSame(first.capabilities, { roots: {} }, 'what no server makes use of is not carried')
  for (let i = 0; i < mostUris; i++) t.equal(await sessions.subscribe(first, `x://${i}`), true)
  t.equal(await sessions.subscribe(first, 'x://more'), false)
  t.equal(await sessions.subscribe(first, 'x://1'), true, 'one that it has already')
  for (let i = 0; i < 1_000; i++) await sessions.setLogLevel(await open(), 'info')
  t.equal(
    (await store.read(first.id)).uris.size,
    0,
    'the session that was quiet longest has forgotten',
  )
  const foreign = { agent: 'default/a', principal: 'somebody' }
  const id = sessions.mint({}, owned, sealer)
  t.equal(await sessions.open(id, foreign, sealer), undefined, 'a session is its caller’s')
  t.equal(await sessions.open(id, { ...owned, agent: 'default/b' }, sealer), undefined)
})

t.test('a client of 2026-07-28 is told on the stream that it listens on', async t => {
  const { url, mcp, served } = await serveTools(t, { tools: { ...tools, ...changing }, spec })
  const client = new ClientV2(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  )
  const told: string[] = []
  const seen = new Promise<void>(resolve => {
    const note = (text: string) => {
      told.push(text)
      if (told.length === 2) resolve()
    }
    client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
      note(params.uri),
    )
    client.setNotificationHandler('notifications/tools/list_changed', () => note('tools'))
  })
  await client.connect(new HttpV2(new URL(url)))
  t.teardown(() => client.close())
  const wanted = { toolsListChanged: true, resourceSubscriptions: ['docs://it'] }
  await client.listen(wanted)
  await client.callTool({ name: 'touches', arguments: { uri: 'docs://other' } })
  await client.callTool({ name: 'touches', arguments: { uri: 'docs://it' } })
  served.tools = { ...served.tools, modern: served.tools.modern.slice(1) }
  mcp.listsChanged()
  await seen
  t.strictSame(told, ['docs://it', 'tools'])
})
