/**
 * What becomes of sessions, and of calls under way, when their owner dies, stands still, or Redis forgets everything: on real
 * processes and a real Redis. Each handler writes down that it ran, so that nothing can run twice unseen.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createMesh, until, type AgentFiles, type RunningAgent } from '../support/mesh.ts'
import { startRedis } from '../support/redis.ts'

const files: AgentFiles = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: counter }
spec:
  version: 1.0.0
  session: { ttl: 10m }
  tools:
    - &tool
      name: add
      handler: ./count.ts#add
      timeout: 30s
      inputSchema: &schema
        type: object
        properties: { session_id: { type: string }, mark: { type: string }, mode: { type: string } }
      session: { argument: session_id }
    - { <<: *tool, name: look, handler: ./count.ts#look, annotations: { readOnlyHint: true } }
`,
  'count.ts': `import { appendFileSync } from 'node:fs'
export async function add({ mark = '', mode = '' }: any, deps: any, { session }: any) {
  appendFileSync(process.env.RUNS!, mark + '\\n')
  const count = (session.get('count') ?? 0) + 1
  session.set('count', count)
  if (mode === 'hang') await new Promise(resolve => setTimeout(resolve, 20_000))
  // Stands still when what it has set is on its way to Redis, and before the answer leaves.
  if (mode === 'freeze') {
    let turns = 500
    const wait = () => { if (turns-- > 0) queueMicrotask(wait); else setImmediate(() => { for (;;); }) }
    wait()
  }
  return { count, pid: process.pid }
}
export const look = ({}: any, deps: any, { session }: any) => ({ count: session.get('count') ?? 0, pid: process.pid })
`,
}

interface Answer {
  isError?: boolean
  structuredContent?: { count: number; pid: number }
  _meta?: {
    'mcp-mesh.dev/session'?: { id: string; owner: string }
    'mcp-mesh.dev/code'?: string
  }
  content?: { text: string }[]
}

async function pair(t: Test, more?: AgentFiles) {
  const redis = await startRedis(t)
  if (!redis) return undefined
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('counter', files)
  const runs = join(mesh.folder, 'runs')
  const start = () =>
    mesh.agent(`${folder}/mesh.yaml`, { env: { REDIS_URL: redis.url, RUNS: runs } })
  const [one, two, other] = await Promise.all([start(), start(), more && mesh.agent(more)])
  const ran = (mark: string) =>
    readFileSync(runs, 'utf8')
      .split('\n')
      .filter(line => line === mark).length
  // Under load a Redis that has just started may take its time.
  const begun = await until(async () => {
    const answer = await call(one, 'look')
    return answer.isError ? undefined : answer
  })
  const session_id = begun._meta?.['mcp-mesh.dev/session']?.id ?? ''
  t.equal(begun._meta?.['mcp-mesh.dev/session']?.owner, one.instance, 'an answer names the owner')
  return {
    ctl: (args: string[]) => mesh.meshctl(args),
    redis,
    one,
    two,
    other,
    ran,
    start,
    session_id,
  }
}

async function call(
  { endpoint }: RunningAgent,
  name: string,
  args: object = {},
  meta: object = {},
): Promise<Answer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' },
      ...{ 'mcp-method': 'tools/call', 'mcp-name': name },
      ...('session_id' in args && { 'mcp-param-session-id': String(args.session_id) }),
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
  const { result, error } = (await response.json()) as { result?: Answer; error?: object }
  return result ?? { isError: true, content: [{ text: JSON.stringify(error) }] }
}

const codeOf = (answer: Answer) => answer._meta?.['mcp-mesh.dev/code']
const keyed = (key: string) => ({ 'mcp-mesh.dev/idempotency-key': key })
const repeated = (key: string, { instance }: RunningAgent) => ({
  ...keyed(key),
  'mcp-mesh.dev/repeat': { instance, afterMs: 2_000 },
  'mcp-mesh.dev/timeout-ms': 20_000,
})

t.test('a key is known to whoever takes the session over', async t => {
  const mesh = await pair(t)
  if (!mesh) return
  const { one, two, ran, session_id } = mesh
  const args = { session_id, mark: 'answered' }
  const first = await call(one, 'add', args, keyed('k1'))
  t.match(first, { structuredContent: { count: 1 } })
  const hanging = call(
    one,
    'add',
    { session_id, mark: 'hanging', mode: 'hang' },
    keyed('k2'),
  ).catch(() => undefined)
  await until(() => ran('hanging') === 1)
  await one.stop('SIGKILL')
  await hanging

  const again = await call(two, 'add', args, repeated('k1', one))
  t.strictSame(again.structuredContent, first.structuredContent, 'answered before: the same again')
  t.equal((await call(two, 'add', args, keyed('k1'))).structuredContent?.count, 1, 'marked or not')
  t.equal(ran('answered'), 1, 'and it has run once')
  const other = await call(two, 'add', { session_id, mark: 'other' }, keyed('k1'))
  t.equal(codeOf(other), 'MESH_KEY_REUSED')
  const lost = await call(
    two,
    'add',
    { session_id, mark: 'hanging', mode: 'hang' },
    repeated('k2', one),
  )
  t.equal(codeOf(lost), 'MESH_CALL_FORGOTTEN', 'in doubt: it is not run a second time')
  t.equal(ran('hanging'), 1)
  const next = await call(two, 'add', { session_id, mark: 'next' }, repeated('k3', two))
  t.equal(codeOf(next), 'MESH_CALL_FORGOTTEN', 'as is one that was sent before the takeover')
  t.match(await call(two, 'add', { session_id, mark: 'new' }, keyed('k4')), {
    structuredContent: { count: 2 },
  })
})

t.test('an owner that stands still is replaced, and keeps nothing when it wakes', async t => {
  const mesh = await pair(t)
  if (!mesh) return
  const { one, two, ran, session_id } = mesh
  t.match(await call(two, 'add', { session_id, mark: 'a' }), { structuredContent: { count: 1 } })
  // It has written what it set, and its answer will not come.
  const from = performance.now()
  const frozen = await call(two, 'add', { session_id, mark: 'frozen', mode: 'freeze' })
  t.match(frozen, { structuredContent: { count: 2 } }, 'the session knows what was answered')
  t.equal(ran('frozen'), 1, 'and nothing ran twice')
  t.comment(`answered ${(performance.now() - from).toFixed(0)} ms after the owner froze`)
  t.match(await call(two, 'look', { session_id }), {
    structuredContent: { count: 2, pid: two.pid },
  })
  await one.stop('SIGKILL')

  const three = await mesh.start()
  process.kill(two.pid, 'SIGSTOP')
  const stopped = performance.now()
  const taken = await call(three, 'add', { session_id, mark: 'b' })
  const ms = performance.now() - stopped
  // Sent to one that stands still: it may have been executed, for all that anybody knows.
  const answer = codeOf(taken) === 'MESH_CALL_INTERRUPTED' ? undefined : taken
  const count = answer ? 3 : 2
  if (answer) t.match(answer, { structuredContent: { count } })
  t.match(await call(three, 'look', { session_id }), {
    structuredContent: { count, pid: three.pid },
  })
  t.comment(`replaced ${ms.toFixed(0)} ms after SIGSTOP`)
  t.ok(ms < 5_000, 'it is not waited for')
  process.kill(two.pid, 'SIGCONT')
  const woken = await call(two, 'add', { session_id, mark: 'c' })
  t.match(
    woken,
    { structuredContent: { count: count + 1, pid: three.pid } },
    'it runs nothing here',
  )
  t.equal(ran('c'), 1)
})

t.test(
  'Redis forgets everything: who owned last puts back, who was superseded does not',
  async t => {
    const mesh = await pair(t)
    if (!mesh) return
    const { redis, one, two, session_id } = mesh
    for (let i = 0; i < 3; i++) await call(one, 'add', { session_id })
    await redis.ask('FLUSHALL')
    const back = await call(two, 'add', { session_id })
    t.match(back, { structuredContent: { count: 4, pid: one.pid } }, back.content?.[0]?.text ?? '')
    process.kill(one.pid, 'SIGSTOP')
    await until(
      async () => (await call(two, 'look', { session_id })).structuredContent?.pid === two.pid,
    )
    t.match(await call(two, 'add', { session_id }), {
      structuredContent: { count: 5, pid: two.pid },
    })
    await redis.ask('FLUSHALL')
    process.kill(one.pid, 'SIGCONT')
    const woken = await call(one, 'add', { session_id })
    t.match(
      woken,
      { structuredContent: { count: 6, pid: two.pid } },
      woken.content?.[0]?.text ?? '',
    )
  },
)

const consumer: AgentFiles = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: consumer }
spec:
  version: 1.0.0
  tools:
    - name: drive
      handler: ./drive.ts#drive
      timeout: 60s
      dependencies: { add: { capability: add, deadline: 20s, timeout: 10s } }
`,
  'drive.ts': `export async function drive({ sessions = [], begin = 0, times = 1 }: any, { add }: any) {
  const ids = [...sessions]
  for (let i = 0; i < begin; i++)
    ids.push((await add.raw({}))._meta['mcp-mesh.dev/session'].id)
  const counts: Record<string, number> = {}
  for (let i = 0; i < times; i++)
    await Promise.all(ids.map(async (session_id: string) => { counts[session_id] = (await add({ session_id })).count }))
  return { ids, counts: ids.map((id: string) => counts[id]) }
}
`,
}

t.test('proxies learn who owns a session, and forwards are the exception', async t => {
  const mesh = await pair(t, consumer)
  if (!mesh?.other) return
  const { one, two, start, other } = mesh
  const three = await start()
  const owners = [one, two, three]
  await until(async () => (await call(other, 'drive', { begin: 1 })).isError !== true)
  const drive = async (args: object) => {
    const answer = (await call(other, 'drive', args)) as { structuredContent?: Driven } & Answer
    t.notOk(answer.isError, answer.isError ? JSON.stringify(answer.content) : 'well')
    return answer.structuredContent ?? { ids: [], counts: [] }
  }
  await until(async () => {
    await drive({ begin: 12 })
    return (await Promise.all(owners.map(each => figure(each, 'mesh_sessions')))).every(n => n > 0)
  })
  const { ids } = await drive({ begin: 30 })
  const before = await sumOf(owners, 'mesh_session_forwards_total')
  const { counts } = await drive({ sessions: ids, times: 20 })
  t.strictSame(new Set(counts), new Set([22]), '600 calls')
  const forwards = (await sumOf(owners, 'mesh_session_forwards_total')) - before
  t.comment(`${forwards} of 600 calls were handed on`)
  t.ok(forwards <= 6, 'nearly all went to the owner at once')

  const ctl = async (...args: string[]) => {
    const done = await mesh.ctl(args)
    t.equal(done.code, 0, done.stderr)
    return done.stdout
  }
  const { items } = JSON.parse(await ctl('get', 'sessions', '-o', 'json')) as {
    items: { id: string; owner: string; store: string }[]
  }
  t.ok(items.length > 30)
  t.match(items[0], { agent: 'counter', store: 'redis', calls: 0, isSaved: true })
  t.strictSame(new Set(items.map(({ owner }) => owner)), new Set(owners.map(o => o.instance)))
  const shown = await ctl('describe', 'session', items[0]?.id ?? '')
  t.match(shown, new RegExp(`Owner: +${items[0]?.owner}`))
  t.notMatch(JSON.stringify(items) + shown, ids[0]?.slice(0, 12) ?? '')
  t.match((await mesh.ctl(['describe', 'session/none'])).code, 4)
  t.match(await ctl('status'), /SESSIONS\n +INSTANCE +LIVE +STORE/)

  await one.stop('SIGKILL')
  const after = await drive({ sessions: ids, times: 5 })
  t.strictSame(new Set(after.counts), new Set([27]), 'the owner died, and its sessions go on')
  const moved = await sumOf([two, three], 'mesh_session_forwards_total')
  await drive({ sessions: ids, times: 10 })
  const late = (await sumOf([two, three], 'mesh_session_forwards_total')) - moved
  t.ok(late <= 6, `at owners that were learned anew: ${late} of 300 were handed on`)
  t.match(await ctl('drain', three.instance), / draining, \d+ sessions left\n$/)
})

interface Driven {
  ids: string[]
  counts: number[]
}

async function figure({ endpoint }: RunningAgent, name: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', endpoint))).text()
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? NaN)
}

async function sumOf(agents: readonly RunningAgent[], name: string): Promise<number> {
  const found = await Promise.all(agents.map(agent => figure(agent, name)))
  return found.reduce((sum, value) => sum + value, 0)
}
