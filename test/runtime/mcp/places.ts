import t, { type Test } from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { eventually } from '../../support/run-agents.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

interface Reply {
  result?: { content: { text: string }[]; isError?: boolean; _meta?: Record<string, unknown> }
  error?: { code: number; message: string; data: { code: string; mend: string } }
}

async function serve(t: Test, isFast: boolean, concurrency = { max: 2, queue: 2 }) {
  const ends: (() => void)[] = []
  const began: string[] = []
  const hold: Handler = async ({ id }) => {
    began.push(String(id))
    await new Promise<void>(resolve => ends.push(resolve))
    return id
  }
  const specs = { hold: { concurrency, timeout: '10s' }, free: {} }
  const { url } = await serveTools(t, { tools: { hold, free: () => 'free' }, specs, isFast })
  const call = async (
    name: string,
    args: object,
    more: { signal?: AbortSignal; meta?: Record<string, unknown> } = {},
  ) => {
    const { headers, body } = modernCall(name, args, more.meta ? { meta: more.meta } : {})
    const { signal = null } = more
    const init = { method: 'POST', headers, body: JSON.stringify(body), signal }
    return (await (await fetch(url, init)).json()) as Reply
  }
  return { call, ends, began }
}

for (const isFast of [true, false]) {
  const by = isFast ? 'fast path' : 'SDK'
  t.test(`${by}: so many run, so many wait in turn, the next is refused unexecuted`, async t => {
    const { call, ends, began } = await serve(t, isFast)
    const calls = ['a', 'b'].map(id => call('hold', { id }))
    await eventually(() => began.length === 2, 'two run')
    for (const id of ['c', 'd']) {
      calls.push(call('hold', { id }))
      await call('free', {}) // by then the one before has its place in the queue
    }
    t.strictSame(await call('hold', { id: 'e' }), {
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32000,
        message:
          '"hold" runs 2 calls and 2 wait, which is all that its concurrency allows; the call was not executed',
        data: {
          code: 'MESH_TOOL_BUSY',
          mend: 'repeat the call, another endpoint may take it; or lengthen the queue of the tool',
        },
      },
    })
    for (const expected of ['c', 'd']) {
      ends.shift()?.()
      await eventually(() => began.at(-1) === expected, `${expected} is next`)
    }
    for (const end of ends) end()
    const texts = (await Promise.all(calls)).map(({ result }) => result?.content[0]?.text)
    t.strictSame(texts, ['a', 'b', 'c', 'd'])
    t.strictSame(began, ['a', 'b', 'c', 'd'])
  })

  t.test(`${by}: one that waits leaves with its caller, or when its time is over`, async t => {
    const { call, ends, began } = await serve(t, isFast, { max: 1, queue: 1 })
    const first = call('hold', { id: 'first' })
    await eventually(() => began.length === 1, 'one runs')
    const controller = new AbortController()
    const gone = call('hold', { id: 'gone' }, controller)
    await call('free', {})
    controller.abort()
    await t.rejects(gone)
    const meta = { 'mcp-mesh.dev/timeout-ms': 50 }
    let late: Reply = {}
    await eventually(async () => {
      late = await call('hold', { id: 'late' }, { meta })
      return late.result // until the place of the one that left is seen to be free
    }, 'it may wait')
    t.equal(late.result?._meta?.['mcp-mesh.dev/code'], 'MESH_DEADLINE_EXCEEDED')
    ends.shift()?.()
    t.equal((await first).result?.content[0]?.text, 'first')
    const last = call('hold', { id: 'last' })
    await eventually(() => began.length === 2, 'the place is free')
    ends.shift()?.()
    await last
    t.strictSame(began, ['first', 'last'], 'those that left never ran')
  })
}

t.test('a handler that does not heed its signal keeps its place until it ends', async t => {
  const { call, ends, began } = await serve(t, true, { max: 1, queue: 0 })
  const late = await call('hold', { id: 'a' }, { meta: { 'mcp-mesh.dev/timeout-ms': 30 } })
  t.equal(late.result?._meta?.['mcp-mesh.dev/code'], 'MESH_DEADLINE_EXCEEDED')
  t.equal((await call('hold', { id: 'b' })).error?.data.code, 'MESH_TOOL_BUSY')
  ends.shift()?.()
  const next = call('hold', { id: 'c' })
  await eventually(() => began.length === 2, 'its place is free')
  ends.shift()?.()
  t.equal((await next).result?.content[0]?.text, 'c')
})
