/** Over real sockets, on the fast path and by the SDK alike. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { deduplicate } from '../../../runtime/mcp/deduplicate.ts'
import type { ServedTool } from '../../../runtime/mcp/tools.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { encodeValue } from '../../../runtime/proxy/values.ts'
import { modernCall, serveTools, type ServeOptions } from '../../support/serve-tools.ts'

interface Answer {
  content: { text: string }[]
  structuredContent?: { count: number }
  isError?: boolean
  _meta?: Record<string, unknown>
}

const key = 'mcp-mesh.dev/idempotency-key'
/** Marks a repeat, first sent so long ago to this instance. */
const again = (afterMs = 10, instance = 'served-1') => ({
  'mcp-mesh.dev/repeat': { instance, afterMs },
})
const code = 'mcp-mesh.dev/code'

/** Tools that count how often they ran: at once, when told to, and with an answer of some size. */
async function counting(
  t: Test,
  { more: others, ...more }: Partial<ServeOptions> & { more?: Record<string, Handler> } = {},
) {
  const state = { runs: 0, aborted: 0, release: () => undefined as void }
  const held = new Promise<void>(resolve => (state.release = resolve))
  const { url } = await serveTools(t, {
    tools: {
      count: () => ({ count: ++state.runs }),
      other: () => ({ count: ++state.runs }),
      hold: async (_args, _deps, { signal }) => {
        const count = ++state.runs
        signal.addEventListener('abort', () => state.aborted++)
        await held
        return { count }
      },
      fail: () => {
        throw new Error(`failed ${++state.runs}`)
      },
      large: () => {
        state.runs++
        return 'x'.repeat(100_000)
      },
      ...others,
    },
    ...more,
  })
  /** `leave` aborts the request. */
  const call = async (
    name: string,
    meta: object = {},
    {
      args = {},
      leave,
      client = 'test',
    }: { args?: object; leave?: AbortSignal; client?: string } = {},
  ): Promise<Answer> => {
    const clientInfo = { name: client, version: '1.0.0' }
    const { headers, body } = modernCall(name, args, {
      meta: { 'io.modelcontextprotocol/clientInfo': clientInfo, ...meta },
    })
    const response = await fetch(url, {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
      ...(leave && { signal: leave }),
    })
    return ((await response.json()) as { result: Answer }).result
  }
  return { state, call, url }
}

for (const isFast of [true, false]) {
  const path = isFast ? 'fast path' : 'SDK'
  t.test(`${path}: a call of one key runs once, and its answer comes again`, async t => {
    const { state, call } = await counting(t, { isFast })
    const first = await call('count', { [key]: 'k1' })
    t.strictSame(first.structuredContent, { count: 1 })
    t.strictSame(await call('count', { [key]: 'k1', ...again() }), first)
    t.strictSame(await call('count', { [key]: 'k1' }), first, 'marked or not')
    t.equal(state.runs, 1)
    t.strictSame((await call('count', { [key]: 'k2' })).structuredContent, { count: 2 })
    t.strictSame((await call('count')).structuredContent, { count: 3 }, 'without a key')
    const failed = await call('fail', { [key]: 'k3' })
    t.match(failed, { isError: true, content: [{ text: 'failed 4' }] })
    t.strictSame(await call('fail', { [key]: 'k3', ...again() }), failed, 'a failure too')
    t.strictSame(
      (await call('count', { [key]: 'k1' }, { client: 'other' })).structuredContent,
      { count: 5 },
      "another's key is another call",
    )
  })

  t.test(`${path}: a repeat while it runs waits for the same answer`, async t => {
    const { state, call } = await counting(t, { isFast })
    const calls = [1, 2, 3].map(n => call('hold', { [key]: 'k', ...(n > 1 && again()) }))
    await eventually(() => state.runs === 1)
    state.release()
    for (const answer of await Promise.all(calls))
      t.strictSame(answer.structuredContent, { count: 1 })
    t.equal(state.runs, 1)
  })

  t.test(`${path}: an unknown repeat runs where its first attempt can not have`, async t => {
    const { state, call } = await counting(t, { isFast })
    const time = { 'mcp-mesh.dev/timeout-ms': 5_000 }
    t.match(await call('count', { [key]: 'elsewhere', ...time, ...again(10, 'served-0') }), {
      isError: true,
      content: [{ text: /by its first attempt: it went to another instance, served-0/ }],
      _meta: { [code]: 'MESH_CALL_FORGOTTEN' },
    })
    t.match(await call('count', { [key]: 'no deadline', ...again() }), {
      content: [{ text: /this instance does not know its key any more/ }],
    })
    t.match(await call('count', { [key]: 'odd', ...time, 'mcp-mesh.dev/repeat': null }), {
      _meta: { [code]: 'MESH_CALL_FORGOTTEN' },
    })
    t.equal(state.runs, 0)
    const ran = await call('count', { [key]: 'never came', ...time, ...again() })
    t.strictSame(ran.structuredContent, { count: 1 })
    t.strictSame(await call('count', { [key]: 'never came' }), ran, 'should the first still come')
  })

  t.test(`${path}: a key that is none is refused, and nothing runs`, async t => {
    const { state, call } = await counting(t, { isFast })
    for (const none of ['', 'x'.repeat(257), 5, null, true, ['k'], { k: 1 }]) {
      const answer = await call('count', { [key]: none })
      t.match(answer, { isError: true, _meta: { [code]: 'MESH_KEY_INVALID' } })
    }
    t.equal(state.runs, 0)
    t.match(await call('count', { [key]: 'x'.repeat(256) }), { structuredContent: { count: 1 } })
  })

  t.test(`${path}: a key of another tool or other arguments is refused`, async t => {
    const { state, call } = await counting(t, { isFast })
    await call('count', { [key]: 'k' }, { args: { a: 1 } })
    for (const [name, args] of [
      ['other', { a: 1 }],
      ['count', { a: 2 }],
      ['count', { a: 'x'.repeat(5_000) }],
    ] as const) {
      const answer = await call(name, { [key]: 'k', ...again() }, { args })
      t.match(answer, { isError: true, _meta: { [code]: 'MESH_KEY_REUSED' } })
    }
    t.equal(state.runs, 1)
  })

  t.test(`${path}: the first answer comes again, whatever the handler did since`, async t => {
    const made: Record<string, unknown>[] = []
    const { call } = await counting(t, {
      isFast,
      more: {
        changes: args => {
          args['a'] = 'changed'
          made.push(args)
          return made[0]
        },
      },
    })
    const args = { a: 1, b: 'x'.repeat(5_000) }
    const first = await call('changes', { [key]: 'k' }, { args })
    t.strictSame(first.structuredContent, { ...args, a: 'changed' })
    made[0]!['a'] = 'changed later'
    t.strictSame(await call('changes', { [key]: 'k', ...again() }, { args }), first)
    const other = await call('changes', { [key]: 'k', ...again() }, { args: { ...args, a: 2 } })
    t.match(other, { isError: true, _meta: { [code]: 'MESH_KEY_REUSED' } })
    const own = await call('changes', { [key]: 'k' }, { args: { ...args, a: 'changed' } })
    t.match(own, { isError: true, _meta: { [code]: 'MESH_KEY_REUSED' } })
    t.equal(made.length, 1)
  })

  t.test(`${path}: a run outlives its caller's connection for the repeat to find it`, async t => {
    const { state, call } = await counting(t, { isFast, window: { graceMs: 5_000 } })
    const cut = new AbortController()
    const lost = call('hold', { [key]: 'k' }, { leave: cut.signal })
    await eventually(() => state.runs === 1)
    cut.abort()
    await t.rejects(lost)
    const repeat = call('hold', { [key]: 'k', ...again() })
    state.release()
    t.strictSame((await repeat).structuredContent, { count: 1 })
    t.strictSame([state.runs, state.aborted], [1, 0])
  })

  t.test(`${path}: without a repeat it is stopped, and a late one is refused`, async t => {
    const { state, call } = await counting(t, { isFast, window: { graceMs: 30 } })
    const cut = new AbortController()
    const lost = call('hold', { [key]: 'k' }, { leave: cut.signal })
    await eventually(() => state.runs === 1)
    cut.abort()
    await t.rejects(lost)
    await eventually(() => state.aborted === 1)
    t.match(await call('hold', { [key]: 'k', ...again() }), {
      content: [{ text: /it was stopped as its caller was gone/ }],
      _meta: { [code]: 'MESH_CALL_FORGOTTEN' },
    })
    t.equal(state.runs, 1)
  })
}

t.test('a refusal before it ran is forgotten: a repeat runs', async t => {
  const { state, call } = await counting(t, {
    specs: { hold: { concurrency: { max: 1, queue: 0 } } },
  })
  const running = call('hold', { [key]: 'k1' })
  await eventually(() => state.runs === 1)
  t.equal(await call('hold', { [key]: 'k2' }), undefined, 'a protocol error: busy')
  state.release()
  await running
  t.strictSame((await call('hold', { [key]: 'k2' })).structuredContent, { count: 2 })
})

t.test('the window is bounded by number, age and bytes, and says what it forgot', async t => {
  const few = await counting(t, { window: { runs: 2 } })
  for (const k of ['a', 'b', 'c']) await few.call('count', { [key]: k })
  t.match(await few.call('count', { [key]: 'a', ...again() }), {
    _meta: { [code]: 'MESH_CALL_FORGOTTEN' },
  })
  t.strictSame((await few.call('count', { [key]: 'b', ...again() })).structuredContent, {
    count: 2,
  })
  t.equal(few.state.runs, 3)

  const brief = await counting(t, { window: { ageMs: 1 } })
  await brief.call('count', { [key]: 'a' })
  await eventually(async () => {
    await brief.call('count', { [key]: `x${Math.random()}` })
    const late = await brief.call('count', { [key]: 'a', ...again() })
    return late._meta?.[code] === 'MESH_CALL_FORGOTTEN'
  })

  const small = await counting(t, { window: { bytes: 1_000_000 } })
  for (let i = 0; i < 6; i++) await small.call('large', { [key]: `k${i}` })
  t.match(await small.call('large', { [key]: 'k0', ...again() }), {
    content: [{ text: /it has run, and its answer is kept no more/ }],
    _meta: { [code]: 'MESH_CALL_FORGOTTEN' },
  })
  t.match(await small.call('large', { [key]: 'k5', ...again() }), {
    content: [{ text: 'x'.repeat(100_000) }],
  })
  t.equal(small.state.runs, 6)
  const tiny = await counting(t, { window: { bytes: 1_000 } })
  await tiny.call('large', { [key]: 'k' })
  t.match(await tiny.call('large', { [key]: 'k', ...again() }), {
    content: [{ text: /kept no more/ }],
  })
})

t.test(
  'what is kept of a run is its key, its arguments and its answer, and little else',
  async t => {
    const { served } = await serveTools(t, { tools: { echo: args => args } })
    const tool = served.tools.byName.get('echo') as ServedTool
    const text = 'x'.repeat(100)
    const meta = { 'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' } }
    const invoke = deduplicate(({ args }) => Promise.resolve(encodeValue(args, false)), {
      instance: 'served-1',
    })
    const run = async (from: number, to: number) => {
      for (let i = from; i < to; i++)
        await invoke({
          ...{ tool, args: { text }, signal: new Cancellation(), timeoutMs: 1_000 },
          meta: { ...meta, [key]: `key-of-a-call-${i}`, other: { i } },
        })
    }
    await run(0, 500)
    const before = heapBytes()
    await run(500, 5_500)
    const bytes = (heapBytes() - before) / 5_000
    t.ok(bytes < 900, `a run of two texts of 100 characters takes ${bytes} bytes`)
  },
)

t.test('a call with a key is handed on with its headers, which may name its trace', async t => {
  const { served } = await serveTools(t, { tools: { echo: args => args } })
  const tool = served.tools.byName.get('echo') as ServedTool
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const headers = { host: 'here' }
  const seen: unknown[] = []
  const invoke = deduplicate(
    ({ headers, traceparent }) => {
      seen.push(headers, traceparent)
      return Promise.resolve(encodeValue(1, false))
    },
    { instance: 'served-1' },
  )
  const call = {
    tool,
    args: {},
    signal: new Cancellation(),
    timeoutMs: 1_000,
    headers,
    traceparent,
  }
  await invoke({ ...call, meta: { [key]: 'k' } })
  t.strictSame(seen, [headers, traceparent])
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  for (let i = 0; i < 3; i++) collect()
  return process.memoryUsage().heapUsed
}

async function eventually(probe: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000
  while (!(await probe())) {
    if (performance.now() > end) throw new Error('it did not come about within 60 s')
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}
