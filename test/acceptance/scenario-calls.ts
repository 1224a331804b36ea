/** Scenarios of calls on real processes and sockets: what fails, and what must never run twice. Numbers are SCENARIOS.md's. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { callRaw } from '../support/call.ts'
import { cuttingLine, type CuttingLine, type LineMode } from '../support/cutting-line.ts'
import { createMesh, freePort, until, type AgentFiles, type Mesh } from '../support/mesh.ts'

/** How long the rolling restart goes on under load, in milliseconds: MESH_TEST_ROLLING_MS=30000 for longer. */
const rollingMs = Number(process.env['MESH_TEST_ROLLING_MS'] ?? 15_000)

/**
 * `look` is idempotent and `charge` is not. Each run of `charge` is a line of the file RUNS, written before anything else
 * can happen. `advertise` is the port under which others reach it, where that is not its own.
 */
const provider = (ports?: { port: number; advertise: number }): AgentFiles => ({
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${ports ? 'shop-on-a-line' : 'shop'} }
spec:
  version: 1.0.0
${ports ? `  http: { port: ${ports.port}, advertise: "http://127.0.0.1:${ports.advertise}/mcp" }` : ''}
  tools:
    - { name: look, handler: ./shop.ts#look, annotations: { idempotentHint: true } }
    - { name: charge, handler: ./shop.ts#charge }
`,
  'shop.ts': `import { appendFileSync } from 'node:fs'
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
export async function look({ ms = 0 }: any) {
  await sleep(ms)
  return { pid: process.pid }
}
export async function charge({ id, ms = 0, dies = false }: any) {
  appendFileSync(process.env.RUNS!, id + '\\n')
  if (dies) process.kill(process.pid, 'SIGKILL')
  await sleep(ms)
  return { charged: id }
}
`,
})

/** Calls what it is told to and reports the outcome; `load` calls both tools at a rate, until it is told to stop. */
const consumer = (policy: string): AgentFiles => ({
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: till }
spec:
  version: 1.0.0
  policy: ${policy}
  tools:
    - &tool
      name: one
      handler: ./till.ts#one
      dependencies: { look: { capability: look }, charge: { capability: charge } }
    - { <<: *tool, name: load, handler: ./till.ts#load, timeout: 2m }
    - { name: stop, handler: ./till.ts#stop }
`,
  'till.ts': `let stopped = false
const outcome = async (call: () => Promise<unknown>) => {
  const from = performance.now()
  const [value, error]: any = await call().then(value => [value], error => [undefined, error])
  const ms = performance.now() - from
  return { value, ms, ...(error && { code: error.code ?? 'none', message: error.message }) }
}
export const one = ({ tool, args }: any, deps: any) => outcome(() => deps[tool](args))
export const stop = () => { stopped = true; return {} }
export async function load({ perSecond }: any, deps: any) {
  stopped = false
  const calls: Promise<any>[] = []
  const from = performance.now()
  let pending = 0
  for (let n = 0; !stopped; n++) {
    const due = from + (n * 1_000) / perSecond
    // where the machine is too busy for the rate it is lower, and no queue grows
    while (performance.now() < due || pending >= 16) await new Promise(resolve => setTimeout(resolve, 1))
    const id = 'load-' + n
    const tool = n % 2 === 0 ? 'look' : 'charge'
    pending++
    calls.push(
      outcome(() => deps[tool]({ id, ms: 5 })).then(o => {
        pending--
        return { ...o, tool, id }
      }),
    )
  }
  const outcomes = await Promise.all(calls)
  return { calls: outcomes.length, failed: outcomes.filter(o => o.code) }
}
`,
})

interface Outcome {
  value?: { pid?: number; charged?: string }
  ms: number
  code?: string
  message?: string
  tool?: string
  id?: string
}

/** Of the tests under load: a busy machine is no failing provider. */
const patient = '{ timeout: 20s, deadline: 60s }'

/** A mesh with a registry, a consumer, and a way to start providers. */
async function shops(t: Test, policy: string) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const runs = join(mesh.folder, 'runs')
  writeFileSync(runs, '')
  const env = { RUNS: runs }
  const till = await mesh.agent(consumer(policy))
  const ran = () => readFileSync(runs, 'utf8').split('\n').filter(Boolean)
  const call = async (tool: 'look' | 'charge', args: object = {}): Promise<Outcome> =>
    (await callRaw(till.endpoint, 'one', { tool, args })).structuredContent as Outcome
  const load = async (perSecond: number) =>
    (await callRaw(till.endpoint, 'load', { perSecond })).structuredContent as {
      calls: number
      failed: Outcome[]
    }
  const folder = mesh.write('shop', provider())
  return {
    ...{ mesh, ran, call, load },
    stop: () => callRaw(till.endpoint, 'stop'),
    shop: () => mesh.agent(join(folder, 'mesh.yaml'), { env }),
    /** A provider that others reach over a line. */
    lined: async (): Promise<{ line: CuttingLine; pid: number }> => {
      const port = await freePort()
      const line = await cuttingLine(t, port)
      const { pid } = await mesh.agent(provider({ port, advertise: line.port }), { env })
      return { line, pid }
    },
    wired: (count: number) => until(() => wiredTo(mesh, count), { what: `${count} endpoints` }),
  }
}

async function wiredTo(mesh: Mesh, count: number): Promise<boolean> {
  const till = (await mesh.agents()).find(agent => agent.metadata.name === 'till')
  const [resolution] = till?.status.resolutions ?? []
  return resolution?.endpoints.length === count
}

t.test(
  '22: what is not idempotent and whose provider dies under it is never run twice',
  async t => {
    const { shop, wired, call, ran } = await shops(t, 'default')
    for (let i = 0; i < 2; i++) await shop()
    await wired(2)
    const outcome = await call('charge', { id: 'x', dies: true })
    t.match(outcome, { code: 'MESH_CALL_INTERRUPTED', message: /may have been executed/ })
    t.strictSame(ran(), ['x'], 'once, though another instance would have taken it')
    t.match(await call('charge', { id: 'y' }), { value: { charged: 'y' } }, 'the other one serves')
  },
)

t.test(
  '22: an answer that is lost on its way comes with the repeat, and nothing runs twice',
  async t => {
    const { lined, wired, call, ran } = await shops(t, '{ timeout: 3s, deadline: 10s }')
    const { line } = await lined()
    await wired(1)
    line.isCutOnce = true
    t.match(await call('charge', { id: 'answer-lost' }), { value: { charged: 'answer-lost' } })
    t.equal(line.posts, 2, 'it was asked twice')
    const running = call('charge', { id: 'cut-while-it-ran', ms: 300 })
    await until(() => ran().includes('cut-while-it-ran'))
    line.cut()
    t.match(await running, { value: { charged: 'cut-while-it-ran' } })
    t.strictSame(ran(), ['answer-lost', 'cut-while-it-ran'])
  },
)

t.test('22: an attempt that times out is asked for again, and runs once', async t => {
  const retries = '{ attempts: 3, on: [unavailable, timeout] }'
  const policy = `{ timeout: 250ms, deadline: 5s, retries: ${retries} }`
  const { lined, wired, call, ran } = await shops(t, policy)
  await lined()
  await wired(1)
  t.match(await call('charge', { id: 'slow', ms: 400 }), { value: { charged: 'slow' } })
  t.strictSame(ran(), ['slow'])
})

t.test('23: a healthy instance takes the traffic of one that fails, in whatever way', async t => {
  const retries =
    '{ attempts: 3, backoff: { initial: 10ms, max: 50ms }, on: [unavailable, timeout], budget: 20% }'
  const policy = `{ timeout: 1500ms, deadline: 8s, retries: ${retries}, ejection: { failures: 2, for: 1m, max: 50% } }`
  for (const mode of ['refuse', 'hang', 'cut'] as LineMode[]) {
    const { lined, shop, wired, call } = await shops(t, policy)
    const { line, pid } = await lined()
    await shop()
    await wired(2)
    while ((await call('look')).value?.pid !== pid); // it is called at all, and answers
    line.mode = mode
    line.cut()
    const before = line.posts
    const outcomes: Outcome[] = []
    for (let i = 0; i < 60; i++) outcomes.push(await call('look'))
    t.strictSame(
      outcomes.filter(({ code }) => code !== undefined),
      [],
      `${mode}: no call failed`,
    )
    const sent = line.posts - before
    t.ok(sent <= 4, `${mode}: the failing one got ${sent} of 60`)
    const late = outcomes.slice(20).filter(({ ms }) => ms >= 1_400)
    t.strictSame(late, [], `${mode}: once it is known nobody waits for it`)
  }
})

t.test('23: repeats stay within the budget, the breaker opens, and closes by itself', async t => {
  const retries =
    '{ attempts: 3, backoff: { initial: 1ms, max: 2ms }, on: [unavailable, timeout], budget: 20% }'
  const policy = (breaker: string) =>
    `{ timeout: 2s, deadline: 5s, retries: ${retries}, ejection: none, breaker: ${breaker} }`
  const closed = await shops(t, policy('none'))
  const alone = await closed.lined()
  await closed.wired(1)
  alone.line.mode = 'cut'
  const from = performance.now()
  for (let i = 0; i < 100; i++)
    t.match(await closed.call('look'), { code: 'MESH_CALL_INTERRUPTED' })
  const seconds = (performance.now() - from) / 1_000
  const most = 100 + 0.2 * 100 + 10 + Math.ceil(seconds)
  t.ok(alone.line.posts <= most, `${alone.line.posts} requests for 100 calls, at most ${most}`)
  t.ok(alone.line.posts >= 115, 'and repeats there were')
  t.match(await closed.call('look'), { message: /the retry budget of the capability, 20 %/ })

  const { lined, wired, call } = await shops(t, policy('{ failures: 5, open: 1s }'))
  const { line } = await lined()
  await wired(1)
  t.match(await call('look'), { value: {} })
  line.mode = 'refuse'
  line.cut()
  for (let i = 0; i < 5; i++) {
    const { code } = await call('look')
    t.not(code, undefined)
    t.not(code, 'MESH_BREAKER_OPEN')
  }
  const opened = performance.now()
  const before = line.posts
  const refused = await call('look')
  t.match(refused, {
    code: 'MESH_BREAKER_OPEN',
    message:
      /^till\.one -> look: the breaker has been open for .* it tries again in .*; the last failure: till\.one -> look/,
  })
  t.ok(refused.ms < 500, `at once: ${refused.ms.toFixed(1)} ms`)
  t.equal(line.posts, before, 'nothing was sent')
  line.mode = 'pass'
  await until(async () => (await call('look')).value !== undefined)
  const openMs = performance.now() - opened
  t.ok(openMs > 900 && openMs < 10_000, `half-open after its time: ${openMs.toFixed(0)} ms`)
  for (let i = 0; i < 10; i++) t.match(await call('look'), { value: {} }, 'closed')
})

t.test(
  '5: SIGKILL of one of three under load fails no idempotent call and runs no other twice',
  async t => {
    const { shop, wired, load, stop, ran } = await shops(t, patient)
    const [first] = [await shop(), await shop(), await shop()]
    await wired(3)
    const loading = load(200)
    await until(() => ran().length > 50)
    process.kill(first.pid, 'SIGKILL')
    const at = ran().length
    await until(() => ran().length > at + 150)
    await stop()
    const { calls, failed } = await loading
    t.comment(`${calls} calls, ${failed.length} that may have run in the killed process`)
    t.strictSame(
      failed.filter(({ tool }) => tool === 'look'),
      [],
      'no idempotent call failed',
    )
    t.strictSame(
      failed.filter(
        f => f.code !== 'MESH_CALL_INTERRUPTED' || !f.message?.includes('may have been'),
      ),
      [],
      'the others say that they may have run',
    )
    t.ok(failed.length <= 16, `only those that ran there: ${failed.length}`)
    t.equal(new Set(ran()).size, ran().length, 'nothing ran twice')
  },
)

t.test(`24: a rolling restart of three instances under load for ${rollingMs} ms`, async t => {
  const { shop, wired, load, stop, ran } = await shops(t, patient)
  const running = [await shop(), await shop(), await shop()]
  await wired(3)
  const loading = load(200)
  const ends = performance.now() + rollingMs
  let restarts = 0
  for (; restarts < 3 || performance.now() < ends; restarts++) {
    const old = running.shift()
    t.equal((await old?.stop())?.code, 0)
    running.push(await shop())
    await wired(3)
  }
  await stop()
  const { calls, failed } = await loading
  t.comment(`${calls} calls during ${restarts} restarts`)
  t.strictSame(failed, [], 'no call failed')
  t.ok(calls > 500, `${calls} calls`)
  const charged = Math.floor(calls / 2)
  t.equal(new Set(ran()).size, charged, 'each ran')
  t.equal(ran().length, charged, 'and once')
})
