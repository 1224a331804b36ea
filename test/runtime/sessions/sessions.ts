/** Sessions of several instances in this process, over memory and over a real Redis. */
import t, { type Test } from 'tap'
import { callRaw } from '../../support/call.ts'
import { fakeRegistry } from '../../support/fake-registry.ts'
import { startRedis, type Redis } from '../../support/redis.ts'
import {
  callTool,
  eventually,
  runAgent,
  sessionHeader,
  type StartedAgent,
} from '../../support/run-agents.ts'

const sessionSchema = {
  type: 'object',
  properties: { session_id: { type: 'string' }, by: { type: 'number' }, ms: { type: 'number' } },
} as const

const code = `
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
export async function add({ by = 1, ms = 0 }: any, deps: any, { session, log }: any) {
  const before = session.get('count') ?? 0
  if (ms > 0) log.info('slow begun')
  await sleep(ms)
  session.set('count', before + by)
  if (by < 0) throw new Error('not backwards')
  return { count: before + by }
}
export const look = (args: any, deps: any, { session }: any) =>
  session ? { count: session.get('count') ?? 0, id: session.id } : 'none'
export const busy = ({ ms }: any) => sleep(ms)
export const asks = (args: any, deps: any, { elicit }: any) => elicit('Who?', { type: 'object', properties: {} })
export const end = (args: any, deps: any, { session }: any) => { session.end(); return 'ended' }
export const large = (args: any, deps: any, { session }: any) => session.set('text', 'x'.repeat(2_000_000))
export async function* tell({ by = 3 }: any, deps: any, { session }: any) {
  for (let i = 0; i < by; i++) yield i
  session.set('told', by)
  return by
}
`

interface Options {
  redis?: Redis | undefined
  onStoreLoss?: 'fail' | 'memory'
  env?: Record<string, string>
}

async function counters(t: Test, count: number, { redis, onStoreLoss, env }: Options = {}) {
  const registry = await fakeRegistry(t)
  const tool = (name: string, more: object = {}, session: object = {}) => ({
    ...{ name, handler: `./handlers.ts#${name.replace(/_.*/, '')}`, inputSchema: sessionSchema },
    session: { argument: 'session_id', ...session },
    ...more,
  })
  const spec = {
    session: { ttl: '1m', ...(onStoreLoss && { onStoreLoss }) },
    ...(env && { auth: { bearer: '${env:TOKEN}' } }),
    tools: [
      tool('add', {
        outputSchema: {
          type: 'object',
          properties: { count: { type: 'number' }, session_id: { type: 'string' } },
          required: ['count', 'session_id'],
        },
      }),
      tool('look', { annotations: { readOnlyHint: true } }),
      tool('look_optional', {}, { required: false }),
      tool('look_short', {}, { ttl: '1s' }),
      tool('add_short', {}, { ttl: '1s' }),
      tool('add_anywhere', {}, { affinity: 'none' }),
      tool('add_at_once', {}, { concurrent: true }),
      tool('end'),
      tool('asks'),
      tool('busy', { concurrency: { max: 1, queue: 0 } }, { concurrent: true }),
      tool('large'),
      tool('tell'),
    ],
  }
  const agents: StartedAgent[] = []
  for (let i = 0; i < count; i++) {
    agents.push(
      await runAgent(t, registry.url, {
        ...{ name: 'counter', spec: spec, code },
        env: { ...(redis && { REDIS_URL: redis.url }), ...env },
      }),
    )
  }
  return agents
}

interface Answer {
  structuredContent?: { count: number; session_id: string }
  _meta?: {
    'mcp-mesh.dev/session'?: { id: string; expiresAt: string; hasEnded?: boolean }
    'mcp-mesh.dev/code'?: string
  }
  content: { text: string }[]
  isError?: boolean
}

const call = async (
  agent: StartedAgent | undefined,
  name: string,
  args: object = {},
  token?: string,
) => (await callTool(agent?.endpoint ?? '', name, args, { ...(token && { token }) })) as Answer
const codeOf = (answer: Answer) => answer._meta?.['mcp-mesh.dev/code']
const handleOf = (answer: Answer) => answer._meta?.['mcp-mesh.dev/session']?.id ?? ''
const metric = async (agent: StartedAgent | undefined, name: string, token = '') => {
  const headers = { authorization: `Bearer ${token}` }
  const text = await (await fetch(new URL('/metrics', agent?.endpoint), { headers })).text()
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
}

/** One POST as another agent sends it, with more `_meta`. */
function post(
  agent: StartedAgent | undefined,
  name: string,
  { args, meta, token = '' }: { args: object; meta: object; token?: string },
) {
  return fetch(agent?.endpoint ?? '', {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
      ...{ authorization: `Bearer ${token}`, ...sessionHeader(args) },
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: {
        ...{ name, arguments: args },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          ...meta,
        },
      },
    }),
  })
}

for (const store of ['memory', 'redis'] as const) {
  t.test(`${store}: a session begins, goes on, and ends`, async t => {
    const redis = store === 'redis' ? await startRedis(t) : undefined
    if (store === 'redis' && !redis) return
    const [one] = await counters(t, 1, { redis })
    const first = await call(one, 'add')
    const session_id = handleOf(first)
    t.match(
      first,
      { structuredContent: { count: 1, session_id } },
      'the handle is in the value too',
    )
    const { expiresAt = '' } = first._meta?.['mcp-mesh.dev/session'] ?? {}
    const leftMs = Date.parse(expiresAt) - Date.now()
    t.ok(leftMs > 30_000 && leftMs <= 60_000, `${leftMs} ms are left of a minute`)
    t.match(await call(one, 'add', { session_id, by: 4 }), { structuredContent: { count: 5 } })
    t.match(await call(one, 'look', { session_id }), {
      structuredContent: { count: 5, id: session_id },
    })
    t.match(
      await call(one, 'look'),
      { structuredContent: { count: 0 } },
      'without a handle: another',
    )

    const failed = await call(one, 'add', { session_id, by: -1 })
    t.match(failed, { isError: true, content: [{ text: 'not backwards' }] })
    t.match(
      await call(one, 'look', { session_id }),
      { structuredContent: { count: 5 } },
      'nothing of it',
    )
    t.equal(codeOf(await call(one, 'large', { session_id })), 'MESH_SESSION_TOO_LARGE')
    t.match(await call(one, 'look_optional'), { content: [{ text: 'none' }] })
    t.match(await call(one, 'look_optional', { session_id }), { structuredContent: { count: 5 } })

    t.match(await call(one, 'end', { session_id }), {
      _meta: { 'mcp-mesh.dev/session': { hasEnded: true } },
    })
    const ended = await call(one, 'look', { session_id })
    t.match(ended, { isError: true, content: [{ text: /MESH_SESSION_EXPIRED: .* has ended/ }] })
    t.equal(codeOf(await call(one, 'look', { session_id: 'guess' })), 'MESH_SESSION_INVALID')

    const begun = await metric(one, 'mesh_sessions_begun_total')
    t.equal(codeOf(await call(one, 'add', { by: 'many' })), 'MESH_ARGUMENTS_INVALID')
    t.equal(
      await metric(one, 'mesh_sessions_begun_total'),
      begun,
      'nothing begins for a refused call',
    )
  })

  t.test(`${store}: nobody calls it for its ttl, and it has expired`, async t => {
    const redis = store === 'redis' ? await startRedis(t) : undefined
    if (store === 'redis' && !redis) return
    const [one] = await counters(t, 1, { redis })
    const session_id = handleOf(await call(one, 'look_short'))
    t.match(await call(one, 'look_short', { session_id }), { structuredContent: { count: 0 } })
    await eventually(async () => {
      await new Promise(resolve => setTimeout(resolve, 1_300)) // a look keeps it for another second
      return codeOf(await call(one, 'look_short', { session_id })) === 'MESH_SESSION_EXPIRED'
    }, 'it expires')
  })

  t.test(`${store}: calls of one session run one after the other, of many at once`, async t => {
    const redis = store === 'redis' ? await startRedis(t) : undefined
    if (store === 'redis' && !redis) return
    const [one] = await counters(t, 1, { redis })
    const session_id = handleOf(await call(one, 'look'))
    const twenty = Array.from({ length: 20 })
    await Promise.all(twenty.map(() => call(one, 'add', { session_id, ms: 2 })))
    t.match(await call(one, 'look', { session_id }), { structuredContent: { count: 20 } })
    const raced = handleOf(await call(one, 'look'))
    await Promise.all(twenty.map(() => call(one, 'add_at_once', { session_id: raced, ms: 50 })))
    const { count = 0 } = (await call(one, 'look', { session_id: raced })).structuredContent ?? {}
    t.ok(count < 20, `concurrent: true lets them run over each other: ${count}`)
  })
}

t.test('a call is handed to the owner of its session, wherever it arrives', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const agents = await counters(t, 3, { redis, env: { TOKEN: 'let-me-in' } })
  const token = 'let-me-in'
  const session_id = handleOf(await call(agents[0], 'add', {}, token))
  const calls = Array.from({ length: 60 }, (_, i) =>
    call(agents[i % 3], 'add', { session_id }, token),
  )
  const counts = (await Promise.all(calls)).map(({ structuredContent }) => structuredContent?.count)
  t.strictSame(
    counts.sort((a, b) => Number(a) - Number(b)),
    Array.from({ length: 60 }, (_, i) => i + 2),
    'each saw the one before it',
  )
  t.match(
    await Promise.all(agents.map(agent => metric(agent, 'mesh_session_forwards_total', token))),
    [0, 20, 20],
  )
  t.equal(handleOf(await call(agents[1], 'look', { session_id }, token)), session_id)
  const aside = await call(agents[2], 'add_anywhere', { session_id, by: 100 }, token)
  t.match(
    aside,
    { structuredContent: { count: 161 } },
    'affinity: none runs here, with what is stored',
  )
  const text = [...agents.flatMap(({ lines }) => lines), await redis.ask('KEYS *')].join('')
  t.notMatch(text, session_id, 'no handle in a log, nor in Redis')
  t.notMatch(text, token)

  const sessions = new URL('/sessions', agents[0]?.endpoint)
  t.equal((await fetch(sessions)).status, 401, 'who owns what is told to those with the token')
  const listed = await fetch(sessions, { headers: { authorization: `Bearer ${token}` } })
  const list = await listed.text()
  t.match(JSON.parse(list), { store: 'redis', items: [{ calls: 0, isSaved: true }] })
  t.notMatch(list, session_id.slice(0, 12))
  const { id } = (JSON.parse(list) as { items: { id: string }[] }).items[0] ?? {}
  const tried = await call(agents[0], 'add', { session_id: id }, token)
  t.equal(codeOf(tried), 'MESH_SESSION_INVALID', 'an id that is shown is no handle')
  t.ok((await metric(agents[0], 'mesh_session_store_duration_seconds_count', token)) > 10)
  t.equal(await metric(agents[0], 'mesh_session_store_losses_total', token), 0)

  // An owner of which nobody knows any more: a marked call is not handed on a second time.
  const marked = { 'mcp-mesh.dev/forwarded-by': 'somebody' }
  const response = await post(agents[1], 'look', { args: { session_id }, meta: marked, token })
  t.match(await response.json(), { error: { data: { code: 'MESH_SESSION_ELSEWHERE' } } })
})

t.test(
  'what is refused is refused in the same way by the owner and by any other instance',
  async t => {
    const redis = await startRedis(t)
    if (!redis) return
    const agents = await counters(t, 2, { redis })
    const session_id = handleOf(await call(agents[0], 'look'))
    for (const agent of agents) {
      const response = await post(agent, 'asks', { args: { session_id }, meta: {} })
      t.equal(response.status, 400)
      t.match(await response.json(), {
        error: { code: -32021, data: { requiredCapabilities: { elicitation: {} } } },
      })
      const older = await callRaw(agent.endpoint, 'asks', { session_id })
      t.match(older, { isError: true, content: [{ text: /^MESH_CLIENT_INCAPABLE.*elicitation/ }] })
    }
    const slow = agents.map(agent =>
      post(agent, 'busy', { args: { session_id, ms: 1_500 }, meta: {} }),
    )
    const told = (await Promise.all(
      (await Promise.all(slow)).map(response => response.json()),
    )) as {
      error?: { code: number; data: { code: string } }
    }[]
    const [refused, ...more] = told.flatMap(({ error }) => error ?? [])
    t.strictSame(more, [])
    t.match(refused, { code: -32000, data: { code: 'MESH_TOOL_BUSY' } }, 'so a proxy may try again')
  },
)

t.test('the argument that carries the handle is one that clients repeat in a header', async t => {
  const [one] = await counters(t, 1)
  const response = await fetch(one?.endpoint ?? '', {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })
  const text = await response.text()
  const { result } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
    result: { tools: { name: string; inputSchema: { properties: object } }[] }
  }
  for (const { name, inputSchema } of result.tools) {
    t.strictSame(
      inputSchema.properties,
      {
        session_id: { type: 'string', 'x-mcp-header': 'Session-Id' },
        ...{ by: { type: 'number' }, ms: { type: 'number' } },
      },
      name,
    )
  }
})

t.test('chunks and the end of a caller pass through to the owner', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await counters(t, 2, { redis })
  const session_id = handleOf(await call(one, 'look'))
  const response = await post(two, 'tell', {
    ...{ args: { session_id, by: 3 }, meta: { progressToken: 'p' } },
  })
  const text = await response.text()
  t.strictSame(text.match(/"mcp-mesh\.dev\/chunk":\{"value":\d\}/g)?.length, 3)
  t.match(text, /"structuredContent":3/)
  const abort = new AbortController()
  const slow = callTool(
    two?.endpoint ?? '',
    'add',
    { session_id, ms: 3_000 },
    { signal: abort.signal },
  )
  await eventually(
    async () => (await metric(two, 'mesh_session_forwards_total')) === 2,
    'it is on its way',
  )
  abort.abort()
  await t.rejects(slow)
  const next = await callTool(one?.endpoint ?? '', 'look', { session_id }, { timeoutMs: 5_000 })
  t.match(
    next,
    { structuredContent: { count: 0 } },
    'the turn of the one that was given up is over',
  )
})

t.test('an owner that drains hands its sessions over, and no call fails', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await counters(t, 2, { redis })
  const ids = await Promise.all(
    Array.from({ length: 10 }, async () => handleOf(await call(one, 'add'))),
  )
  let stopped = false
  const loads = ids.map(async session_id => {
    let calls = 1
    while (!stopped || calls < 5) {
      const answer = await call(two, 'add', { session_id, ms: 5 })
      t.equal(answer.isError, undefined, answer.content[0]?.text ?? '')
      t.equal(answer.structuredContent?.count, ++calls)
    }
    return calls
  })
  await eventually(async () => (await metric(two, 'mesh_session_forwards_total')) > 20, 'forwards')
  await one?.stop()
  stopped = true
  await Promise.all(loads)
  t.equal(await metric(two, 'mesh_sessions'), 10)
  t.equal(await metric(two, 'mesh_session_takeovers_total'), 0, 'none had to be taken')
})

t.test('calls that find a session free at once share it, and none is lost', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await counters(t, 2, { redis })
  const session_id = handleOf(await call(one, 'add'))
  await one?.stop()
  const twenty = Array.from({ length: 20 })
  await Promise.all(twenty.map(() => call(two, 'add', { session_id, ms: 5 })))
  t.match(await call(two, 'look', { session_id }), { structuredContent: { count: 21 } })
})

t.test('an owner that was superseded keeps nothing of what it sets', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await counters(t, 2, { redis })
  const session_id = handleOf(await call(one, 'add'))
  const slow = call(one, 'add', { session_id, by: 1_000, ms: 400 })
  // As the second does when it can't reach the first, which lives.
  const key = /mesh:session:\S+/.exec(await redis.ask('KEYS mesh:session:*'))?.[0] ?? ''
  t.match(key, /^mesh:session:default\/counter:\{[0-9a-f]{32}\}$/)
  await redis.ask(`HSET ${key} owner ${two?.instance} url ${two?.endpoint} fence 2`)
  t.match(await call(two, 'add', { session_id }), { structuredContent: { count: 2 } })
  const late = await slow
  t.equal(codeOf(late), 'MESH_SESSION_MOVED', late.content[0]?.text ?? '')
  t.match(
    await call(one, 'add', { session_id }),
    { structuredContent: { count: 3 } },
    'and is forwarded',
  )
})

t.test('an owner whose lease has lapsed keeps its sessions as long as it answers', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await counters(t, 2, { redis })
  const session_id = handleOf(await call(one, 'add'))
  for (let i = 2; i < 12; i++) {
    await redis.ask(`DEL mesh:instance:{default/counter}:${one?.instance}`)
    t.match(await call(two, 'add', { session_id }), { structuredContent: { count: i } })
  }
  t.equal(await metric(two, 'mesh_session_takeovers_total'), 0)
})

t.test(
  'a session is kept while a call uses it, and not brought back once it has expired',
  async t => {
    const redis = await startRedis(t)
    if (!redis) return
    for (const store of [undefined, redis]) {
      const [one] = await counters(t, 1, { redis: store })
      const long = await call(one, 'add_short', { ms: 1_500 })
      t.match(long, { structuredContent: { count: 1 } }, 'a call that takes longer than the ttl')
      const session_id = handleOf(long)
      t.match(await call(one, 'add_short', { session_id, ms: 1_400 }), {
        structuredContent: { count: 2 },
      })
    }
    const [one] = await counters(t, 1, { redis })
    const gone = async (name: string) => {
      const session_id = handleOf(await call(one, 'add'))
      const before = (await redis.ask('KEYS mesh:session:*')).match(/mesh:session:\S+/g) ?? []
      const slow = call(one, name, { session_id, ms: 300 })
      await eventually(() => one?.lines.some(line => line.includes('slow begun')), 'it runs')
      for (const key of before) await redis.ask(`DEL ${key}`) // as if its time were over
      return slow
    }
    for (const name of ['add', 'add_anywhere']) {
      if (one) one.lines.length = 0
      t.equal(codeOf(await gone(name)), 'MESH_SESSION_EXPIRED', name)
      t.notMatch(await redis.ask('KEYS mesh:session:*'), /mesh:session:/, 'nothing is put back')
    }
  },
)

t.test('33: Redis goes away: fail answers at once, memory goes on, both recover', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const [strict] = await counters(t, 1, { redis })
  const [lenient] = await counters(t, 1, { redis, onStoreLoss: 'memory' })
  const a = { session_id: handleOf(await call(strict, 'add')) }
  const b = { session_id: handleOf(await call(lenient, 'add')) }
  for (const [lose, back] of [
    [() => redis.stop(), () => redis.start()],
    [async () => redis.pause(), async () => redis.resume()],
  ] as const) {
    const before = (await call(strict, 'look', a)).structuredContent?.count ?? 0
    await lose()
    const from = performance.now()
    const [failed, fine] = await Promise.all([call(strict, 'add', a), call(lenient, 'add', b)])
    const ms = performance.now() - from
    t.comment(`answered after ${ms.toFixed(0)} ms`)
    t.equal(codeOf(failed), 'MESH_SESSION_UNAVAILABLE', failed.content[0]?.text ?? '')
    t.equal(fine.isError, undefined, fine.content[0]?.text ?? '')
    t.ok(ms < 3_000, 'it does not hang')
    t.equal((await fetch(new URL('/healthz', strict?.endpoint))).status, 200)
    t.equal(codeOf(await call(strict, 'look')), 'MESH_SESSION_UNAVAILABLE', 'no new session either')
    await back()
    await eventually(
      async () => !(await call(strict, 'look', a)).isError,
      'it is reached again',
      15_000,
    )
    const after = (await call(strict, 'look', a)).structuredContent?.count ?? 0
    t.ok(after === before || after === before + 1, 'what failed may have been written, once')
  }
  await eventually(async () => !(await call(lenient, 'add', b)).isError, 'it goes on')
  t.match(await call(lenient, 'look', b), { structuredContent: { count: 4 } }, 'nothing was lost')
})

t.test(
  'a store that is wanted and not named, or is none, is a clear error at the start',
  async t => {
    const registry = await fakeRegistry(t)
    const start = (store: string, env: Record<string, string>) =>
      runAgent(t, registry.url, {
        ...{ name: 'counter', code, env },
        spec: {
          session: { store: store as 'redis' },
          tools: [
            {
              ...{ name: 'look', handler: './handlers.ts#look', inputSchema: sessionSchema },
              session: { argument: 'session_id' },
            },
          ],
        },
      })
    await t.rejects(start('redis', {}), {
      code: 'MESH_SECRET_MISSING',
      message: /REDIS_URL is not set/,
    })
    await t.rejects(start('auto', { REDIS_URL: 'localhost:6379' }), { code: 'MESH_FIELD_INVALID' })
    const memory = await start('memory', { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' })
    t.match(memory.lines.join(''), /kept in the memory of this process/)
    const away = await start('auto', { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' })
    t.equal(codeOf(await call(away, 'look')), 'MESH_SESSION_UNAVAILABLE')
    t.notMatch(away.lines.join(''), /hunter2/)
  },
)
