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

async function pair(t: Test) {
  const redis = await startRedis(t)
  if (!redis) return undefined
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('counter', files)
  const runs = join(mesh.folder, 'runs')
  const start = () =>
    mesh.agent(`${folder}/mesh.yaml`, { env: { REDIS_URL: redis.url, RUNS: runs } })
  const [one, two] = await Promise.all([start(), start()])
  const ran = (mark: string) =>
    readFileSync(runs, 'utf8')
      .split('\n')
      .filter(line => line === mark).length
  const begun = await call(one, 'look')
  const session_id = begun._meta?.['mcp-mesh.dev/session']?.id ?? ''
  t.equal(begun._meta?.['mcp-mesh.dev/session']?.owner, one.instance, 'an answer names the owner')
  return { redis, one, two, ran, start, session_id }
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
    t.match(await call(two, 'add', { session_id }), {
      structuredContent: { count: 4, pid: one.pid },
    })
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
