/** Handlers that ask their client, over real sockets, as the clients of both SDKs and eras see them. */
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { createSealer } from '../../../runtime/mcp/seal.ts'
import { modernCall, serveTools, type ServeOptions } from '../../support/serve-tools.ts'

const form = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
let runs = 0
const never: string[] = []

const tools: Record<string, Handler> = {
  async elicits(_args, _deps, { elicit }) {
    const { action, content } = await elicit('How many?', form)
    return { action, n: content?.['n'] ?? null }
  },
  async samples(_args, _deps, { sample }) {
    const { content, model } = await sample('What is the capital of France?')
    return { model, content }
  },
  lists: (_args, _deps, { roots }) => roots(),
  async several(_args, _deps, { elicit, sample, roots }) {
    const [a, b, c] = await Promise.all([elicit('How many?', form), sample('x'), roots()])
    return [a.action, b.model, c.length]
  },
  async chain({ prefix }, _deps, { elicit }) {
    runs++
    const first = await elicit('first', form)
    const second = await elicit(`second after ${String(first.content?.['n'])}`, form)
    return `${String(prefix)} ${String(first.content?.['n'])} ${String(second.content?.['n'])}`
  },
  can: (_args, _deps, { can }) =>
    (['elicit', 'elicitUrl', 'sample', 'roots'] as const).filter(kind => can(kind)),
  async falls(_args, _deps, { sample }) {
    return sample('x').catch((error: unknown) => (error as { code: string }).code)
  },
  async caught(_args, _deps, { elicit }) {
    try {
      await elicit('How many?', form)
    } catch {
      never.push('caught')
    } finally {
      never.push('finally')
    }
    return 'done'
  },
  async late(_args, _deps, context) {
    await context.elicit('How many?', form)
    return context.deadline > Date.now()
  },
  async *asksInStream(_args, _deps, { elicit }) {
    yield 'before'
    const { action } = await elicit('How many?', form)
    return action
  },
}
const spec = {
  prompts: [{ name: 'asks', handler: './h.ts#prompt' }],
  resources: [{ uri: 'asks://it', name: 'asks', handler: './h.ts#resource' }],
}
const handlers: Record<string, Handler> = {
  './h.ts#prompt': async (_args, _deps, { elicit }) => `it is ${(await elicit('?', form)).action}`,
  './h.ts#resource': async (_args, _deps, { sample }) => (await sample('?')).model,
}
const serve = (t: Test, more: Partial<ServeOptions> = {}) =>
  serveTools(t, { tools, handlers, spec, ...more })

const sampled = { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'm' } as const
const elicited = { action: 'accept', content: { n: 3 } } as const
const roots = { roots: [{ uri: 'file:///work' }] }

async function clients(t: Test, url: string) {
  const capabilities = { elicitation: {}, sampling: {}, roots: {} }
  const info = { name: 'test', version: '1.0.0' }
  const v1 = new ClientV1(info, { capabilities })
  v1.setRequestHandler(ElicitRequestSchema, () => elicited)
  v1.setRequestHandler(CreateMessageRequestSchema, () => sampled)
  v1.setRequestHandler(ListRootsRequestSchema, () => roots)
  await v1.connect(new HttpV1(new URL(url)))
  const v2 = async (mode: 'auto' | 'legacy') => {
    const negotiated = mode === 'auto' ? { versionNegotiation: { mode } } : {}
    const client = new ClientV2(info, { capabilities, ...negotiated })
    client.setRequestHandler('elicitation/create', () => elicited)
    client.setRequestHandler('sampling/createMessage', () => sampled)
    client.setRequestHandler('roots/list', () => roots)
    await client.connect(new HttpV2(new URL(url)))
    t.teardown(() => client.close())
    return client
  }
  t.teardown(() => v1.close())
  return {
    'v1 SDK': v1,
    'v2 SDK, 2025-11-25': await v2('legacy'),
    'v2 SDK, 2026-07-28': await v2('auto'),
  }
}

t.test('a question gets its answer, whatever the client', async t => {
  const { url } = await serve(t)
  const textOf = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text
  for (const [name, client] of Object.entries(await clients(t, url))) {
    const call = async (tool: string, args: Record<string, unknown> = {}) => {
      const result: unknown = await client.callTool({ name: tool, arguments: args })
      return JSON.parse(textOf(result) ?? '') as unknown
    }
    t.strictSame(await call('elicits'), { action: 'accept', n: 3 }, `${name}: elicit`)
    t.match(await call('samples'), { model: 'm', content: { text: 'Paris' } }, `${name}: sample`)
    t.strictSame(await call('lists'), roots.roots, `${name}: roots`)
    t.strictSame(await call('several'), ['accept', 'm', 1], `${name}: several at one time`)
    t.strictSame(await call('can'), ['elicit', 'sample', 'roots'], `${name}: can`)
    const chained: unknown = await client.callTool({ name: 'chain', arguments: { prefix: 'p' } })
    t.equal(textOf(chained), 'p 3 3', `${name}: one after the other`)
    t.equal(textOf(await client.callTool({ name: 'asksInStream' })), 'accept', `${name}: a stream`)
    const prompt = await client.getPrompt({ name: 'asks' })
    t.match(prompt.messages[0]?.content, { text: 'it is accept' }, `${name}: a prompt`)
    const read = await client.readResource({ uri: 'asks://it' })
    t.match(read.contents[0], { text: 'm' }, `${name}: a resource`)
  }
})

const declared = {
  'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {} },
}

interface Answer {
  result?: {
    resultType: string
    inputRequests: Record<string, { method: string; params: Record<string, unknown> }>
    requestState: string
    content: { text: string }[]
    isError?: boolean
  }
  error?: { code: number; message: string; data?: unknown }
}

/** A call of 2026-07-28 as it stands on the wire. */
async function ask(
  url: string,
  tool: string,
  { args = {}, meta = declared, ...more }: Record<string, unknown> = {},
): Promise<{ status: number } & Answer> {
  const { headers, body } = modernCall(tool, args, { meta: meta as Record<string, unknown> })
  Object.assign(body['params'] as object, more)
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, ...((await response.json()) as Answer) }
}

t.test('2026-07-28: the handler runs again for each answer', async t => {
  const { url } = await serve(t)
  runs = 0
  const first = await ask(url, 'chain', { args: { prefix: 'x' } })
  t.strictSame(first.result?.inputRequests, {
    'elicitation-1': {
      method: 'elicitation/create',
      params: { message: 'first', requestedSchema: form },
    },
  })
  const answered = (n: unknown, of?: Answer['result'], args: object = { prefix: 'x' }) =>
    ask(url, 'chain', {
      args,
      inputResponses: {
        [Object.keys(of?.inputRequests ?? {})[0] ?? '']: { ...elicited, content: { n } },
      },
      requestState: of?.requestState,
    })
  const second = await answered(1, first.result)
  t.equal(second.result?.inputRequests['elicitation-2']?.params['message'], 'second after 1')
  const third = await answered(2, second.result)
  t.equal(third.result?.content[0]?.text, 'x 1 2')
  t.equal(runs, 3)

  const wrong = await answered('many', first.result)
  t.ok(
    wrong.result?.inputRequests['elicitation-1'],
    'an answer that does not fit is asked for again',
  )
  const nothing = await answered(1, { ...first.result!, inputRequests: {} })
  t.ok(nothing.result?.inputRequests['elicitation-1'], 'and so is one that did not come')
  t.test('a state is good for nothing else', async t => {
    const invalid = { code: -32602, data: { reason: 'invalid_request_state' } }
    const state = first.result!
    t.match((await answered(1, state, { prefix: 'y' })).error, invalid, 'other arguments')
    for (const requestState of [`${state.requestState}A`, `A${state.requestState}`, '', 'x'])
      t.match((await answered(1, { ...state, requestState })).error, invalid, requestState)
    t.match((await ask(url, 'elicits', { requestState: state.requestState })).error, invalid)
  })
})

t.test('a client that declares nothing is not asked', async t => {
  const { url } = await serve(t)
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } }
  for (const isFast of [true, false]) {
    const of = isFast ? {} : meta
    const refused = await ask(url, 'samples', { meta: of })
    t.match(refused, { status: 400, error: { code: -32021 } })
    t.strictSame(refused.error?.data, { requiredCapabilities: { sampling: {} } })
    const { result } = await ask(url, 'falls', { meta: of })
    t.equal(result?.content[0]?.text, 'MESH_CLIENT_INCAPABLE', 'the handler may go another way')
  }
  const forms = await ask(url, 'elicits', { meta })
  t.equal(forms.error?.code, -32021, 'addresses alone are no forms')
  const can = await ask(url, 'can', { meta })
  t.equal(can.result?.content[0]?.text, '["elicitUrl"]')
})

t.test('a run that a question has ended is left where it is', async t => {
  never.length = 0
  const { url } = await serve(t, { specs: { caught: { concurrency: { max: 1, queue: 0 } } } })
  for (let i = 0; i < 3; i++) {
    const { result } = await ask(url, 'caught')
    t.equal(result?.resultType, 'input_required', 'its place is free again')
  }
  t.strictSame(never, [])
})

t.test('any instance with the same secret goes on with a state', async t => {
  const secret = createSealer('the same')
  const [one, two, other] = [
    await serve(t, { sealer: secret }),
    await serve(t, { sealer: createSealer('the same') }),
    await serve(t),
  ]
  const { result } = await ask(one.url, 'elicits')
  const answer = {
    inputResponses: { 'elicitation-1': elicited },
    requestState: result?.requestState,
  }
  t.match((await ask(two.url, 'elicits', answer)).result?.content[0]?.text, /accept/)
  t.equal((await ask(other.url, 'elicits', answer)).error?.code, -32602)
})

t.test('what a client answers is checked', async t => {
  const { url } = await serve(t)
  const info = { name: 'test', version: '1.0.0' }
  const client = new ClientV1(info, { capabilities: { elicitation: {}, sampling: {} } })
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { n: 'x' } }))
  client.setRequestHandler(CreateMessageRequestSchema, () => {
    throw new Error('no model here')
  })
  await client.connect(new HttpV1(new URL(url)))
  t.teardown(() => client.close())
  const wrong = await client.callTool({ name: 'elicits' })
  t.match(wrong, {
    isError: true,
    content: [{ text: /MESH_ANSWER_INVALID.*content\.n must be integer/s }],
  })
  const failed = await client.callTool({ name: 'samples' })
  t.match(failed, { isError: true, content: [{ text: /MESH_ANSWER_INVALID.*no model here/s }] })
  const lacking = await client.callTool({ name: 'lists' })
  t.match(lacking, { isError: true, content: [{ text: /MESH_CLIENT_INCAPABLE.*roots/s }] })
})

t.test('the time that a person takes is not that of the tool', async t => {
  const { url } = await serve(t, { specs: { late: { timeout: '2s' } } })
  const info = { name: 'test', version: '1.0.0' }
  const client = new ClientV1(info, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, async () => {
    await new Promise(resolve => setTimeout(resolve, 2500))
    return elicited
  })
  await client.connect(new HttpV1(new URL(url)))
  t.teardown(() => client.close())
  t.match(await client.callTool({ name: 'late' }), { content: [{ text: 'true' }] })
})
