import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { fakeRegistry } from '../../support/fake-registry.ts'
import { callTool, eventually, runAgent, type Described } from '../../support/run-agents.ts'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** What the provider's handlers did; agents of a test run in this process. */
interface State {
  made: number
  ended: string[]
  aborted: number
  arrived: number[]
}
const state: State = { made: 0, ended: [], aborted: 0, arrived: [] }
Object.assign(globalThis, { streamState: state })

const handler = './handlers.ts#'
const values = `[[], {}, '', 0, null, false, 'text', 'é😀\\u2028\\ud800"\\\\\\n', undefined, { a: { b: [null] } }, -1.5]`
const provider: Described = {
  name: 'provider',
  code: `
    const state = globalThis.streamState
    const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
    export async function* count({ to = 3, fail = false, pauseMs = 0 }) {
      try {
        for (let i = 1; i <= to; i++) {
          state.made = i
          yield i
          if (pauseMs > 0) await sleep(pauseMs)
        }
        if (fail) throw new Error('no luck after ' + to)
        return { counted: to }
      } finally { state.ended.push('count') }
    }
    export async function* give() { yield* ${values}; return [] }
    export async function* big() {
      for (let i = 0; i < 1000; i++) { state.made = i + 1; yield String(i).padEnd(100_000, 'x') }
    }
    export async function* huge() { yield 'é'.repeat(5_000_000); return 'x'.repeat(10_000_000) }
    export async function* hang(args, deps, { signal }) {
      try {
        yield 'first'
        await new Promise((_, reject) => signal.addEventListener('abort', () => { state.aborted++; reject(signal.reason) }))
      } finally { state.ended.push('hang') }
    }
    export const plain = () => 'just this'
    export const report = (args, deps, { progress }) => { progress(1, { total: 2, message: 'half' }); progress(2, { total: 2 }); return 'done' }
    export async function* endless() { for (;;) yield 1 }
  `,
  spec: {
    tools: ['count', 'give', 'big', 'huge', 'hang', 'plain', 'report', 'endless'].map(name => ({
      ...{ name, handler: `${handler}${name}`, timeout: '5s' },
      ...(name === 'count' && { annotations: { idempotentHint: true } }),
    })),
  },
}
const relay: Described = {
  name: 'relay',
  code: `
    export const pass = name => (args, deps) => deps[name].stream(args)
    export const count = pass('count'), give = pass('give'), big = pass('big'), hang = pass('hang'), huge = pass('huge')
  `,
  spec: {
    tools: ['count', 'give', 'big', 'hang', 'huge'].map(name => ({
      ...{ name: `relay_${name}`, handler: `${handler}${name}`, capability: `far_${name}` },
      dependencies: { [name]: { capability: name, timeout: '3s', deadline: '5s' } },
    })),
  },
}
const dependencies = Object.fromEntries(
  [
    ...['count', 'give', 'big', 'huge', 'hang', 'plain', 'report', 'endless'],
    ...['far_count', 'far_give', 'far_big', 'far_hang', 'far_huge'],
  ].map(capability => [capability, { capability, timeout: '3s', deadline: '5s' }]),
)
const consumer: Described = {
  name: 'consumer',
  code: `
    const state = globalThis.streamState
    const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
    export async function all({ of, args, upTo = Infinity, pauseMs = 0 }, deps) {
      const got = { chunks: [], progress: [] }
      const began = performance.now()
      const stream = deps[of].stream(args, { onProgress: note => got.progress.push(note) })
      try {
        for (;;) {
          const step = await stream.next()
          if (step.done) return { ...got, result: step.value }
          got.chunks.push(typeof step.value === 'string' && step.value.length > 1000 ? step.value.length : step.value)
          state.arrived.push(performance.now() - began)
          if (got.chunks.length >= upTo) { await stream.return(); return got }
          if (pauseMs > 0) await sleep(pauseMs)
        }
      } catch (error) { return { ...got, code: error.code, message: error.message } }
    }
    export async function same({ of }, deps) {
      const expected = ${values}
      const got = []
      for await (const chunk of deps[of].stream()) got.push(chunk)
      const isSame = (a, b) => typeof a === typeof b && JSON.stringify(a) === JSON.stringify(b)
      return got.length === expected.length && expected.every((value, i) => isSame(value, got[i]))
    }
    export const call = ({ of, args }, deps) => deps[of](args)
    export async function leave({ of }, deps) { await deps[of].stream().next(); return 'left it open' }
    export async function never({ of }, deps) { deps[of].stream(); return 'not begun' }
  `,
  spec: {
    tools: ['all', 'same', 'call', 'leave', 'never'].map(name => ({
      ...{ name, handler: `${handler}${name}`, dependencies },
    })),
  },
}

async function mesh(t: Test) {
  const registry = await fakeRegistry(t)
  const p = await runAgent(t, registry.url, provider)
  const r = await runAgent(t, registry.url, relay)
  const c = await runAgent(t, registry.url, consumer)
  await eventually(() => registry.watchers().length === 3, 'all watch')
  Object.assign(state, { made: 0, ended: [], aborted: 0, arrived: [] })
  const run = async (tool: string, args: object) => {
    const result = await callTool(c.endpoint, tool, args)
    if (result.isError) throw new Error(result.content[0]?.text)
    return (result.structuredContent ?? result.content[0]?.text) as Record<string, unknown>
  }
  return { registry, p, r, c, run }
}

t.test('chunks and result come over one hop and two, in order, each value exactly', async t => {
  const { run } = await mesh(t)
  for (const hop of ['', 'far_']) {
    t.strictSame(await run('all', { of: `${hop}count`, args: { to: 500 } }), {
      chunks: Array.from({ length: 500 }, (_, i) => i + 1),
      progress: [],
      result: { counted: 500 },
    })
    t.equal(await run('same', { of: `${hop}give` }), true)
    t.strictSame(await run('all', { of: `${hop}huge` }), {
      chunks: [5_000_000],
      progress: [],
      result: 'x'.repeat(10_000_000),
    })
    t.strictSame(await run('all', { of: `${hop}count`, args: { to: 0 } }), {
      chunks: [],
      progress: [],
      result: { counted: 0 },
    })
    t.strictSame(await run('call', { of: `${hop}count` }), { counted: 3 }, 'a plain call')
    const failed = await run('all', { of: `${hop}count`, args: { to: 2, fail: true } })
    t.match(failed, { chunks: [1, 2], code: 'MESH_TOOL_FAILED', message: /no luck after 2/ })
  }
  t.strictSame(await run('all', { of: 'plain' }), {
    chunks: [],
    progress: [],
    result: 'just this',
  })
  t.strictSame(await run('all', { of: 'report' }), {
    chunks: [],
    progress: [
      { progress: 1, total: 2, message: 'half' },
      { progress: 2, total: 2 },
    ],
    result: 'done',
  })
})

t.test('chunks arrive as they are made', async t => {
  const { run } = await mesh(t)
  for (const edge of ['count', 'far_count']) {
    state.arrived = []
    await run('all', { of: edge, args: { to: 5, pauseMs: 150 } })
    const [first, ...rest] = state.arrived
    const apart = rest.at(-1)! - first!
    t.ok(apart >= 300, `${edge}: the last, made 600 ms after the first, came ${apart} ms after it`)
  }
})

t.test('breaking out aborts the provider over one hop and two', async t => {
  const { run } = await mesh(t)
  for (const [i, edge] of ['hang', 'far_hang'].entries()) {
    t.match(await run('all', { of: edge, upTo: 1 }), { chunks: ['first'] })
    await eventually(() => state.aborted === i + 1, `${edge}: its signal aborts`)
    await eventually(() => state.ended.length === i + 1, `${edge}: its finally runs`)
  }
  t.equal(await run('leave', { of: 'far_hang' }), 'left it open')
  await eventually(() => state.ended.length === 3, 'what a handler leaves open ends with it')
  t.equal(await run('never', { of: 'count' }), 'not begun')
  t.equal(state.made, 0, 'nothing is sent before the first chunk is asked for')
  const calling = callTool(
    (await mesh(t)).c.endpoint,
    'all',
    { of: 'far_hang' },
    { signal: AbortSignal.timeout(300) },
  )
  await t.rejects(calling)
  await eventually(() => state.aborted === 1, 'a caller that goes away reaches the last hop')
})

t.test('a slow reader slows the provider, over two hops too', async t => {
  const { run } = await mesh(t)
  for (const edge of ['big', 'far_big']) {
    state.made = 0
    const got = await run('all', { of: edge, upTo: 5, pauseMs: 100 })
    t.strictSame(got['chunks'], Array(5).fill(100_000))
    // 100 kB each: what sockets and their buffers take, and not the 1,000 that could have been made meanwhile
    t.ok(state.made < 200, `${edge}: ${state.made} chunks were made for 5 that were read`)
  }
})

t.test('a plain call of a stream without end ends with its time and takes no memory', async t => {
  const { run, p } = await mesh(t)
  const heap = () => {
    gc()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  const calling = run('call', { of: 'endless' })
  await t.rejects(calling, /MESH_TIMEOUT_ELAPSED|MESH_DEADLINE_EXCEEDED/)
  t.ok(heap() - before < 20e6, 'nothing is kept of it')
  t.match(await callTool(p.endpoint, 'plain'), { content: [{ text: 'just this' }] }, 'it lives')
})

t.test('stream: never asks for no chunks', async t => {
  const registry = await fakeRegistry(t)
  await runAgent(t, registry.url, provider)
  const [all] = consumer.spec.tools ?? []
  const count = { capability: 'count', stream: 'never' } as const
  const spec = { tools: [{ ...all!, dependencies: { count } }] }
  const c = await runAgent(t, registry.url, { ...consumer, spec })
  await eventually(() => registry.watchers().length === 2, 'both watch')
  const { structuredContent } = await callTool(c.endpoint, 'all', { of: 'count' })
  t.strictSame(structuredContent, { chunks: [], progress: [], result: { counted: 3 } })
})

t.test('silence is bounded by timeout, the whole by deadline', async t => {
  const registry = await fakeRegistry(t)
  await runAgent(t, registry.url, provider)
  const [all] = consumer.spec.tools ?? []
  const edge = { count: { capability: 'count', timeout: '200ms', deadline: '900ms' } }
  const hang = { hang: { capability: 'hang', timeout: '200ms', deadline: '900ms' } }
  const c = await runAgent(t, registry.url, {
    ...consumer,
    spec: { tools: [{ ...all!, dependencies: { ...edge, ...hang } }] },
  })
  await eventually(() => registry.watchers().length === 2, 'both watch')
  const run = async (args: object) => (await callTool(c.endpoint, 'all', args)).structuredContent
  t.match(await run({ of: 'count', args: { to: 5, pauseMs: 100 } }), {
    chunks: [1, 2, 3, 4, 5],
    result: { counted: 5 },
  })
  t.match(await run({ of: 'hang' }), {
    chunks: ['first'],
    code: 'MESH_TIMEOUT_ELAPSED',
    message: /consumer\.all -> hang: .* sent nothing more within 200ms/,
  })
  t.match(
    await run({ of: 'count', pauseMs: 250, args: { to: 3 } }),
    { chunks: [1, 2, 3], result: { counted: 3 } },
    'the time of the reader is its own',
  )
  t.match(await run({ of: 'count', args: { to: 50, pauseMs: 100 } }), {
    code: 'MESH_DEADLINE_EXCEEDED',
    message: /consumer\.all -> count/,
  })
})

t.test('a stream that has begun is never begun again', async t => {
  const { registry, c } = await mesh(t)
  const key = 'all/count'
  let asked = 0
  const note = (progress: number) =>
    `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress, message: `${progress}`, _meta: { 'mcp-mesh.dev/chunk': {} } } })}\n\n`
  const answers: Record<string, string> = { begun: note(1), silent: '' }
  for (const [name, text] of Object.entries(answers)) {
    asked = 0
    const broken = createServer((_request, response) => {
      asked++
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(text)
      response.flushHeaders()
      setTimeout(() => response.destroy(), 50)
    })
    await new Promise<void>(resolve => broken.listen(0, '127.0.0.1', resolve))
    t.teardown(() => new Promise(resolve => broken.close(resolve)))
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/mcp`
    const announced = registry.announcements.find(a => a.agent === 'provider')!
    const endpoints = ['a', 'b'].map(instance => ({
      ...{ instance: `${instance}-${name}`, agent: 'provider', namespace: 'default', url },
      ...{ tool: 'count', version: '1.0.0', tags: [], score: 0 },
      ...{ isRepeatable: true, deduplicates: false },
    }))
    t.ok(announced)
    registry.push(c.instance, {
      type: 'resolutions',
      settling: false,
      resolutions: {
        [key]: {
          ...{ tool: 'all', dependency: 'count', required: true, alternative: 0 },
          ...{ capability: 'count', endpoints },
        },
      },
    })
    await eventually(async () => {
      const { structuredContent } = await callTool(c.endpoint, 'all', { of: 'count' })
      t.match(structuredContent, {
        chunks: name === 'begun' ? ['1'] : [],
        code: 'MESH_CALL_INTERRUPTED',
      })
      return asked > 0
    }, 'the broken endpoint is asked')
    t.equal(asked === 1, name === 'begun', `${name}: asked ${asked} times`)
  }
})
