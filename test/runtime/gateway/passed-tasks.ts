/** Tasks of agents for clients of a gateway: several gateways and instances in this process, on real sockets. */
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { openRegistry } from '../../support/registry.ts'
import { eventually, runAgent, type Described } from '../../support/run-agents.ts'
import { ask as askPlain, runGateway, toolsAt } from '../../support/run-gateway.ts'
import { ask, begin, get, until } from '../../support/tasks.ts'

const code = `
let seen = 'nothing'
export const work = ({ text = 'done', ms = 0 }, deps, { progress, signal }) => new Promise((resolve, reject) => {
  progress(1, { total: 2, message: 'half' })
  seen = 'begun'
  const timer = setTimeout(() => resolve({ text }), ms)
  signal.addEventListener('abort', () => { clearTimeout(timer); seen = 'aborted'; reject(signal.reason) })
})
export const only = () => 'for those who know'
export const saw = () => seen
export const echo = args => args
const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
export const asks = async (args, deps, { elicit }) => 'hello ' + (await elicit('Who?', form)).content.name
export const late = async (args, deps, { elicit, detach }) => {
  const { content } = await elicit('Who?', form)
  await detach()
  return 'later, ' + content.name
}
`
const handler = (name: string) => `./handlers.ts#${name}`
const worker: Described = {
  name: 'worker',
  code,
  spec: {
    tools: [
      { name: 'work', handler: handler('work'), task: true, inputSchema: { type: 'object' } },
      { name: 'only', handler: handler('only'), task: { required: true } },
      { name: 'asks', handler: handler('asks'), task: true },
      { name: 'late', handler: handler('late'), task: { begin: 'handler' } },
      { name: 'saw', handler: handler('saw') },
      { name: 'echo', handler: handler('echo') },
    ],
  },
}
const plain = {
  ...{ name: 'plain', code: 'export const hello = () => "hello"' },
  spec: { tools: [{ name: 'hello', handler: handler('hello') }] },
}

async function mesh(t: Test) {
  const registry = await openRegistry(t)
  return { registry, agent: await runAgent(t, registry.url, worker) }
}

/** Of the worker that runs, from the file of its own. */
async function anotherInstance(t: Test, registryUrl: string) {
  const running = await startAgent({
    ...{ manifest: join(t.testdirName, 'worker.mesh.yaml'), registryUrls: [registryUrl] },
    env: { MESH_HOME: join(t.testdirName, 'home') },
    log: createLog('warn', () => undefined),
  })
  t.teardown(() => running.stop())
}

/** Secrets that are sealed with are of this test. */
const sealedBy = (seal: string) => ({ spec: { seal: '${env:SEAL}' }, env: { SEAL: seal } })

/** A token, which others than the agents of loopback ask for. */
function knowing(token: string, seal: string) {
  return {
    spec: { auth: { bearer: '${env:TOKEN}' }, seal: '${env:SEAL}' },
    env: { TOKEN: token, SEAL: seal },
  }
}

t.test('a task is begun, asked for, answered and cancelled through the gateway', async t => {
  const { registry, agent } = await mesh(t)
  const { endpoint: url } = await runGateway(t, registry.url, sealedBy('a'))
  const begun = await begin(url, 'work', { text: 'x' })
  const done = await until(url, begun.taskId)
  t.match(done, { status: 'completed', result: { structuredContent: { text: 'x' } } })
  t.equal(done.taskId, begun.taskId)
  t.equal(done.createdAt, begun.createdAt)

  const long = await begin(url, 'work', { ms: 60_000 })
  const working = await until(url, long.taskId, ({ _meta }) => _meta !== undefined)
  t.match(working, { status: 'working', statusMessage: '1 of 2: half' })
  t.match(working._meta, { 'mcp-mesh.dev/progress': { progress: 1, total: 2 } })
  t.strictSame((await ask(url, 'tasks/cancel', { taskId: long.taskId })).error, undefined)
  t.equal((await get(url, long.taskId)).status, 'cancelled')
  const saw = async () => (await ask(url, 'tools/call', { name: 'saw' })).result?.content?.[0]?.text
  await eventually(async () => (await saw()) === 'aborted', 'the handler is told')

  const capabilities = { elicitation: { form: {} } }
  const asking = await begin(url, 'asks', {}, { capabilities })
  const open = await until(url, asking.taskId, ({ status }) => status === 'input_required')
  const [key = ''] = Object.keys(open.inputRequests ?? {})
  const answer = (content: object) =>
    ask(url, 'tasks/update', {
      taskId: asking.taskId,
      inputResponses: { [key]: { action: 'accept', content } },
    })
  t.match(await answer({ name: 3 }), { error: { code: -32602, message: /MESH_ANSWER_INVALID/ } })
  t.strictSame((await answer({ name: 'Ada' })).error, undefined)
  t.match(await until(url, asking.taskId), { result: { content: [{ text: 'hello Ada' }] } })

  t.match(await ask(agent.endpoint, 'tasks/get', { taskId: begun.taskId }), {
    error: { data: { code: 'MESH_TASK_UNKNOWN' } },
  })
})

t.test('who does not know tasks gets a call, in both eras', async t => {
  const { registry } = await mesh(t)
  const { endpoint: url } = await runGateway(t, registry.url, sealedBy('a'))
  const asked = { isDeclared: false }
  t.match(await ask(url, 'tools/call', { name: 'work', arguments: { text: 'y' } }, asked), {
    result: { resultType: 'complete', structuredContent: { text: 'y' } },
  })
  t.match(await ask(url, 'tools/call', { name: 'only' }, asked), { error: { code: -32021 } })
  const { taskId } = await begin(url, 'work')
  t.match(await ask(url, 'tasks/get', { taskId }, asked), { error: { code: -32021 } })
  const client = new LegacyClient({ name: 'test', version: '1.0.0' })
  await client.connect(new LegacyTransport(new URL(url)))
  t.teardown(() => client.close())
  const result = await client.callTool({ name: 'work', arguments: { text: 'z' } })
  t.match(result, { structuredContent: { text: 'z' } })
})

t.test('what the SDK takes has its handle too, and what is asked before comes before', async t => {
  const { registry } = await mesh(t)
  const { endpoint: url } = await runGateway(t, registry.url, sealedBy('a'))
  // Keys of that name are left to the SDK.
  const begun = await begin(url, 'work', { text: 'by the SDK, not __proto__' })
  t.strictSame(Object.keys(begun).includes('content'), false)
  t.match(await until(url, begun.taskId), { status: 'completed' })

  const capabilities = { elicitation: { form: {} } }
  const first = await ask(url, 'tools/call', { name: 'late' }, { capabilities })
  t.match(first, { result: { resultType: 'input_required' } })
  const { requestState, inputRequests = {} } = first.result as unknown as {
    requestState: string
    inputRequests: object
  }
  const [key = ''] = Object.keys(inputRequests)
  const inputResponses = { [key]: { action: 'accept', content: { name: 'Ada' } } }
  const params = { name: 'late', requestState, inputResponses }
  const second = await ask(url, 'tools/call', params, { capabilities })
  t.match(second, { result: { resultType: 'task' } })
  t.match(await until(url, second.result!.taskId), {
    result: { content: [{ text: 'later, Ada' }] },
  })

  const stuff = { resultType: 'task', taskId: 'an argument' }
  const echo = await ask(url, 'tools/call', { name: 'echo', arguments: stuff })
  t.match(echo, { result: { resultType: 'complete', structuredContent: stuff } })
})

t.test('an id leads back to the instance that gave it out, through any gateway', async t => {
  const { registry } = await mesh(t)
  await anotherInstance(t, registry.url)
  const front = await runGateway(t, registry.url, sealedBy('a'))
  const ids: string[] = []
  for (let i = 0; i < 8; i++) {
    const { taskId } = await begin(front.endpoint, 'work', { text: String(i) })
    ids.push(taskId)
  }
  await front.stop()
  const after = await runGateway(t, registry.url, sealedBy('a'))
  const beside = await runGateway(t, registry.url, { name: 'other', ...sealedBy('a') })
  // Both instances keep theirs in memory: whoever is asked for another's knows nothing of it.
  for (const [i, taskId] of ids.entries()) {
    const done = { status: 'completed', result: { structuredContent: { text: String(i) } } }
    t.match(await until(after.endpoint, taskId), done)
    t.match(await get(beside.endpoint, taskId), done)
  }
})

t.test('an id is good for those alone whom it was given to', async t => {
  const { registry, agent } = await mesh(t)
  const unknown = { error: { code: -32602, data: { code: 'MESH_TASK_UNKNOWN' } } }
  const front = await runGateway(t, registry.url, knowing('mine', 'a'))
  const same = await runGateway(t, registry.url, { name: 'same', ...knowing('mine', 'a') })
  const foreign = await runGateway(t, registry.url, { name: 'foreign', ...knowing('theirs', 'a') })
  const unsealed = await runGateway(t, registry.url, { name: 'apart', ...knowing('mine', 'b') })
  const { taskId } = await begin(front.endpoint, 'work', {}, { token: 'mine' })
  const asking = (url: string, token: string, id = taskId) =>
    ask(url, 'tasks/get', { taskId: id }, { token })
  t.match(await asking(same.endpoint, 'mine'), { result: { taskId } })
  t.match(await asking(foreign.endpoint, 'theirs'), unknown)
  t.match(await asking(unsealed.endpoint, 'mine'), unknown)
  const last = taskId.endsWith('A') ? 'Q' : 'A'
  t.match(await asking(front.endpoint, 'mine', taskId.slice(0, -1) + last), unknown)
  const own = await begin(agent.endpoint, 'work')
  t.match(await asking(front.endpoint, 'mine', own.taskId), unknown)
})

t.test('the extension is declared while an agent that is shown has tasks', async t => {
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, plain)
  const { endpoint: url } = await runGateway(t, registry.url, sealedBy('a'))
  const extensions = async () => {
    const { result } = await askPlain(url, 'server/discover')
    return (result?.['capabilities'] as { extensions?: object } | undefined)?.extensions
  }
  t.strictSame(await extensions(), undefined)
  const started = await runAgent(t, registry.url, worker)
  await eventually(async () => (await extensions()) !== undefined, 'tasks are declared')
  t.strictSame(await extensions(), { 'io.modelcontextprotocol/tasks': {} })
  const { taskId } = await begin(url, 'work')
  await runAgent(t, registry.url, {
    ...{ name: 'another', code },
    spec: { tools: [{ name: 'work', handler: handler('work'), task: true }] },
  })
  await started.stop()
  await eventually(async () => (await toolsAt(url)).join() === 'work,hello', 'the first is gone')
  t.match(await ask(url, 'tasks/get', { taskId }), {
    error: { code: -32603, data: { code: 'MESH_TASK_UNAVAILABLE' } },
  })
})
