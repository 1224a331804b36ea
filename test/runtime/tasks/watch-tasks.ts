/** Clients that listen to their tasks: at the agent, at another instance of it over a real Redis, and through a gateway. */
import t, { type Test } from 'tap'
import { fakeRegistry } from '../../support/fake-registry.ts'
import { openRegistry } from '../../support/registry.ts'
import { startRedis } from '../../support/redis.ts'
import { eventually, runAgent, type Described } from '../../support/run-agents.ts'
import { runGateway, toolsAt } from '../../support/run-gateway.ts'
import { ask, begin, get, type Task } from '../../support/tasks.ts'

const code = `
export async function work(args: any, deps: any, { progress, elicit }) {
  progress(1, { total: 2, message: 'half' })
  const form = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const { content } = await elicit('Who?', form)
  return 'hello ' + content.name
}
export const fails = () => { throw new Error('it went wrong') }
export const waits = (args, deps, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
`
const tool = (name: string) => ({ name, handler: `./handlers.ts#${name}`, task: true })
const worker: Described = {
  ...{ name: 'worker', code },
  spec: { tools: [tool('work'), tool('fails'), tool('waits')] },
}
const can = { capabilities: { elicitation: {} } }

interface Message {
  id?: number
  method?: string
  params?: Partial<Task> & { notifications?: Record<string, unknown>; uri?: string }
  error?: { code: number; data?: object }
}

/** What comes on a stream of the 2026-07-28 form. */
async function listen(t: Test, endpoint: string, notifications: object, extensions: object) {
  const end = new AbortController()
  t.teardown(() => end.abort())
  const response = await fetch(endpoint, {
    ...{ method: 'POST', signal: end.signal },
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 7, method: 'subscriptions/listen' },
      params: {
        notifications,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': { extensions },
        },
      },
    }),
  })
  const seen: Message[] = []
  let text = ''
  const read = async () => {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString()
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').find(line => line.startsWith('data: '))
        if (data) seen.push(JSON.parse(data.slice(6)) as Message)
      }
    }
  }
  if (response.status !== 200) seen.push(JSON.parse(await response.text()) as Message)
  else void read().catch(() => undefined)
  const tasks = () => seen.filter(({ method }) => method === 'notifications/tasks')
  const has = (wanted: (task: Partial<Task>) => boolean) =>
    eventually(
      () => tasks().some(({ params = {} }) => wanted(params)),
      `in ${JSON.stringify(seen)}`,
    )
  return { status: response.status, seen, tasks, has, end: () => end.abort() }
}

const knows = { 'io.modelcontextprotocol/tasks': {} }

/** Begun at one address, listened to at another. */
async function follows(t: Test, at: string, from: string) {
  const { taskId } = await begin(at, 'work', {}, can)
  const other = await begin(at, 'waits')
  const heard = await listen(t, from, { taskIds: [taskId, 'none', other.taskId] }, knows)
  await eventually(() => heard.seen.length > 0, 'the acknowledgement')
  t.match(heard.seen[0], {
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: { taskIds: [taskId, other.taskId] } },
  })
  t.notOk(
    JSON.stringify(heard.seen[0]).includes('toolsListChanged'),
    'nothing that it did not ask for',
  )
  await heard.has(task => task.taskId === taskId && task.status === 'input_required')
  const asked = heard.tasks().find(({ params }) => params?.inputRequests)?.params
  const [key = ''] = Object.keys(asked?.inputRequests ?? {})
  const inputResponses = { [key]: { action: 'accept', content: { name: 'Ada' } } }
  t.equal((await ask(from, 'tasks/update', { taskId, inputResponses }, can)).error, undefined)
  await heard.has(task => task.taskId === taskId && task.status === 'completed')
  const { params } = heard.tasks().find(({ params }) => params?.status === 'completed') ?? {}
  const { _meta, ...told } = params ?? {}
  t.match(_meta, { 'io.modelcontextprotocol/subscriptionId': 7 })
  const { resultType, _meta: own, ...got } = await get(from, taskId)
  t.ok(resultType && own)
  t.strictSame(told, got, 'it is what tasks/get answers')
  await ask(at, 'tasks/cancel', { taskId: other.taskId })
  await heard.has(task => task.taskId === other.taskId && task.status === 'cancelled')
  heard.end()
}

t.test('in memory, where it runs', async t => {
  const registry = await openRegistry(t)
  const { endpoint } = await runAgent(t, registry.url, worker)
  await follows(t, endpoint, endpoint)

  const { taskId } = await begin(endpoint, 'fails')
  const late = await listen(t, endpoint, { taskIds: [taskId], toolsListChanged: true }, knows)
  await late.has(({ status, result }) => status === 'completed' && result?.isError === true)
  t.match(late.seen[0], {
    params: { notifications: { toolsListChanged: true, taskIds: [taskId] } },
  })
  const refused = await listen(t, endpoint, { taskIds: [taskId] }, {})
  t.match(refused, { status: 400, seen: [{ id: 7, error: { code: -32021 } }] })
  const nothing = await listen(t, endpoint, { taskIds: ['none'] }, knows)
  await eventually(() => nothing.seen.length > 0, 'the acknowledgement')
  t.strictSame(nothing.seen[0]?.params?.notifications, {}, 'a task that is none is not told of')
  t.strictSame(nothing.tasks(), [])
})

t.test('through a gateway', async t => {
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, worker)
  const front = await runGateway(t, registry.url, {
    spec: { seal: '${env:SEAL}' },
    env: { SEAL: 's' },
  })
  await eventually(async () => (await toolsAt(front.endpoint)).includes('work'), 'its tools')
  await follows(t, front.endpoint, front.endpoint)
})

t.test('at another instance, where they share a Redis', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const registry = await fakeRegistry(t)
  const shared = { ...worker, env: { REDIS_URL: redis.url } }
  const one = await runAgent(t, registry.url, shared)
  const two = await runAgent(t, registry.url, shared)
  await follows(t, one.endpoint, two.endpoint)
})
