/** Tasks of several instances in this process, over memory and over a real Redis. */
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import { fakeRegistry } from '../../support/fake-registry.ts'
import { startRedis, type Redis } from '../../support/redis.ts'
import { callTool, eventually, runAgent, type StartedAgent } from '../../support/run-agents.ts'
import { ask, begin, get, hasEnded, until } from '../../support/tasks.ts'

const code = `
import { setTimeout as sleep } from 'node:timers/promises'
export const seen: string[] = []
export async function work({ ms = 0, text = 'done' }: any, deps: any, { progress, signal }: any) {
  progress(1, { total: 2, message: 'half' })
  seen.push('begun ' + text)
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    seen.push('aborted ' + text)
    throw error
  }
  return text
}
export const once = work
/** Hangs in its first run of each text, ends in the next. */
export const again = async ({ text }: any, deps: any, context: any) => {
  const runs = ((globalThis as any).runs ??= new Set())
  const ms = runs.has(text) ? 0 : 60_000
  runs.add(text)
  return work({ text, ms }, deps, context)
}
export const fails = () => { throw new Error('it went wrong') }
export const large = () => 'x'.repeat(5_000_000)
export const brief = () => 'kept for a second'
export const few = () => 'one of two'
export const only = () => 'for those who know'
export const plain = () => 'no task'
export async function* stream() { yield 1; yield 2; return 3 }
const form = (name: string) => ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] })
export async function asks({ text = 'x' }: any, deps: any, { elicit, signal }: any) {
  signal.addEventListener('abort', () => seen.push('aborted ' + text))
  const first = await elicit('Who?', form('name'))
  const second = await elicit('Who else?', form('name'))
  return [first, second].map(({ action, content }) => content?.name ?? action).join(' and ')
}
export const hurried = asks
export async function two(args: any, deps: any, { elicit }: any) {
  const answers = await Promise.all([elicit('A?', form('a'), { key: 'a' }), elicit('B?', form('b'), { key: 'b' })])
  return answers.map(({ content }) => Object.values(content).join())
}
export async function late({ text, ms = 0 }: any, deps: any, { elicit, detach, progress, signal }: any) {
  seen.push('run ' + text)
  signal.addEventListener('abort', () => seen.push('aborted ' + text))
  if (text === 'no task') return 'at once'
  if (text === 'wait') await sleep(60_000, undefined, { signal })
  const { content } = await elicit('Who?', form('name'))
  await detach()
  await detach()
  progress(1, { message: 'behind it' })
  await sleep(ms, undefined, { signal })
  const more = text === 'more' ? (await elicit('Sure?', form('sure'))).content.sure : ''
  return 'for ' + content.name + more
}
export const look = () => seen
export const note = (args: any, deps: any, { session }: any) => session.id
`
const workSchema = {
  type: 'object',
  properties: { ms: { type: 'number' }, text: { type: 'string' } },
} as const
const handler = (name: string) => `./handlers.ts#${name}`
const tool = (name: string, task: object | boolean = true, more: object = {}) => ({
  ...{ name, handler: handler(name), task, ...more },
})
const spec = {
  tools: [
    tool('work', true, { annotations: { readOnlyHint: true }, inputSchema: workSchema }),
    tool('again', true, { annotations: { idempotentHint: true }, inputSchema: workSchema }),
    tool('once', { pollInterval: '50ms' }, { inputSchema: workSchema }),
    tool('fails'),
    tool('large'),
    tool('brief', { ttl: '1s' }, { timeout: '100ms' }),
    tool('few', { max: 2 }),
    tool('only', { required: true }),
    tool('stream'),
    tool('asks', true, { inputSchema: workSchema }),
    tool('hurried', true, { timeout: '300ms' }),
    tool('two'),
    tool('late', { begin: 'handler', max: 3 }, { inputSchema: workSchema }),
    { name: 'plain', handler: handler('plain') },
    { name: 'look', handler: handler('look') },
    {
      ...{ name: 'note', handler: handler('note'), session: { argument: 'id' } },
      inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
    },
  ],
}

interface Options {
  redis?: Redis | undefined
  token?: string
}

async function workers(t: Test, count: number, { redis, token }: Options = {}) {
  const registry = await fakeRegistry(t)
  const auth = token === undefined ? {} : { auth: { bearer: '${env:TOKEN}' } }
  const agents: StartedAgent[] = []
  for (let i = 0; i < count; i++) {
    const env = { ...(redis && { REDIS_URL: redis.url }), ...(token && { TOKEN: token }) }
    agents.push(
      await runAgent(t, registry.url, { name: 'worker', spec: { ...auth, ...spec }, code, env }),
    )
  }
  return agents
}

const endpointOf = (agent: StartedAgent | undefined) => agent?.endpoint ?? ''
const seenBy = async (agent: StartedAgent | undefined) =>
  (await callTool(endpointOf(agent), 'look')).structuredContent as string[]
const metric = async (agent: StartedAgent | undefined, name: string) => {
  const text = await (await fetch(new URL('/metrics', endpointOf(agent)))).text()
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.split(' ')[1],
  )
}

for (const store of ['memory', 'redis'] as const) {
  t.test(
    `${store}: a call is answered with a handle, and the result is there for its ttl`,
    async t => {
      const redis = store === 'redis' ? await startRedis(t) : undefined
      if (store === 'redis' && !redis) return
      const [one] = await workers(t, 1, { redis })
      const url = endpointOf(one)

      t.test('from the handle to the result', async t => {
        const begun = await begin(url, 'once', { ms: 300, text: 'first' })
        t.match(begun, {
          ...{ resultType: 'task', status: 'working', taskId: /^[\w-]{40,}$/ },
          ...{ ttlMs: 2 * 3_600_000, pollIntervalMs: 50, createdAt: /^\d{4}-.*Z$/ },
        })
        t.strictSame(
          [begun.content, begun.result, begun.inputRequests],
          [undefined, undefined, undefined],
        )
        const working = await until(url, begun.taskId, task => task.statusMessage !== undefined)
        t.match(working, {
          ...{ resultType: 'complete', status: 'working', statusMessage: '1 of 2: half' },
          _meta: { 'mcp-mesh.dev/progress': { progress: 1, total: 2, message: 'half' } },
        })
        const ended = await until(url, begun.taskId)
        t.match(ended, {
          ...{ status: 'completed', createdAt: begun.createdAt, ttlMs: begun.ttlMs },
          result: { content: [{ type: 'text', text: 'first' }] },
        })
        t.equal(ended.statusMessage, undefined, 'how far it was is of no use any more')
        t.strictSame((await get(url, begun.taskId)).result, ended.result, 'it stays as it is')
      })

      t.test('a handler that throws has completed, with an error', async t => {
        const { taskId } = await begin(url, 'fails')
        t.match(await until(url, taskId), {
          ...{ status: 'completed', error: undefined },
          result: { isError: true, content: [{ text: 'it went wrong' }] },
        })
      })

      t.test('a result that is too large fails, with a reason', async t => {
        const { taskId } = await begin(url, 'large')
        t.match(await until(url, taskId), {
          ...{ status: 'failed', result: undefined, statusMessage: /MESH_TASK_TOO_LARGE/ },
          error: {
            code: -32603,
            message: /5000\d+ characters/,
            data: { code: 'MESH_TASK_TOO_LARGE' },
          },
        })
      })

      t.test('a tool that streams has a result all the same', async t => {
        const { taskId } = await begin(url, 'stream')
        t.match(await until(url, taskId), { status: 'completed', result: { structuredContent: 3 } })
      })

      t.test('a cancelled task stops and stays cancelled', async t => {
        const { taskId } = await begin(url, 'work', { ms: 60_000, text: `stopped ${store}` })
        await eventually(
          async () => (await seenBy(one)).includes(`begun stopped ${store}`),
          'it runs',
        )
        t.match(await ask(url, 'tasks/cancel', { taskId }), { result: { resultType: 'complete' } })
        t.match(await get(url, taskId), {
          ...{ status: 'cancelled', result: undefined, statusMessage: 'cancelled by its client' },
        })
        await eventually(
          async () => (await seenBy(one)).includes(`aborted stopped ${store}`),
          'the signal of its handler aborts',
        )
        await eventually(async () => (await metric(one, 'mesh_tasks_running')) === 0, 'it has gone')
        t.match(await ask(url, 'tasks/cancel', { taskId }), { result: { resultType: 'complete' } })
        t.equal((await get(url, taskId)).status, 'cancelled')
        const done = await begin(url, 'work')
        await until(url, done.taskId)
        await ask(url, 'tasks/cancel', { taskId: done.taskId })
        t.equal((await get(url, done.taskId)).status, 'completed', 'what has ended stays so')
      })

      t.test('a result is gone when its ttl is over, and not before', async t => {
        const { taskId, ttlMs } = await begin(url, 'brief')
        t.equal(ttlMs, 1_100, 'the longest that it may run, and what the manifest says')
        const { createdAt, result } = await until(url, taskId)
        t.match(result, { content: [{ text: 'kept for a second' }] })
        await eventually(
          async () => (await ask(url, 'tasks/get', { taskId })).error !== undefined,
          'it expires',
        )
        t.ok(Date.now() - Date.parse(createdAt) >= ttlMs, 'after its ttl')
        t.match(await ask(url, 'tasks/get', { taskId }), {
          error: { code: -32602, data: { code: 'MESH_TASK_UNKNOWN' } },
        })
      })

      t.test('one task too many is refused, and not executed', async t => {
        await begin(url, 'few')
        await begin(url, 'few')
        t.match(await ask(url, 'tools/call', { name: 'few' }), {
          error: { code: -32000, message: /2 tasks of "few"/, data: { code: 'MESH_TASK_LIMIT' } },
        })
      })

      t.test('the figures say what became of them', async t => {
        await eventually(async () => (await metric(one, 'mesh_tasks_running')) === 0, 'all ended')
        const lines = (await (await fetch(new URL('/metrics', url))).text())
          .split('\n')
          .filter(line => /^mesh_task/.test(line))
        t.strictSame(lines, [
          'mesh_tasks_running 0',
          'mesh_tasks_begun_total 9',
          'mesh_tasks_ended_total{status="completed"} 7',
          'mesh_tasks_ended_total{status="failed"} 1',
          'mesh_tasks_ended_total{status="cancelled"} 1',
          'mesh_task_takeovers_total 0',
          'mesh_task_results_dropped_total 0',
        ])
      })
    },
  )
}

t.test('who does not know tasks waits for the result, in either era', async t => {
  const [one] = await workers(t, 1)
  const url = endpointOf(one)
  const isDeclared = false
  t.match(await ask(url, 'tools/call', { name: 'work', arguments: { ms: 50 } }, { isDeclared }), {
    result: { resultType: 'complete', taskId: undefined, content: [{ text: 'done' }] },
  })
  t.match(await callTool(url, 'work', { ms: 50 }), { content: [{ text: 'done' }] }, 'agents too')
  const legacy = new LegacyClient(
    { name: 'old', version: '1' },
    { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
  )
  await legacy.connect(new LegacyTransport(new URL(url)))
  t.teardown(() => legacy.close())
  t.match(await legacy.callTool({ name: 'work', arguments: { ms: 50 } }), {
    content: [{ text: 'done' }],
  })
  t.equal(legacy.getServerCapabilities()?.tasks, undefined)

  for (const name of ['only', 'work']) {
    const missing = {
      error: {
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      },
    }
    if (name === 'only') {
      t.match(await ask(url, 'tools/call', { name }, { isDeclared }), missing)
      await t.rejects(callTool(url, name), { message: /Missing required client capability/ })
      t.match(await legacy.callTool({ name }).catch(String), /Missing required/)
    } else {
      const { taskId } = await begin(url, name)
      for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
        t.match(await ask(url, method, { taskId, inputResponses: {} }, { isDeclared }), missing)
    }
  }
})

t.test('only what is a task is one, and only then are there tasks', async t => {
  const [one] = await workers(t, 1)
  const url = endpointOf(one)
  t.match(await ask(url, 'tools/call', { name: 'plain', task: { ttl: 5 } }), {
    result: { resultType: 'complete', content: [{ text: 'no task' }] },
  })
  t.match(
    await ask(url, 'tools/call', { name: 'work', arguments: { ms: 'long' } }),
    { result: { resultType: 'complete', isError: true, content: [{ text: /ARGUMENTS_INVALID/ }] } },
    'nothing is begun for arguments that do not fit',
  )
  t.equal(await metric(one, 'mesh_tasks_begun_total'), 0)
  for (const method of ['tasks/result', 'tasks/list'])
    t.match(await ask(url, method, { taskId: 'x' }), { error: { code: -32601 } })
  t.match(await ask(url, 'server/discover', {}), {
    result: { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
  })
  const registry = await fakeRegistry(t)
  const without = await runAgent(t, registry.url, {
    ...{ name: 'plain', code, spec: { tools: [{ name: 'plain', handler: handler('plain') }] } },
  })
  const asked = await ask(without.endpoint, 'server/discover', {})
  t.notMatch(JSON.stringify(asked), /io.modelcontextprotocol\/tasks/)
  t.match(await ask(without.endpoint, 'tasks/get', { taskId: 'x' }), { error: { code: -32601 } })
})

t.test('an id is good for nobody but whom it was given to', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [mine] = await workers(t, 1, { redis, token: 'mine' })
  const [other] = await workers(t, 1, { redis, token: 'other' })
  const url = endpointOf(mine)
  const { taskId } = await begin(url, 'work', { text: 'secret' }, { token: 'mine' })
  await until(url, taskId, hasEnded, { token: 'mine' })
  const handle = (await callTool(url, 'note', {}, { token: 'mine' })) as {
    content: { text: string }[]
  }
  const flipped = (taskId[9] === 'A' ? 'B' : 'A') + taskId.slice(10)
  const wrong = {
    'of another credential': [endpointOf(other), taskId, 'other'],
    'that was changed': [url, taskId.slice(0, 9) + flipped, 'mine'],
    'that is none': [url, '12345', 'mine'],
    'that is the handle of a session': [url, handle.content[0]?.text ?? '', 'mine'],
  } as const
  for (const [what, [endpoint, id, token]] of Object.entries(wrong)) {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const answer = await ask(endpoint, method, { taskId: id, inputResponses: {} }, { token })
      const error = { code: -32602, message: /^MESH_TASK_UNKNOWN: there is no such task/ }
      t.match(answer, { error }, `${method} of an id ${what}`)
      t.notMatch(JSON.stringify(answer), /secret/)
    }
  }
  t.equal((await get(url, taskId, { token: 'mine' })).status, 'completed', 'it is still there')
})

t.test('every instance answers for a task, and what it is told reaches the owner', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await workers(t, 2, { redis })
  const { taskId } = await begin(endpointOf(one), 'once', { ms: 60_000, text: 'across' })
  t.match(await get(endpointOf(two), taskId), { status: 'working' })
  await eventually(async () => (await seenBy(one)).includes('begun across'), 'it runs')
  await ask(endpointOf(two), 'tasks/cancel', { taskId })
  t.match(await get(endpointOf(one), taskId), { status: 'cancelled' })
  await eventually(async () => (await seenBy(one)).includes('aborted across'), 'the owner heard')
  const done = await begin(endpointOf(two), 'once', { text: 'over there' })
  t.match(await until(endpointOf(one), done.taskId), {
    result: { content: [{ text: 'over there' }] },
  })
})

t.test('a drain waits for tasks, and what may be repeated goes on elsewhere', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await workers(t, 2, { redis })
  const url = endpointOf(two)
  const short = await begin(endpointOf(one), 'once', { ms: 500, text: 'in time' })
  const long = await begin(endpointOf(one), 'again', { text: 'again' })
  const never = await begin(endpointOf(one), 'once', { ms: 60_000, text: 'cut off' })
  await eventually(async () => (await seenBy(one)).includes('begun cut off'), 'they run')
  await one?.stop()
  t.match(await get(url, short.taskId), {
    ...{ status: 'completed', result: { content: [{ text: 'in time' }] } },
  })
  t.match(await get(url, never.taskId), {
    ...{ status: 'failed', error: { code: -32603, data: { code: 'MESH_TASK_LOST' } } },
  })
  t.equal((await get(url, long.taskId)).status, 'working')
  await eventually(async () => (await seenBy(two)).includes('begun again'), 'it runs again')
  t.equal(await metric(two, 'mesh_task_takeovers_total'), 1)
  t.match(await until(url, long.taskId), { result: { content: [{ text: 'again' }] } })
})

t.test('a Redis that is away or has lost everything costs no result of what runs', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one] = await workers(t, 1, { redis })
  const url = endpointOf(one)
  const away = await begin(url, 'once', { ms: 600, text: 'in the dark' })
  await redis.stop()
  t.match(await ask(url, 'tasks/get', { taskId: away.taskId }), {
    error: { code: -32603, data: { code: 'MESH_TASK_UNAVAILABLE' } },
  })
  t.match(await ask(url, 'tools/call', { name: 'once' }), {
    error: { code: -32603, data: { code: 'MESH_TASK_UNAVAILABLE' } },
  })
  await eventually(async () => (await metric(one, 'mesh_tasks_running')) === 0, 'it has ended')
  await redis.start()
  await eventually(
    async () => !(await ask(url, 'tasks/get', { taskId: away.taskId })).error,
    'Redis is back',
    20_000,
  )
  t.match(await until(url, away.taskId), { result: { content: [{ text: 'in the dark' }] } })

  const lost = await begin(url, 'once', { ms: 500, text: 'written again' })
  await redis.ask('FLUSHALL')
  await eventually(async () => (await metric(one, 'mesh_tasks_running')) === 0, 'it has ended')
  t.match(await until(url, lost.taskId), { result: { content: [{ text: 'written again' }] } })
})

const elicitation = { capabilities: { elicitation: {} } }
const keysOf = (task: { inputRequests?: object }) => Object.keys(task.inputRequests ?? {})
const accept = (content: object) => ({ action: 'accept', content })
const isAsking = ({ status }: { status: string }) => status === 'input_required'

for (const store of ['memory', 'redis'] as const) {
  t.test(`${store}: what a handler asks stands in its task until it is answered`, async t => {
    const redis = store === 'redis' ? await startRedis(t) : undefined
    if (store === 'redis' && !redis) return
    const [one, other = one] = await workers(t, redis ? 2 : 1, { redis })
    const [url, there] = [endpointOf(one), endpointOf(other)]
    const answer = (taskId: string, inputResponses: object | undefined) =>
      ask(there, 'tasks/update', { taskId, inputResponses })

    const { taskId } = await begin(url, 'asks', {}, elicitation)
    const first = await until(there, taskId, isAsking)
    t.match(first.inputRequests, {
      'elicitation-1': {
        method: 'elicitation/create',
        params: { message: 'Who?', requestedSchema: { required: ['name'] } },
      },
    })
    const wrong = {
      'that is missing': undefined,
      'with a content that does not fit': { 'elicitation-1': accept({ name: 7 }) },
      'with an action that is none': { 'elicitation-1': { action: 'perhaps' } },
    }
    for (const [what, responses] of Object.entries(wrong)) {
      t.match(
        await answer(taskId, responses),
        { error: { code: -32602, data: { code: 'MESH_ANSWER_INVALID' } } },
        `an answer ${what} is refused`,
      )
      t.strictSame(keysOf(await get(there, taskId)), ['elicitation-1'], 'and the question is open')
    }
    t.match(await answer(taskId, { other: { any: 'thing' } }), {
      result: { resultType: 'complete' },
    })
    t.strictSame(keysOf(await get(there, taskId)), ['elicitation-1'])
    const given = { 'elicitation-1': accept({ name: 'Ada' }) }
    t.match(await answer(taskId, given), { result: { resultType: 'complete' } })
    t.notOk(keysOf(await get(there, taskId)).includes('elicitation-1'), 'it is answered')
    const second = await until(there, taskId, isAsking)
    t.strictSame(keysOf(second), ['elicitation-2'], 'no key is used twice')
    await answer(taskId, { 'elicitation-1': accept({ name: 'Eve' }) })
    await answer(taskId, { 'elicitation-2': { action: 'decline' } })
    t.match(await until(there, taskId), { result: { content: [{ text: 'Ada and decline' }] } })

    const both = await begin(url, 'two', {}, elicitation)
    await until(there, both.taskId, task => keysOf(task).length === 2)
    await answer(both.taskId, { b: accept({ b: 'second' }) })
    t.match(await get(there, both.taskId), { status: 'input_required' })
    t.strictSame(keysOf(await get(there, both.taskId)), ['a'], 'what is still open')
    await answer(both.taskId, { a: accept({ a: 'first' }) })
    t.match((await until(there, both.taskId)).result?.structuredContent, ['first', 'second'])

    const stopped = await begin(url, 'asks', { text: `asked ${store}` }, elicitation)
    await until(there, stopped.taskId, isAsking)
    await ask(there, 'tasks/cancel', { taskId: stopped.taskId })
    t.match(await get(there, stopped.taskId), { status: 'cancelled', inputRequests: undefined })
    await eventually(
      async () => (await seenBy(one)).includes(`aborted asked ${store}`),
      'the handler does not wait for ever',
    )
    const hurried = await begin(url, 'hurried', {}, elicitation)
    t.match(await until(there, hurried.taskId), {
      result: { isError: true, content: [{ text: /MESH_TIMEOUT_ELAPSED: "hurried" did not end/ }] },
    })
    const lacking = await begin(url, 'asks')
    t.match(await until(there, lacking.taskId), {
      ...{ status: 'failed', error: { code: -32021, data: { requiredCapabilities: {} } } },
    })
    await eventually(async () => (await metric(one, 'mesh_tasks_running')) === 0, 'nothing is left')
  })
}

t.test('a handler may say when its task begins', async t => {
  const [one] = await workers(t, 1)
  const url = endpointOf(one)
  const call = (args: object, more: object = {}) =>
    ask(url, 'tools/call', { name: 'late', arguments: args, ...more }, elicitation)
  const answered = async (args: object) => {
    const { requestState } = (await call(args)).result as { requestState?: string }
    return call(args, {
      requestState,
      inputResponses: { 'elicitation-1': accept({ name: 'Ada' }) },
    })
  }
  t.match(await call({ text: 'no task' }), {
    result: { resultType: 'complete', content: [{ text: 'at once' }] },
  })
  const asked = await call({ text: 'asked' })
  t.match(asked, {
    result: { resultType: 'input_required', inputRequests: { 'elicitation-1': {} } },
  })
  t.equal(asked.result?.taskId, undefined)
  t.equal(await metric(one, 'mesh_tasks_begun_total'), 0)
  const { result: handle } = await answered({ text: 'asked', ms: 200 })
  t.match(handle, { resultType: 'task', status: 'working', taskId: String })
  t.strictSame(handle && 'requestState' in handle, false)
  const { taskId = '' } = handle ?? {}
  await until(url, taskId, ({ statusMessage }) => statusMessage === '1: behind it')
  t.match(await until(url, taskId), { result: { content: [{ text: 'for Ada' }] } })
  t.equal(await metric(one, 'mesh_tasks_begun_total'), 1, 'however often it detaches')

  const { result: more } = await answered({ text: 'more' })
  const later = await until(url, more?.taskId ?? '', isAsking)
  await ask(url, 'tasks/update', {
    taskId: later.taskId,
    inputResponses: { [keysOf(later)[0] ?? '']: accept({ sure: '!' }) },
  })
  t.match(await until(url, later.taskId), { result: { content: [{ text: 'for Ada!' }] } })

  const { result: long } = await answered({ text: 'long', ms: 60_000 })
  await ask(url, 'tasks/cancel', { taskId: long?.taskId ?? '' })
  await eventually(async () => (await seenBy(one)).includes('aborted long'), 'it is cancelled')
  t.match(
    await answered({ text: 'one too many' }),
    { result: { isError: true, content: [{ text: /MESH_TASK_LIMIT/ }] } },
    'what keeps it from beginning the handler is told',
  )
  const gone = new AbortController()
  const waiting = callTool(url, 'late', { text: 'wait' }, { signal: gone.signal })
  await eventually(async () => (await seenBy(one)).includes('run wait'), 'it runs')
  gone.abort()
  await t.rejects(waiting)
  await eventually(async () => (await seenBy(one)).includes('aborted wait'), 'as any call does')

  const args = { text: 'plain' }
  const undeclared = { ...elicitation, isDeclared: false }
  const plain = await ask(url, 'tools/call', { name: 'late', arguments: args }, undeclared)
  const { requestState } = plain.result as { requestState?: string }
  const inputResponses = { 'elicitation-1': accept({ name: 'Bob' }) }
  const params = { name: 'late', arguments: args, requestState, inputResponses }
  t.match(await ask(url, 'tools/call', params, undeclared), {
    result: { resultType: 'complete', content: [{ text: 'for Bob' }] },
  })
})
