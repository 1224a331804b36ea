import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import t from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { eventually } from '../../support/run-agents.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

const seen: { aborted: unknown[] } = { aborted: [] }
const tools: Record<string, Handler> = {
  any: args => args,
  strict: args => args,
  typed: ({ value }) => value,
  ignores: () => new Promise(() => undefined),
  heeds: (_args, _deps, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => {
        seen.aborted.push(signal.reason)
        reject(signal.reason as Error)
      }),
    ),
  late: (_args, _deps, { signal }) =>
    new Promise((_, reject) =>
      signal.addEventListener('abort', () => setImmediate(reject, new Error('late'))),
    ),
  throwsText: () => {
    throw 'just text' // eslint-disable-line @typescript-eslint/only-throw-error
  },
  throwsObject: () => {
    throw { status: 503 } // eslint-disable-line @typescript-eslint/only-throw-error
  },
  throwsNothing: () => {
    throw undefined // eslint-disable-line @typescript-eslint/only-throw-error
  },
  throwsMute: () => {
    throw new TypeError('')
  },
  map: () => new Map([[1, 2]]),
  mapWithin: () => ({ list: [new Map()] }),
  generator: function* () {
    yield 1
  },
  empty: () => ({ a: {}, b: [{}], c: Object.create(null) as object }),
}
const specs = {
  strict: {
    inputSchema: {
      type: 'object',
      required: ['zone', 'days'],
      additionalProperties: false,
      properties: {
        zone: { enum: ['UTC', 'CET'] },
        days: { type: 'array', items: { type: 'integer', minimum: 1 } },
        mail: { type: 'string', format: 'email' },
      },
    },
  },
  typed: { outputSchema: { type: 'string' } },
  ignores: { timeout: '50ms' },
  late: { timeout: '50ms' },
}

async function caller(t: Parameters<typeof serveTools>[0], isFast: boolean) {
  const serving = await serveTools(t, { tools, specs, isFast })
  const call = async (name: string, args?: unknown, meta?: Record<string, unknown>) => {
    const { headers, body } = modernCall(name, args, meta ? { meta } : {})
    const response = await fetch(serving.url, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return ((await response.json()) as { result: Record<string, unknown> }).result
  }
  return { call, ...serving }
}

for (const isFast of [true, false]) {
  t.test(
    `${isFast ? 'fast path' : 'SDK'}: what is wrong is said so that a model can mend it`,
    async t => {
      const { call } = await caller(t, isFast)
      const text = async (name: string, args: unknown) => {
        const { isError, content } = await call(name, args)
        t.equal(isError, true)
        return (content as [{ text: string }])[0].text
      }
      t.equal(
        await text('strict', { zone: 'X', days: [1, 0, 'a'], mail: 'nope', more: 1, 'a/b': 2 }),
        [
          'MESH_ARGUMENTS_INVALID: the arguments of "strict" do not fit its inputSchema:',
          '- arguments.more is not taken',
          '- arguments.a/b is not taken',
          '- arguments.zone must be one of ["UTC","CET"]',
          '- arguments.days.1 must be >= 1',
          '- arguments.days.2 must be integer',
          '- arguments.mail must match format "email"',
          'mend: send arguments as the schema in tools/list says',
        ].join('\n'),
      )
      t.match(
        await text('strict', undefined),
        /arguments\.zone is missing\n- arguments\.days is missing/,
      )
      t.match(
        await text('typed', { value: 7 }),
        /returned does not fit its outputSchema:\n- value must be string/,
      )
      t.match(await text('typed', {}), /value is undefined/)
      t.equal(await text('throwsText', {}), 'just text')
      t.equal(await text('throwsObject', {}), '{"status":503}')
      t.equal(await text('throwsNothing', {}), 'undefined')
      t.equal(await text('throwsMute', {}), 'TypeError')
      for (const [name, tag] of Object.entries({
        map: 'Map',
        mapWithin: 'Map',
        generator: 'Gen',
      })) {
        t.match(await text(name, {}), `MESH_OUTPUT_INVALID: a ${tag}`)
      }
      t.match(await call('empty'), { structuredContent: { a: {}, b: [{}], c: {} } })
      const many = await text('strict', {
        zone: 'UTC',
        days: Array.from({ length: 500 }, () => 'x'),
      })
      t.match(many, /and 480 more/)
      t.match(await call('typed', { value: '' }), {
        structuredContent: '',
        content: [{ text: '' }],
      })
      t.strictSame((await call('any', { a: [null] }))['structuredContent'], { a: [null] })
    },
  )

  t.test(
    `${isFast ? 'fast path' : 'SDK'}: a call ends with its time, whatever the handler does`,
    async t => {
      const { call } = await caller(t, isFast)
      const code = (result: Record<string, unknown>) =>
        (result['_meta'] as Record<string, unknown>)['mcp-mesh.dev/code']
      const own = await call('ignores')
      t.equal(code(own), 'MESH_TIMEOUT_ELAPSED')
      t.match(own, {
        isError: true,
        content: [{ text: /"ignores" did not finish within its timeout of 50ms/ }],
      })
      t.equal(code(await call('late')), 'MESH_TIMEOUT_ELAPSED', 'a late rejection is nobody’s')
      const callers = await call('heeds', {}, { 'mcp-mesh.dev/timeout-ms': 30 })
      t.equal(code(callers), 'MESH_DEADLINE_EXCEEDED')
      t.match(callers, { content: [{ text: /within the 30ms that its caller had left/ }] })
    },
  )

  t.test(`${isFast ? 'fast path' : 'SDK'}: a caller that goes away aborts the handler`, async t => {
    const { url } = await caller(t, isFast)
    seen.aborted.length = 0
    const { headers, body } = modernCall('heeds')
    const controller = new AbortController()
    const { signal } = controller
    const calling = fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal })
    await new Promise(resolve => setTimeout(resolve, 50))
    controller.abort()
    await t.rejects(calling)
    await eventually(() => seen.aborted.length === 1, 'the handler is aborted', 1_000)
    t.match(seen.aborted, [{ code: 'MESH_CALL_CANCELLED' }])
  })

  t.test(`${isFast ? 'fast path' : 'SDK'}: a caller that has no time left is told so`, async t => {
    const { call } = await caller(t, isFast)
    for (const ms of [0, -1]) {
      t.match(await call('any', {}, { 'mcp-mesh.dev/timeout-ms': ms }), {
        isError: true,
        content: [{ text: /^MESH_DEADLINE_EXCEEDED: "any" did not finish within the 0ms/ }],
      })
    }
  })
}

t.test('an SDK client of either era that cancels aborts the handler', async t => {
  for (const mode of ['legacy', 'auto'] as const) {
    const { url } = await caller(t, true)
    seen.aborted.length = 0
    const client = new Client({ name: 'c', version: '1' }, { versionNegotiation: { mode } })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    t.teardown(() => client.close())
    const controller = new AbortController()
    const calling = client.callTool({ name: 'heeds' }, { signal: controller.signal })
    await new Promise(resolve => setTimeout(resolve, 50))
    controller.abort()
    await t.rejects(calling)
    if (mode === 'legacy') await client.close() // a stateless 2025 client's cancel can reach no other request
    await eventually(() => seen.aborted.length === 1, `${mode}: the handler is aborted`)
    t.match(seen.aborted, [{ code: 'MESH_CALL_CANCELLED' }])
  }
})

t.test('a schema that can not be compiled is named; nothing is fetched', async t => {
  for (const inputSchema of [{ type: 'nonsense' }, { $ref: 'https://example.com/x.json' }]) {
    await t.rejects(serveTools(t, { tools: { x: () => 1 }, specs: { x: { inputSchema } } }), {
      code: 'MESH_SCHEMA_INVALID',
      message: /^tool "x": inputSchema: /,
    })
  }
})
