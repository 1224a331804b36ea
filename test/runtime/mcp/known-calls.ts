/** Whatever is read by what is known is what JSON.parse makes of the whole text. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { KnownCalls, type CallMessage } from '../../../runtime/mcp/known-calls.ts'

const envelope = (client = 'consumer') => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: client, version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
})
interface More {
  name?: string
  id?: unknown
}
/** As agents write it. */
const textOf = (args: unknown, meta: object, { name = 'echo', id = 1 }: More = {}) =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id, method: 'tools/call' },
    params: { name, arguments: args, _meta: meta },
  })
/** As the SDK's clients write it. */
const bySdk = (args: unknown, meta: object, { name = 'echo', id = 1 }: More = {}) =>
  JSON.stringify({
    ...{ method: 'tools/call', params: { name, arguments: args, _meta: meta } },
    ...{ jsonrpc: '2.0', id },
  })
const learnt = (...texts: string[]) => {
  const known = new KnownCalls()
  for (const text of texts) known.learn(JSON.parse(text) as CallMessage, text)
  return known
}
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  for (let i = 0; i < 3; i++) collect()
  return process.memoryUsage().heapUsed
}

const first = textOf({ text: 'first' }, { ...envelope(), 'mcp-mesh.dev/timeout-ms': 30_000 })
const whole = (text: string) => {
  const { id, params } = JSON.parse(text) as CallMessage
  return { id, params, open: textOf(params.arguments, params._meta, { ...params, id }) }
}
/** With its open text closed, which is then that of the whole. */
const read = (known: KnownCalls, name: string, text: string, sound?: string) => {
  const call = known.read(name, text, sound)
  return call && { ...call, open: JSON.stringify(JSON.parse(`${call.open}}}}`)) }
}

t.test('a call that is like an earlier one is read as it stands there', t => {
  const known = learnt(first)
  const member = fc.oneof(
    fc.record({ 'mcp-mesh.dev/timeout-ms': fc.nat() }),
    fc.record({ 'mcp-mesh.dev/idempotency-key': fc.string(), traceparent: fc.string() }),
    fc.record({ progressToken: fc.integer() }),
    fc.constant({}),
  )
  const args = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(args, member, fc.maxSafeNat(), fc.boolean(), (args, members, n, isOfAgent) => {
      const id = n % 1e15
      const text = (isOfAgent ? textOf : bySdk)(args, { ...envelope(), ...members }, { id })
      assert.deepEqual(read(known, 'echo', text), whole(text))
    }),
  )
  t.pass('held')
  t.end()
})

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

t.test('so is what agents say of time, key and trace, which is read by hand', t => {
  const known = learnt(first)
  const time = fc.oneof(
    fc.nat(),
    fc.constantFrom(0, 7, 999_999_999, 1e9, 9_999_999_999, 1e15, -1, 1.5, 1e21, null, 'soon'),
  )
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom('a"b', '\\', '"', 'é', 'a\nb', '}}}', 7, [], null),
  )
  const spoilt = fc.nat(54).map(at => `${trace.slice(0, at)}"${trace.slice(at + 1)}`)
  const traceparent = fc.oneof(fc.constantFrom(trace, `${trace}-x`, trace.slice(1), ''), spoilt)
  const members = fc.record(
    {
      'mcp-mesh.dev/timeout-ms': time,
      'mcp-mesh.dev/idempotency-key': key,
      traceparent,
    },
    { requiredKeys: ['mcp-mesh.dev/timeout-ms'] },
  )
  const sound = fc.constantFrom(undefined, trace, trace.replace('4', '5'))
  fc.assert(
    fc.property(members, sound, (members, sound) => {
      const text = textOf({ a: 1 }, { ...envelope(), ...members })
      assert.deepEqual(read(known, 'echo', text, sound), whole(text))
    }),
    { numRuns: 1_000 },
  )
  const text = textOf({}, { ...envelope(), 'mcp-mesh.dev/timeout-ms': 5, traceparent: trace })
  for (const [from, to] of [
    ['":5', '":05'],
    ['":5', '":5e'],
    ['":5', '":'],
    ['":5', '":5 5'],
    ['":5,', '":5'],
    ['00-4', '00\\4'],
    ['00-4', '00\n4'],
    ['-01"', '-01'],
    ['-01"', '-01",'],
    ['"traceparent"', '"mcp-mesh.dev/idempotency-key":"a"b","traceparent"'],
    ['"traceparent"', '"mcp-mesh.dev/idempotency-key":"a\nb","traceparent"'],
    ['"traceparent"', '"mcp-mesh.dev/idempotency-key":,"traceparent"'],
  ] as const) {
    const broken = text.replace(from, to)
    t.throws(() => JSON.parse(broken) as unknown, broken)
    t.equal(known.read('echo', broken, trace), undefined, broken)
  }
  t.end()
})

t.test('a key that is kept keeps no text of its call', async t => {
  const known = learnt(first)
  const keep = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const key = `${'k'.repeat(16)}-${i}`
      const meta = { ...envelope(), 'mcp-mesh.dev/timeout-ms': 5 }
      const args = { text: 'x'.repeat(4_000) }
      const text = textOf(args, { ...meta, 'mcp-mesh.dev/idempotency-key': key })
      return known.read('echo', text)?.params._meta['mcp-mesh.dev/idempotency-key']
    })
  keep(2_000)
  const before = heapBytes()
  const kept = keep(2_000)
  const bytes = (heapBytes() - before) / 2_000
  t.equal(new Set(kept).size, 2_000)
  t.ok(bytes < 400, `a key takes ${bytes} bytes`)
})

t.test('what is not, or is no JSON, is not read', t => {
  const known = learnt(first)
  const meta = envelope()
  const other = { 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } }
  for (const text of [
    textOf({}, envelope('another')),
    textOf({}, { ...meta, ...other }),
    textOf({}, { ...meta, 'io.modelcontextprotocol/other': 1 }),
    textOf({}, { ...meta, other: 1 }),
    textOf({}, { ...meta, progressToken: 1.5 }),
    textOf({}, { ...meta, tracestate: 1 }),
    textOf([], meta),
    textOf('text', meta),
    textOf(undefined, meta),
    ...[-1, 1.5, 1e15, '1', null].flatMap(id => [
      textOf({}, meta, { id }),
      bySdk({}, meta, { id }),
    ]),
    textOf({}, meta).replace('"id":1', '"id":01'),
    bySdk({}, meta).replace('"id":1', '"id":01'),
    `${bySdk({}, meta)}}`,
    bySdk({}, meta).slice(0, -1),
    bySdk({}, meta).replace('{"method"', '["method"'),
    bySdk({}, meta).replace('"jsonrpc":"2.0",', ''),
    bySdk({}, meta).replace('}}}', '}}'),
    bySdk({}, meta).replace('}}}', '}},"x":{}}'),
    textOf({}, meta, { name: 'other' }),
    textOf({}, meta).replace('}}}}', '},}}}'),
    textOf({}, meta).replace('}}}}', '}, }}}'),
    textOf({}, meta).replace('}}}}', '},"mcp-mesh.dev/a":1,}}}'),
    textOf({}, meta).replace('}}}}', '},"mcp-mesh.dev/a":1},"x":{}}}'),
    textOf({}, meta).replace('"arguments":{}', '"arguments":{},"name":"other"'),
    `${textOf({}, meta)}}`,
    ` ${textOf({}, meta)}`,
    textOf({}, meta).slice(0, -1),
  ])
    t.equal(known.read('echo', text), undefined, text)
  t.equal(known.read('other', first), undefined)
  t.end()
})

t.test('a text that was cut, changed or put together anew is read right or not at all', t => {
  const known = learnt(first)
  const texts = [
    first,
    textOf({ _meta: envelope() }, { ...envelope(), progressToken: 'a' }),
    textOf({ a: first }, { ...envelope(), 'mcp-mesh.dev/idempotency-key': '}}}' }),
    bySdk({ text: 'x' }, { ...envelope(), progressToken: '}},"jsonrpc":"2.0","id":' }),
    bySdk({ _meta: envelope() }, envelope()),
  ]
  const piece = fc.tuple(fc.constantFrom(...texts), fc.nat(600), fc.nat(600))
  const pieces = fc.array(piece, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(pieces, fc.constantFrom('', ',', '}', '"', '{"a":1}'), (pieces, between) => {
      const text = pieces.map(([text, a, b]) => text.slice(Math.min(a, b), a + b)).join(between)
      for (const each of [text, first.slice(0, 90) + text, text + first.slice(-200)]) {
        const found = read(known, 'echo', each)
        if (found) assert.deepEqual(found, whole(each))
      }
    }),
    { numRuns: 2_000 },
  )
  t.pass('held')
  t.end()
})

t.test('several callers of one tool are known, and of many some', t => {
  const texts = Array.from({ length: 24 }, (_, i) => textOf({ i }, envelope(`caller-${i}`)))
  const known = learnt(...texts)
  const expected = [...texts.slice(1, 8), texts[23]]
  t.same(
    texts.filter(text => known.read('echo', text)),
    expected,
  )
  const long = textOf({}, envelope('x'.repeat(2_000)))
  t.equal(learnt(long).read('echo', long), undefined, 'and none with a long name')
  t.end()
})
