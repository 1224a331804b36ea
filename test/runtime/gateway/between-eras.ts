// What clients of both eras and SDKs do with an agent through a gateway beyond lists and plain calls: questions, progress, log lines,
// cancellation, subscriptions, repeated headers, sessions. The agent is asked in the 2026-07-28 form whatever the client speaks.
import { Client as ClientV2, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { openRegistry } from '../../support/registry.ts'
import { eventually, manifestOf, runAgent, type Described } from '../../support/run-agents.ts'
import { runGateway } from '../../support/run-gateway.ts'

const code = `
  const form = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
  export const elicits = async (_args, _deps, { elicit }) => (await elicit('How many?', form)).content.n
  export const samples = async (_args, _deps, { sample }) => (await sample('Of France?')).content.text
  export const lists = async (_args, _deps, { roots }) => (await roots())[0].uri
  export const twice = async (_args, _deps, { elicit }) => {
    const first = await elicit('first', form)
    const second = await elicit('second after ' + first.content.n, form)
    return [first.content.n, second.content.n]
  }
  export const can = (_args, _deps, { can }) => ['elicit', 'sample', 'roots'].filter(kind => can(kind))
  export async function* counts({ to }) { for (let i = 1; i <= to; i++) yield 'chunk ' + i; return 'done' }
  export const far = (_args, _deps, { progress }) => { progress(1, { total: 2, message: 'half' }); return 'there' }
  export const logs = (_args, _deps, { log }) => { log.info('asked', { of: 'it' }); return 'logged' }
  let seen = 'nothing'
  export const waits = (_args, _deps, { signal }) => new Promise((_, reject) => {
    seen = 'called'
    signal.addEventListener('abort', () => { seen = 'aborted'; reject(signal.reason) })
  })
  export const saw = () => seen
  export const region = ({ region }) => 'of ' + region
  export const count = (_args, _deps, { session }) => {
    const total = (session.get('total') ?? 0) + 1
    session.set('total', total)
    return { total }
  }
  export const touch = (_args, _deps, { changed }) => { changed('watch://it'); return 'touched' }
  export const watched = () => 'it'
  export const asks = async (_args, _deps, { elicit }) => 'it is ' + (await elicit('?', form)).content.n
`
const handler = (name: string) => `./handlers.ts#${name}`
const plain = ['elicits', 'samples', 'lists', 'twice', 'can', 'counts', 'far', 'logs', 'waits']
const region = { type: 'string', 'x-mcp-header': 'Region' }
const sessionId = { session_id: { type: 'string' } }
const everything: Described = {
  name: 'everything',
  code,
  spec: {
    tools: [
      ...[...plain, 'saw', 'touch'].map(name => ({ name, handler: handler(name) })),
      {
        ...{ name: 'region', handler: handler('region') },
        inputSchema: { type: 'object', properties: { region } },
      },
      {
        ...{ name: 'count', handler: handler('count'), session: { argument: 'session_id' } },
        inputSchema: { type: 'object', properties: sessionId },
      },
    ],
    resources: [{ uri: 'watch://it', name: 'it', handler: handler('watched') }],
    prompts: [{ name: 'asks', handler: handler('asks') }],
  },
}
const other: Described = {
  ...{ name: 'other', code: 'export const more = () => 1' },
  spec: {
    tools: [{ name: 'more', handler: handler('more') }],
    resources: [{ uri: 'more://it', name: 'more', text: 'More.' }],
    prompts: [{ name: 'more', text: 'More.' }],
  },
}

const sampled = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' } as const
const roots = { roots: [{ uri: 'file:///work' }] }
const capabilities = { elicitation: {}, sampling: {}, roots: {} }
const levelKey = 'io.modelcontextprotocol/logLevel'
const info = { name: 'test', version: '1.0.0' }

interface Progress {
  progress: number
  total?: number | undefined
  message?: string | undefined
}

/** What both SDKs have alike. */
interface Used {
  call(
    name: string,
    args?: Record<string, unknown>,
    options?: { signal?: AbortSignal; onprogress?: (note: Progress) => void },
  ): Promise<Record<string, unknown>>
  prompt(name: string): Promise<object>
  /** Calls a tool, and is told the lines of its log. */
  callAndReadLog(name: string): Promise<unknown>
  watch(uri: string): Promise<unknown>
  /** Methods of notifications, with what they are of. */
  told: string[]
}

/** Answers 1, 2, 3, … to what it is asked. */
function counting() {
  let n = 0
  return () => ({ action: 'accept' as const, content: { n: ++n } })
}

async function oldClient(t: Test, url: string): Promise<Used> {
  const client = new ClientV1(info, { capabilities })
  const told: string[] = []
  client.setRequestHandler(ElicitRequestSchema, counting())
  client.setRequestHandler(CreateMessageRequestSchema, () => sampled)
  client.setRequestHandler(ListRootsRequestSchema, () => roots)
  for (const schema of [
    ToolListChangedNotificationSchema,
    PromptListChangedNotificationSchema,
    ResourceListChangedNotificationSchema,
  ])
    client.setNotificationHandler(schema, ({ method }) => void told.push(method))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params: { uri } }) => {
    told.push(`updated ${uri}`)
  })
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params: { data } }) => {
    told.push(`log ${JSON.stringify(data)}`)
  })
  await client.connect(new HttpV1(new URL(url)))
  t.teardown(() => client.close())
  return {
    told,
    call: (name, args = {}, options) =>
      client.callTool({ name, arguments: args }, undefined, options),
    prompt: name => client.getPrompt({ name }),
    async callAndReadLog(name) {
      await client.setLoggingLevel('debug')
      await client.callTool({ name })
    },
    watch: uri => client.subscribeResource({ uri }),
  }
}

async function newClient(t: Test, url: string, mode: 'auto' | 'legacy'): Promise<Used> {
  const negotiated = mode === 'auto' ? { versionNegotiation: { mode } } : {}
  const client = new ClientV2(info, { capabilities, ...negotiated })
  const told: string[] = []
  client.setRequestHandler('elicitation/create', counting())
  client.setRequestHandler('sampling/createMessage', () => sampled)
  client.setRequestHandler('roots/list', () => roots)
  for (const kind of ['tools', 'prompts', 'resources'] as const)
    client.setNotificationHandler(`notifications/${kind}/list_changed`, ({ method }) => {
      told.push(method)
    })
  client.setNotificationHandler('notifications/resources/updated', ({ params: { uri } }) => {
    told.push(`updated ${uri}`)
  })
  client.setNotificationHandler('notifications/message', ({ params: { data } }) => {
    told.push(`log ${JSON.stringify(data)}`)
  })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  t.teardown(() => client.close())
  await client.listTools() // what is repeated in headers stands there
  return {
    told,
    call: (name, args = {}, options) => client.callTool({ name, arguments: args }, options),
    prompt: name => client.getPrompt({ name }),
    async callAndReadLog(name) {
      if (mode === 'legacy') await client.setLoggingLevel('debug')
      await client.callTool({ name, ...(mode === 'auto' && { _meta: { [levelKey]: 'debug' } }) })
    },
    watch: uri =>
      mode === 'legacy'
        ? client.subscribeResource({ uri })
        : client.listen({
            ...{ resourceSubscriptions: [uri], toolsListChanged: true },
            ...{ promptsListChanged: true, resourcesListChanged: true },
          }),
  }
}

const textIn = (result: object) => (result as { content: { text: string }[] }).content[0]?.text

t.test('whatever the client speaks, all of the protocol passes through', async t => {
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, everything)
  const front = await runGateway(t, registry.url)
  const clients = {
    'v1 SDK': await oldClient(t, front.endpoint),
    'v2 SDK, 2025-11-25': await newClient(t, front.endpoint, 'legacy'),
    'v2 SDK, 2026-07-28': await newClient(t, front.endpoint, 'auto'),
  }
  for (const [who, client] of Object.entries(clients)) {
    t.equal(textIn(await client.call('elicits')), '1', `${who}: a person is asked`)
    t.equal(textIn(await client.call('samples')), 'Paris', `${who}: a model is asked`)
    t.equal(textIn(await client.call('lists')), 'file:///work', `${who}: roots`)
    t.equal(textIn(await client.call('twice')), '[2,3]', `${who}: a question after another`)
    t.equal(textIn(await client.call('can')), '["elicit","sample","roots"]', who)
    t.match(
      await client.prompt('asks'),
      { messages: [{ content: { text: 'it is 4' } }] },
      `${who}: a prompt asks`,
    )
    const notes: Progress[] = []
    const onprogress = (note: Progress) => notes.push(note)
    t.equal(textIn(await client.call('counts', { to: 3 }, { onprogress })), 'done')
    t.strictSame(
      notes.map(({ message }) => message),
      ['chunk 1', 'chunk 2', 'chunk 3'],
      `${who}: chunks, all before the answer`,
    )
    notes.length = 0
    t.equal(textIn(await client.call('far', {}, { onprogress })), 'there')
    t.match(notes, [{ progress: 1, total: 2, message: 'half' }], `${who}: progress`)
    const abort = new AbortController()
    const waiting = client.call('waits', {}, { signal: abort.signal })
    const saw = async () => textIn(await client.call('saw'))
    await eventually(async () => (await saw()) === 'called', `${who}: it runs`)
    abort.abort()
    await t.rejects(waiting)
    await eventually(async () => (await saw()) === 'aborted', `${who}: its handler is told`)
    t.equal(textIn(await client.call('region', { region: 'eu' })), 'of eu', `${who}: a header`)
    t.equal(textIn(await client.call('region', { region: 'größe' })), 'of größe', who)
    const { _meta, structuredContent } = await client.call('count')
    t.strictSame(structuredContent, { total: 1 }, `${who}: a session begins`)
    const { id } = (_meta as Record<string, { id: string }>)['mcp-mesh.dev/session']!
    const again = await client.call('count', { session_id: id })
    t.strictSame(again['structuredContent'], { total: 2 }, `${who}: and goes on`)
    await client.callAndReadLog('logs')
    await eventually(
      () => client.told.some(one => /^log .*asked/.test(one)),
      `${who}: a log line in ${JSON.stringify(client.told)}`,
      10_000,
    )
  }

  for (const client of Object.values(clients)) {
    await client.watch('watch://it')
    client.told.length = 0
  }
  for (const [who, client] of Object.entries(clients)) {
    await eventually(async () => {
      await client.call('touch')
      return client.told.includes('updated watch://it')
    }, `${who}: a resource that it watches`)
  }
  await runAgent(t, registry.url, other)
  for (const kind of ['tools', 'prompts', 'resources'])
    for (const [who, { told }] of Object.entries(clients))
      await eventually(
        () => told.includes(`notifications/${kind}/list_changed`),
        `${who}: ${kind} have changed`,
      )
  for (const { told } of Object.values(clients)) told.length = 0
  // As a hot reload does: the agent is another without having left.
  const { spec } = await registry.client.agent('default', 'everything')
  if (!('prompts' in spec)) return t.fail('it has prompts')
  const prompts = spec.prompts?.map(prompt => ({ ...prompt, title: 'Asks' }))
  await registry.client.apply({ ...manifestOf(everything), spec: { ...spec, prompts } })
  for (const [who, { told }] of Object.entries(clients)) {
    await eventually(
      () => told.includes('notifications/prompts/list_changed'),
      `${who}: a title has changed`,
    )
  }
})
