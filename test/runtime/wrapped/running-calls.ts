/**
 * What wrapped servers ask goes to the client whose call it is: real servers over stdio and HTTP, of both eras, clients of both SDKs,
 * directly and through a gateway.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, inputRequired, Server } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import type { ServerQuestion } from '../../../core/mcp/questions.ts'
import type { AgentSpec } from '../../../core/model/generated/manifest.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { RunningCalls } from '../../../runtime/wrapped/running-calls.ts'
import { openRegistry } from '../../support/registry.ts'
import { eventually, runAgent } from '../../support/run-agents.ts'
import { runGateway, send, toolsAt } from '../../support/run-gateway.ts'

const node = (...args: string[]) => ({ command: [process.execPath, ...args] })
const everything = node(
  resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js'),
  'stdio',
)
const asking = resolve('test/support/asking-server.mjs')
const stdio = node(asking, 'stdio')
const about = { name: 'test', version: '1.0.0' }

/** The asking server over HTTP, in a process of its own. */
async function overHttp(t: Test): Promise<{ url: string }> {
  const child = spawn(process.execPath, [asking, 'http'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  const [port] = (await child.stdout.take(1).toArray()) as Buffer[]
  return { url: `http://127.0.0.1:${String(port).trim()}/mcp` }
}

type Client = Pick<ClientV2, 'callTool' | 'getPrompt' | 'readResource' | 'close'>

interface Person {
  /** What was asked, in its order. */
  asked: string[]
  answer: (message: string) => number | Promise<number>
}

const capabilities = { elicitation: { form: {}, url: {} }, sampling: {} }

type Kind = 'v1' | 'v2' | 'v2 legacy'
const kinds: Kind[] = ['v1', 'v2', 'v2 legacy']

async function open(
  t: Test,
  kind: Kind,
  endpoint: string,
  { asked, answer }: Person,
): Promise<Client> {
  const elicited = async ({ message }: { message: string }) => {
    asked.push(message)
    return { action: 'accept' as const, content: { n: await answer(message), name: 'Ada' } }
  }
  const sampled = () => {
    asked.push('sample')
    const content = { type: 'text' as const, text: 'Paris' }
    return { role: 'assistant' as const, model: 'm', content }
  }
  if (kind === 'v1') {
    const client = new ClientV1(about, { capabilities })
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params))
    client.setRequestHandler(CreateMessageRequestSchema, sampled)
    await client.connect(new HttpV1(new URL(endpoint)))
    t.teardown(() => client.close())
    return client as unknown as Client
  }
  const mode = kind === 'v2' ? 'auto' : 'legacy'
  const client = new ClientV2(about, { versionNegotiation: { mode }, capabilities })
  client.setRequestHandler('elicitation/create', ({ params }) => elicited(params))
  client.setRequestHandler('sampling/createMessage', sampled)
  await client.connect(new HttpV2(new URL(endpoint)))
  t.teardown(() => client.close())
  return client
}

const person = (answer: Person['answer'] = () => 7): Person => ({ asked: [], answer })
const textOf = (result: unknown) =>
  (result as { content: { text: string }[] }).content.map(({ text }) => text).join('\n')

interface Surroundings {
  env?: Record<string, string>
  registry?: Awaited<ReturnType<typeof openRegistry>>
}

async function wrap(
  t: Test,
  server: AgentSpec['server'],
  { env = {}, registry, ...more }: Partial<AgentSpec> & Surroundings = {},
) {
  registry ??= await openRegistry(t)
  const spec = { ...more, server: { ...server } }
  const agent = await runAgent(t, registry.url, { name: 'asking', code: '', spec, env })
  return { ...agent, registry }
}

async function throughGateway(t: Test, registry: { url: string }, tool: string) {
  const front = await runGateway(t, registry.url)
  await eventually(async () => (await toolsAt(front.endpoint)).includes(tool), tool)
  return front.endpoint
}

for (const kind of ['stdio', 'HTTP'] as const) {
  t.test(`a server of before 2026-07-28 over ${kind} asks whoever called`, async t => {
    const agent = await wrap(t, kind === 'stdio' ? stdio : await overHttp(t))
    const front = await throughGateway(t, agent.registry, 'elicits')
    for (const endpoint of [agent.endpoint, front]) {
      for (const client of kinds) {
        const name = `${client}, ${endpoint === front ? 'through a gateway' : 'directly'}`
        const who = person(message => (message === 'first' ? 1 : 2))
        const { callTool, getPrompt, readResource } = bound(await open(t, client, endpoint, who))
        const call = async (tool: string, args = {}) =>
          JSON.parse(textOf(await callTool({ name: tool, arguments: args }))) as unknown
        const answer = { action: 'accept', content: { n: 2, name: 'Ada' } }
        t.match(await call('elicits'), answer, name)
        t.match(await call('apart'), answer, `${name}: a question that is not tied to the call`)
        t.strictSame(await call('twice'), [1, 2], name)
        t.strictSame(await call('both'), [answer, answer], name)
        t.match(await call('samples'), { content: { text: 'Paris' } }, name)
        const told = { elicitation: { form: {}, url: {} }, sampling: { tools: {} } }
        t.strictSame(await call('told'), told, 'what it can ask is declared, and nothing else')
        const prompt = await getPrompt({ name: 'asks' })
        t.match(prompt.messages, [{ content: { text: '2' } }], name)
        const { contents } = await readResource({ uri: 'ask://it' })
        t.match(contents, [{ text: '2' }], name)
        t.strictSame(
          who.asked,
          [
            ...['How many?', 'How many?', 'first', 'second after 1', 'a', 'b', 'sample'],
            ...['For the prompt?', 'For the resource?'],
          ],
          name,
        )
      }
    }
  })
}

function bound(client: Client) {
  return {
    callTool: client.callTool.bind(client),
    getPrompt: client.getPrompt.bind(client),
    readResource: client.readResource.bind(client),
  }
}

t.test('server-everything asks for a form and for a sample', async t => {
  const agent = await wrap(t, everything)
  const front = await throughGateway(t, agent.registry, 'trigger-elicitation-request')
  for (const endpoint of [agent.endpoint, front]) {
    for (const kind of kinds) {
      const who = person()
      const client = await open(t, kind, endpoint, who)
      const sampled = await client.callTool({
        name: 'trigger-sampling-request',
        arguments: { prompt: 'Capital of France?' },
      })
      t.match(textOf(sampled), /Paris/)
      const elicited = await client.callTool({ name: 'trigger-elicitation-request', arguments: {} })
      t.match(textOf(elicited), /provided the requested information|accept/i)
      t.strictSame(who.asked.length, 2)
    }
  }
})

t.test('calls over HTTP ask at one time, each its own client', async t => {
  const { endpoint } = await wrap(t, await overHttp(t))
  const people = kinds.map((_, i) => person(() => i))
  const clients = await Promise.all(kinds.map((kind, i) => open(t, kind, endpoint, people[i]!)))
  const results = await Promise.all(
    clients.map((client, i) =>
      client.callTool({ name: 'elicits', arguments: { message: `of ${i}` } }),
    ),
  )
  results.forEach((result, i) => t.match(textOf(result), `"n":${i}`))
  t.strictSame(
    people.map(({ asked }) => asked),
    [['of 0'], ['of 1'], ['of 2']],
  )
})

t.test('over stdio nobody is asked what another has called for', async t => {
  const { endpoint, lines } = await wrap(t, stdio)
  const people = [person(() => 1), person(() => 2)]
  const [one, two] = await Promise.all([
    open(t, 'v1', endpoint, people[0]!),
    open(t, 'v2', endpoint, people[1]!),
  ])
  const call = (client: Client, message: string) =>
    client.callTool({ name: 'meets', arguments: { message } })
  const both = async (round: string) =>
    (await Promise.all([call(one, `${round} one`), call(two, `${round} two`)])).map(textOf)

  const beganAt = performance.now()
  const texts = await Promise.all([
    one.callTool({ name: 'elicits', arguments: { message: 'of one' } }),
    two.callTool({ name: 'apart', arguments: { message: 'of two' } }),
    one.callTool({ name: 'apart', arguments: { message: 'also of one' } }),
  ])
  const isInTime = performance.now() - beganAt < 1_900 // else a trial may have ended before its tool asked
  if (isInTime) t.match(texts.map(textOf), [/"n":1/, /"n":2/, /"n":1/], 'first calls do not meet')

  const first = await both('a')
  t.equal(
    first.filter(text => /"n":/.test(text)).length,
    1,
    'where tools ask late, one of two is clear when the other has failed',
  )
  t.match(
    first.find(text => !/"n":/.test(text)),
    /does not say of which of the 2 calls that run .*; mend: call again, .*meets take turns now/,
  )
  t.match(lines.join('\n'), /a question of the wrapped server was refused/)

  const [mine, yours] = await both('b')
  t.match([mine, yours], [/"n":1/, /"n":2/], 'a tool that asks takes turns from then on')
  const waits = one.callTool({ name: 'rests', arguments: { ms: 300 } })
  t.match(textOf(await call(two, 'c two')), /"n":2/, 'it is clear when the other call has ended')
  await waits
  t.ok(
    people[0]!.asked.every(message => message.endsWith('one')) &&
      people[1]!.asked.every(message => message.endsWith('two')),
    JSON.stringify(people),
  )
})

type Handed = Record<string, unknown>

/** Waits of an agent keep no process alive by themselves. */
const alive = setInterval(() => undefined, 1_000)
t.teardown(() => clearInterval(alive))

/** A call that runs until it is ended, at a server of which only the questions are of interest. */
function callsOf(running: RunningCalls) {
  return (name: string) => {
    const gone = new AbortController()
    const asked: ServerQuestion[] = []
    let end: (result: Handed) => void = () => undefined
    let begin: (token: object) => void = () => undefined
    const begun = new Promise<object>(resolve => (begin = resolve))
    const ended = running.during(
      {
        ...{ name, isTool: true, signal: gone.signal },
        ask: question => Promise.resolve({ of: name, count: asked.push(question) }),
      },
      token => {
        begin(token)
        return new Promise<Handed>((resolve, reject) => {
          end = resolve
          gone.signal.addEventListener('abort', () => reject(gone.signal.reason as Error))
        })
      },
    )
    ended.catch(() => undefined)
    return { begun, ended, end: (result = {}) => end(result), gone, asked }
  }
}

const question = (signal = new AbortController().signal): ServerQuestion => ({
  ...{ method: 'elicitation/create', params: {}, signal },
})
const long = 600_000
const quiet = createLog('error', () => undefined)
const isPending = async (promise: Promise<unknown>) =>
  (await Promise.race([promise, setImmediate('pending')])) === 'pending'

t.test('a question waits for the other calls to end, and no longer than it may', async t => {
  const logged: string[] = []
  const log = createLog('warn', line => logged.push(line))
  const running = new RunningCalls({ log, isUnclear: false, aloneMs: 500 })
  const call = callsOf(running)
  const [one, two] = [call('one'), call('two')]
  await Promise.all([one.begun, two.begun])
  const answer = running.answer(question(), undefined)
  const late = call('three')
  t.ok(await isPending(late.begun), 'a new call waits with it')
  const told = /of which of the 2 calls that run \(one, two\).*; mend: call again, alone/
  await t.rejects(answer, { code: -32603, message: told })
  t.match(logged.join(), /of which of the 2 calls that run \(one, two\).*call again, alone/)
  await late.begun
  one.end()
  late.end()
  t.strictSame(await running.answer(question(), undefined), { of: 'two', count: 1 })
  two.end()
  await Promise.all([one.ended, two.ended, late.ended])
  await t.rejects(running.answer(question(), undefined), { message: /no call of it is running/ })
})

t.test('a new call waits for a question no longer than a question may', async t => {
  const running = new RunningCalls({ log: quiet, isUnclear: false, aloneMs: 60 })
  const call = callsOf(running)
  const calls = [call('one'), call('two'), call('three')]
  await Promise.all(calls.map(({ begun }) => begun))
  const refused = t.rejects(running.answer(question(), undefined), { code: -32603 })
  await call('late').begun
  await refused
})

t.test('a call that was given up counts while its server may still ask', async t => {
  const counts = new RunningCalls({ log: quiet, isUnclear: false, aloneMs: 60, givenUpMs: long })
  const isOver = new RunningCalls({ log: quiet, isUnclear: false, aloneMs: long, givenUpMs: 60 })
  for (const running of [counts, isOver]) {
    const call = callsOf(running)
    const [gone, stays] = [call('gone'), call('stays')]
    await gone.begun
    gone.gone.abort(new Error('its caller went away'))
    await t.rejects(gone.ended)
    const own = running.answer(question(), await stays.begun)
    t.strictSame(await own, { of: 'stays', count: 1 }, 'what is known needs no wait')
    const answer = running.answer(question(), undefined)
    if (running === counts) await t.rejects(answer, { message: /of the 2 calls/ })
    else t.strictSame(await answer, { of: 'stays', count: 2 })
  }
})

t.test('a question that is withdrawn, and one too many', async t => {
  const running = new RunningCalls({ log: quiet, isUnclear: false, mostQuestions: 2 })
  const call = callsOf(running)
  const [one, two] = [call('one'), call('two')]
  const token = await one.begun
  await two.begun
  const withdrawn = new AbortController()
  const refused = t.rejects(running.answer(question(withdrawn.signal), undefined), {
    message: /it was withdrawn/,
  })
  withdrawn.abort()
  await refused
  await call('three').begun
  await running.answer(question(), token)
  await running.answer(question(), token)
  const told = { code: -32603, message: /a call may ask 2 questions/ }
  await t.rejects(running.answer(question(), token), told)
  t.equal(one.asked.length, 2)
})

t.test('a tool of which nothing is known runs alone until it has shown itself', async t => {
  const running = new RunningCalls({ log: quiet, isUnclear: true, trialMs: long })
  const call = callsOf(running)
  const first = call('quiet')
  const others = [call('quiet'), call('quiet'), call('asks'), call('asks')]
  await first.begun
  for (const { begun } of others) t.ok(await isPending(begun))
  first.end({ isError: true })
  const [second, third, asks, again] = others as [Call, Call, Call, Call]
  await second.begun
  t.ok(await isPending(third.begun), 'a call that failed shows nothing')
  second.end()
  await second.ended
  const beside = call('quiet')
  await Promise.all([third.begun, beside.begun, asks.begun])
  t.ok(await isPending(again.begun))
  third.end()
  beside.end()
  t.strictSame(await running.answer(question(), undefined), { of: 'asks', count: 1 })
  asks.end()
  await again.begun
  again.end()
  await again.ended
  const gone = call('asks')
  await gone.begun
  const waits = call('asks')
  waits.gone.abort(new Error('its caller went away'))
  await t.rejects(waits.ended, { message: 'its caller went away' })
})

t.test('a tool that runs long and does not ask holds nobody up', async t => {
  const running = new RunningCalls({ log: quiet, isUnclear: true, trialMs: 60 })
  const call = callsOf(running)
  const rests = call('rests')
  await rests.begun
  await Promise.all([call('rests').begun, call('other').begun])
  const asks = new RunningCalls({ log: quiet, isUnclear: true, trialMs: 60 })
  const asking = callsOf(asks)
  const one = asking('asks')
  await one.begun
  t.strictSame(await asks.answer(question(), undefined), { of: 'asks', count: 1 })
  const two = asking('asks')
  await asking('other').begun
  t.ok(await isPending(two.begun), 'one that has asked keeps its turn')
  one.end()
  await two.begun
})

type Call = ReturnType<ReturnType<typeof callsOf>>

t.test('who cannot be asked is not asked, and the server is told why', async t => {
  const server = { ...stdio, asks: ['elicitation' as const, 'roots' as const] }
  const { endpoint } = await wrap(t, server)
  const client = new ClientV1(about)
  await client.connect(new HttpV1(new URL(endpoint)))
  t.teardown(() => client.close())
  const elicits = { name: 'elicits', arguments: {} }
  for (const result of [
    await client.callTool(elicits),
    await (
      await send(endpoint, 'tools/call', elicits)
    )
      .json()
      .then(text => (text as { result: object }).result),
  ]) {
    t.match(JSON.parse(textOf(result)), { code: -32601, message: /capability elicitation/ })
  }
  const rooted = new ClientV1(about, { capabilities: { roots: {} } })
  rooted.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///mine' }] }))
  await rooted.connect(new HttpV1(new URL(endpoint)))
  t.teardown(() => rooted.close())
  t.match(textOf(await rooted.callTool({ name: 'lists' })), /file:\/\/\/mine/)
  t.match(textOf(await rooted.callTool({ name: 'samples' })), /is not among what spec.server.asks/)
  t.match(
    textOf(await rooted.callTool({ name: 'told' })),
    '{"elicitation":{"form":{},"url":{}},"roots":{}}',
  )
})

interface Answer {
  result?: {
    resultType?: string
    requestState?: string
    inputRequests?: Record<string, { params: { message: string } }>
    content?: { text: string }[]
  }
  error?: { code: number; message: string; data?: { code?: string; requiredCapabilities?: object } }
}

const can = { meta: { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } } }
const said = (n: unknown) => ({ action: 'accept', content: { n } })
const ask = async (endpoint: string, name: string, more: object = {}, args = {}) =>
  (await (
    await send(endpoint, 'tools/call', { name, arguments: args, ...more }, can)
  ).json()) as Answer

t.test('a call of 2026-07-28 goes on with the answers that the next one brings', async t => {
  const env = { MESH_HOME: t.testdir() }
  const tools = [{ name: 'starts', timeout: '1s' }]
  const one = await wrap(t, stdio, { env, tools })
  const two = await wrap(t, stdio, { env, tools, registry: one.registry })
  const { endpoint } = one

  const { result } = await ask(endpoint, 'starts')
  const [key = ''] = Object.keys(result?.inputRequests ?? {})
  t.match(result, {
    resultType: 'input_required',
    inputRequests: { [key]: { params: { message: 'go on?' } } },
  })
  const { requestState } = result ?? {}
  const again = await ask(endpoint, 'starts', {
    requestState,
    inputResponses: { [key]: said('no') },
  })
  t.match(
    again.result,
    { resultType: 'input_required' },
    'an answer that does not fit is asked for again',
  )
  const other = await ask(
    endpoint,
    'starts',
    { requestState, inputResponses: { [key]: said(1) } },
    { x: 1 },
  )
  t.match(other.error, { code: -32602 }, 'the state is of its own call alone')
  await new Promise(resolve => setTimeout(resolve, 1_200))
  const answers = { requestState, inputResponses: { [key]: said(1) } }
  const last = await ask(two.endpoint, 'starts', answers)
  t.match(
    last.result?.content,
    [{ text: '1' }],
    'at another instance, and in time: it stood still meanwhile',
  )
  t.match((await ask(endpoint, 'starts', answers)).error, {
    ...{ code: -32000, message: /is no more/ },
    data: { code: 'MESH_CALL_INTERRUPTED' },
  })
  t.match((await ask(two.endpoint, 'starts', answers)).result, {
    ...{ isError: true, _meta: { 'mcp-mesh.dev/code': 'MESH_CALL_INTERRUPTED' } },
  })
  const next = await ask(endpoint, 'starts')
  const go = { requestState: next.result?.requestState, inputResponses: { [key]: said(1) } }
  t.match(
    (await ask(endpoint, 'starts', go)).result?.content,
    [{ text: '2' }],
    'it ran once a call',
  )
})

t.test('a server of 2026-07-28 is told what the client of each call can be asked', async t => {
  const seen: unknown[] = []
  const handler = createMcpHandler(() => {
    const server = new Server(about, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/list', () => ({
      tools: [{ name: 'elicits', inputSchema: { type: 'object' as const } }],
    }))
    server.setRequestHandler('tools/call', (_request, { mcpReq }) => {
      const { inputResponses, envelope } = mcpReq
      const state = mcpReq.requestState()
      const told: Record<string, unknown> = { ...envelope }
      seen.push(told['io.modelcontextprotocol/clientCapabilities'], state)
      const elicit = (message: string) =>
        inputRequired.elicit({
          message,
          requestedSchema: { type: 'object', properties: { n: { type: 'integer' } } },
        })
      if (!inputResponses)
        return inputRequired({ inputRequests: { a: elicit('first') }, requestState: 'own-1' })
      const { a, b } = inputResponses as Record<string, { content: { n: number } }>
      if (!b)
        return inputRequired({
          inputRequests: { b: elicit(`second after ${a?.content.n}`) },
          requestState: `own-${a?.content.n}`,
        })
      return { content: [{ type: 'text', text: `${String(state)} ${b.content.n}` }] }
    })
    return server
  })
  const nodeHandler = toNodeHandler(handler)
  const http = createServer(
    (request, response) => void nodeHandler(request as Parameters<typeof nodeHandler>[0], response),
  )
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  const agent = await wrap(t, { url })
  const front = await throughGateway(t, agent.registry, 'elicits')
  for (const endpoint of [agent.endpoint, front]) {
    for (const kind of kinds) {
      const who = person(message => (message === 'first' ? 4 : 5))
      const client = await open(t, kind, endpoint, who)
      t.equal(textOf(await client.callTool({ name: 'elicits' })), 'own-4 5', kind)
      t.strictSame(who.asked, ['first', 'second after 4'])
    }
    t.match(seen.at(-1), 'own-4', 'its own state comes back to it')
    const { error } = (await (
      await send(endpoint, 'tools/call', { name: 'elicits', arguments: {} })
    ).json()) as Answer
    t.match(error, { code: -32021, data: { requiredCapabilities: { elicitation: {} } } })
    t.strictSame(seen.at(-2), {})
  }
})
