/**
 * Scenarios 31 to 33 of SCENARIOS.md on real processes, a real Redis and a round-robin TCP balancer; and examples/counter as
 * its README tells it. MESH_TEST_SESSION_CALLS=20000 makes more of it: one client a 100 calls, 2.5 sessions a client.
 */
import { Agent, request } from 'node:http'
import t, { type Test } from 'tap'
import { balancer } from '../support/balancer.ts'
import { callRaw } from '../support/call.ts'
import { createMesh, until, type AgentFiles, type RunningAgent } from '../support/mesh.ts'
import { startRedis, type Redis } from '../support/redis.ts'

const wanted = Number(process.env['MESH_TEST_SESSION_CALLS'] ?? 3_000)
const clients = Math.max(Math.round(wanted / 100), 10)
const sessions = Math.round(clients * 2.5)

const counter: AgentFiles = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: counter }
spec:
  version: 1.0.0
  session: { ttl: 10m }
  tools:
    - &tool
      name: count
      handler: ./count.ts#count
      inputSchema: { type: object, properties: { session_id: { type: string } } }
      session: { argument: session_id }
    - { <<: *tool, name: look, handler: ./count.ts#look, annotations: { readOnlyHint: true } }
`,
  'count.ts': `export function count({}: any, deps: any, { session }: any) {
  const count = (session.get('count') ?? 0) + 1
  session.set('count', count)
  return { count, pid: process.pid }
}
export const look = ({}: any, deps: any, { session }: any) => ({ count: session.get('count') ?? 0 })
`,
}

interface Answer {
  isError?: boolean
  structuredContent?: { count: number; pid: number }
  _meta?: Record<string, unknown>
  content?: { text: string }[]
}

/** Undefined where the answer did not come: whether the call ran is not known then. */
function call(agent: Agent, url: string, name: string, args: object): Promise<Answer | undefined> {
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
    params: { name, arguments: args },
  })
  const headers = {
    ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  }
  return new Promise(resolve => {
    const sent = request(url, { method: 'POST', agent, headers, timeout: 30_000 }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('close', () => {
        const json = /^data: (.*)$/m.exec(text)?.[1] ?? text
        if (!response.complete || json === '') return resolve(undefined)
        const { result, error } = JSON.parse(json) as { result?: Answer; error?: object }
        resolve(result ?? { isError: true, _meta: { refused: error } })
      })
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(undefined))
    sent.end(body)
  })
}

async function fleet(t: Test, redis: Redis) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('counter', counter)
  const start = () => mesh.agent(`${folder}/mesh.yaml`, { env: { REDIS_URL: redis.url } })
  const running: RunningAgent[] = await Promise.all([start(), start(), start()])
  const url = await balancer(t, () => running.map(({ endpoint }) => Number(new URL(endpoint).port)))
  return { mesh, running, start, url }
}
type Fleet = Awaited<ReturnType<typeof fleet>>

/** So many calls by so many clients on so many sessions; what each session was told, and where it ran. */
async function load(
  { url }: Fleet,
  { calls, onCall }: { calls: number; onCall: (n: number) => void },
) {
  const agent = new Agent({ keepAlive: false })
  const begun = await Promise.all(
    Array.from({ length: sessions }, () => call(agent, url, 'look', {})),
  )
  const ids = begun.map(answer => (answer?._meta?.['mcp-mesh.dev/session'] as { id: string }).id)
  const state = ids.map(id => ({
    id,
    acknowledged: 0,
    unknown: 0,
    highest: 0,
    pids: new Set<number>(),
  }))
  const faults: string[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (let n = next++; n < calls; n = next++) {
        onCall(n)
        const session = state[Math.floor(Math.random() * sessions)]
        if (!session) continue
        const answer = await call(agent, url, 'count', { session_id: session.id })
        const { count = 0, pid = 0 } = answer?.structuredContent ?? {}
        if (answer && !answer.isError) {
          session.acknowledged++
          session.highest = Math.max(session.highest, count)
          session.pids.add(pid)
        } else session.unknown++
        const text = answer?.content?.[0]?.text ?? JSON.stringify(answer?._meta ?? 'no answer')
        if (!answer || answer.isError) faults.push(text)
      }
    }),
  )
  const counts = await Promise.all(
    state.map(async ({ id }) => {
      const answer = await until(async () => {
        const answer = await call(agent, url, 'look', { session_id: id })
        return answer?.isError === true ? undefined : answer
      })
      return answer.structuredContent?.count ?? -1
    }),
  )
  agent.destroy()
  return { state, counts, faults }
}

async function forwards(running: readonly RunningAgent[], name: string): Promise<number> {
  const texts = running.map(async ({ endpoint }) =>
    (await fetch(new URL('/metrics', endpoint))).text(),
  )
  const found = (await Promise.all(texts)).map(text =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0),
  )
  return found.reduce((sum, count) => sum + count, 0)
}

t.test('31: behind a balancer every call of a session runs on its owner', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const mesh = await fleet(t, redis)
  const { state, counts, faults } = await load(mesh, { calls: wanted, onCall: () => undefined })
  t.strictSame(faults, [], 'no call failed')
  t.ok(
    state.every(({ pids }) => pids.size === 1),
    'each session ran on one instance',
  )
  t.strictSame(
    counts,
    state.map(({ acknowledged }) => acknowledged),
    'and every count is exact',
  )
  const share =
    (await forwards(mesh.running, 'mesh_session_forwards_total')) / (wanted + 2 * sessions)
  t.comment(
    `${wanted} calls, ${sessions} sessions, ${clients} clients, ${Math.round(share * 100)} % forwarded`,
  )
  t.ok(share > 0.5 && share < 0.8, 'two of three arrive elsewhere')
})

t.test(
  '32: instances are killed and started meanwhile, and Redis once: what was acknowledged is counted, once',
  async t => {
    const redis = await startRedis(t)
    if (!redis) return
    const mesh = await fleet(t, redis)
    let kills = 0
    let killing: Promise<void> = Promise.resolve()
    let restarted: Promise<void> = Promise.resolve()
    const takeovers: number[] = []
    const kill = async () => {
      const victim = mesh.running.shift()
      if (!victim) return
      await victim.stop('SIGKILL')
      kills++
      mesh.running.push(await mesh.start())
    }
    const { state, counts, faults } = await load(mesh, {
      calls: wanted,
      onCall(n) {
        if (n % Math.round(wanted / 5) === Math.round(wanted / 10)) killing = killing.then(kill)
        if (n === Math.round(wanted / 2)) restarted = redis.stop().then(() => redis.start())
      },
    })
    await killing
    await restarted
    t.ok(kills >= 3, `${kills} kills`)
    for (const [i, { acknowledged, unknown, highest }] of state.entries()) {
      const count = counts[i] ?? -1
      if (count < acknowledged || count > acknowledged + unknown || count < highest)
        t.fail(
          `session ${i}: ${count}, of ${acknowledged} acknowledged and ${unknown} unknown calls`,
        )
    }
    t.comment(
      `${wanted} calls, ${kills} kills, one restart of Redis, ${faults.length} calls failed`,
    )
    const kinds = new Set(faults.map(text => /MESH_\w+|no answer|ECONN\w+/.exec(text)?.[0] ?? text))
    t.comment([...kinds].join(' '))
    t.ok(faults.length < wanted / 4, 'most calls went through')

    // Takeover: from SIGKILL of the owner to the next answer, for each of its sessions.
    const agent = new Agent({ keepAlive: false })
    for (let i = 0; i < 5; i++) {
      const [owner, other] = mesh.running
      if (!owner || !other) return void t.fail('two instances run')
      const begun = await Promise.all(
        Array.from({ length: 20 }, () => call(agent, owner.endpoint, 'count', {})),
      )
      const from = performance.now()
      process.kill(owner.pid, 'SIGKILL')
      const takeOver = async (first: Awaited<ReturnType<typeof call>>) => {
        const { id = '' } = (first?._meta?.['mcp-mesh.dev/session'] ?? {}) as { id?: string }
        const answer = await until(async () => {
          const answer = await call(agent, other.endpoint, 'count', { session_id: id })
          return answer?.isError === true ? undefined : answer
        })
        takeovers.push(performance.now() - from)
        return answer.structuredContent?.count
      }
      const counts = await Promise.all(begun.map(takeOver))
      t.strictSame(new Set(counts), new Set([2]), 'with the state of the last call')
      await owner.ended
      mesh.running.splice(0, 1, await mesh.start())
    }
    agent.destroy()
    const p99 = takeovers.sort((a, b) => a - b)[Math.ceil(takeovers.length * 0.99) - 1] ?? Infinity
    t.comment(`takeover after SIGKILL: p99 ${p99.toFixed(0)} ms of ${takeovers.length}`)
    t.ok(p99 < 1_000, 'within a second')
  },
)

t.test('examples/counter works as its README says', async t => {
  const mesh = await createMesh(t)
  const ctl = async (...args: string[]) => {
    const done = await mesh.meshctl(args, { cwd: process.cwd(), env: { REDIS_URL: undefined } })
    t.equal(done.code, 0, done.stderr)
    return done.stdout
  }
  await ctl('start', 'examples/counter', '--detach')
  const first = JSON.parse(await ctl('call', 'count')) as { total: number; session_id: string }
  t.match(first, { total: 1, session_id: /^[\w-]{82}$/ })
  const { session_id } = first
  const second = await ctl('call', 'count', JSON.stringify({ by: 41, session_id }))
  t.match(JSON.parse(second), { total: 42, session_id })
  const [agent] = await mesh.agents()
  const endpoint = agent?.status.instances[0]?.endpoint ?? ''
  t.match(await callRaw(endpoint, 'reset', { session_id }), { content: [{ text: 'forgotten' }] })
  const late = await mesh.meshctl(['call', 'count', JSON.stringify({ session_id })])
  t.match(late.stderr, /count: MESH_SESSION_EXPIRED: the session has ended/)
  await ctl('stop')
})
