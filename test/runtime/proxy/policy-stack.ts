import t from 'tap'
import { MeshError } from '../../../core/model/error.ts'
import type { Code } from '../../../core/model/codes.ts'
import type { Endpoint } from '../../../core/model/registry-api.ts'
import type { Call, CallRequest } from '../../../runtime/proxy/call.ts'
import { createLoad } from '../../../runtime/proxy/load.ts'
import { policyStack } from '../../../runtime/proxy/policy-stack.ts'
import { isDialable } from '../../../runtime/proxy/pools.ts'
import { decodeValue, encodeValue } from '../../../runtime/proxy/values.ts'

const endpoint = (instance: string, more: Partial<Endpoint> = {}): Endpoint => ({
  ...{ instance, agent: 'p', namespace: 'default', url: `http://${instance}/mcp`, tool: 'x' },
  ...{ version: '1.0.0', tags: [], score: 0, isRepeatable: false, deduplicates: false, ...more },
})
const result = { content: [] }
const request = (): CallRequest => ({
  args: {},
  signal: new AbortController().signal,
  expiresAt: Infinity,
})
const policy = { timeoutMs: 1_000, deadlineMs: 2_000 }
const hang: Call = ({ signal }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

function stackOf(endpoints: Endpoint[], leaf: Call, more = policy, load = createLoad()) {
  return policyStack(more, { edge: 'a.x -> d', endpoints, load }, leaf)
}

t.test('takes turns over the leading group and leaves the rest alone', async t => {
  const seen: string[] = []
  const leading = [endpoint('a', { score: 5 }), endpoint('b', { score: 5 })]
  const rest = [endpoint('c', { score: 5, version: '0.9.0' }), endpoint('d')]
  const call = stackOf([...leading, ...rest], async ({ endpoint }) => {
    seen.push(endpoint!.instance)
    return result
  })
  for (let i = 0; i < 4; i++) await call(request())
  t.strictSame(seen.toSorted(), ['a', 'a', 'b', 'b'])
})

t.test('picks the endpoint with fewer calls in flight', async t => {
  const release: (() => void)[] = []
  const seen: string[] = []
  const call = stackOf([endpoint('a'), endpoint('b')], ({ endpoint }) => {
    seen.push(endpoint!.instance)
    return new Promise(resolve => release.push(() => resolve(result)))
  })
  const calls = [call(request()), call(request()), call(request()), call(request())]
  t.strictSame(seen.toSorted(), ['a', 'a', 'b', 'b'])
  for (const end of release) end()
  await Promise.all(calls)
})

t.test(
  'a thousand endpoints cost a call no more than a few, and all of them get calls',
  async t => {
    const many = Array.from({ length: 1_000 }, (_, i) => endpoint(`e${i}`))
    let looked = 0
    const load = createLoad()
    const counting = { ...load, inFlight: (e: Endpoint) => (looked++, load.inFlight(e)) }
    const release: (() => void)[] = []
    const seen = new Map<string, number>()
    const leaf: Call = ({ endpoint }) => {
      seen.set(endpoint!.instance, (seen.get(endpoint!.instance) ?? 0) + 1)
      return new Promise(resolve => release.push(() => resolve(result)))
    }
    const call = stackOf(many, leaf, { timeoutMs: 60_000, deadlineMs: 60_000 }, counting)
    const calls = Array.from({ length: 3_000 }, () => call(request()))
    t.ok(looked <= 16 * 3_000, `${looked} comparisons`)
    t.equal(seen.size, 1_000)
    t.ok(Math.max(...seen.values()) <= 5, `${Math.max(...seen.values())} calls for one of them`)
    for (const end of release) end()
    await Promise.all(calls)
  },
)

const cases: [Code, boolean, string[]][] = [
  ['MESH_ENDPOINT_UNREACHABLE', false, ['a', 'b', 'c']],
  ['MESH_ENDPOINT_DRAINING', false, ['a', 'b', 'c']],
  ['MESH_CALL_INTERRUPTED', false, ['a']],
  ['MESH_CALL_INTERRUPTED', true, ['a', 'b', 'c']],
  ['MESH_TIMEOUT_ELAPSED', false, ['a']],
  ['MESH_TIMEOUT_ELAPSED', true, ['a', 'b', 'c']],
  ['MESH_TOOL_FAILED', true, ['a']],
  ['MESH_CALL_REFUSED', true, ['a']],
  ['MESH_DEADLINE_EXCEEDED', true, ['a']],
]
for (const [code, isRepeatable, expected] of cases) {
  t.test(`${code}, repeatable ${isRepeatable}: tries ${expected.join(', ')}`, async t => {
    const seen: string[] = []
    const endpoints = ['a', 'b', 'c'].map((name, i) => endpoint(name, { isRepeatable, score: -i }))
    const call = stackOf(endpoints, async ({ endpoint }) => {
      seen.push(endpoint!.instance)
      throw new MeshError(code, `from ${endpoint!.instance}`)
    })
    await t.rejects(call(request()), { code, message: `from ${expected.at(-1)}` })
    t.strictSame(seen, expected)
  })
}

t.test('one repeatable and one not: what may have run on the other is not sent again', async t => {
  let calls = 0
  const endpoints = [endpoint('a', { score: 1 }), endpoint('b', { isRepeatable: true })]
  const call = stackOf(endpoints, async () => {
    calls++
    throw new MeshError('MESH_CALL_INTERRUPTED', 'broken')
  })
  await t.rejects(call(request()), { code: 'MESH_CALL_INTERRUPTED' })
  t.equal(calls, 1)
})

t.test(
  'an endpoint that could not be reached is picked last for a while, and then again',
  async t => {
    let now = 0
    const seen: string[] = []
    const load = createLoad(() => now)
    const endpoints = [endpoint('a', { score: 1 }), endpoint('b')]
    const leaf: Call = async ({ endpoint }) => {
      seen.push(endpoint!.instance)
      if (endpoint!.instance === 'a' && now < 500)
        throw new MeshError('MESH_ENDPOINT_UNREACHABLE', 'x')
      return result
    }
    const call = stackOf(endpoints, leaf, policy, load)
    await call(request())
    await call(request())
    now = 5_000
    await call(request())
    t.strictSame(seen, ['a', 'b', 'b', 'a'])
  },
)

t.test('the attempt timeout aborts an attempt, the deadline the call', async t => {
  const slow = stackOf([endpoint('a')], hang, { timeoutMs: 30, deadlineMs: 2_000 })
  await t.rejects(slow(request()), {
    code: 'MESH_TIMEOUT_ELAPSED',
    message: /a\.x -> d: http:\/\/a\/mcp .* 30ms/,
  })
  const late = stackOf([endpoint('a')], hang, { timeoutMs: 2_000, deadlineMs: 30 })
  await t.rejects(late(request()), {
    code: 'MESH_DEADLINE_EXCEEDED',
    message: /a\.x -> d: .* 30ms/,
  })
  const rest = stackOf([endpoint('a')], hang)
  const left = { ...request(), expiresAt: performance.now() + 30 }
  await t.rejects(rest(left), { code: 'MESH_DEADLINE_EXCEEDED', message: /left to this call/ })
  await t.rejects(rest({ ...request(), expiresAt: 0 }), { code: 'MESH_DEADLINE_EXCEEDED' })
})

t.test('a timed-out attempt of a repeatable tool goes elsewhere within the deadline', async t => {
  const endpoints = [
    endpoint('a', { isRepeatable: true, score: 1 }),
    endpoint('b', { isRepeatable: true }),
  ]
  const call = stackOf(
    endpoints,
    request => (request.endpoint!.instance === 'a' ? hang(request) : Promise.resolve(result)),
    { timeoutMs: 30, deadlineMs: 2_000 },
  )
  t.equal(await call(request()), result)
})

t.test('a cancelled caller gets its own reason, and nothing is tried again', async t => {
  const caller = new AbortController()
  const reason = new Error('gone')
  let calls = 0
  const call = stackOf([endpoint('a', { isRepeatable: true }), endpoint('b')], request => {
    calls++
    return hang(request)
  })
  const calling = call({ ...request(), signal: caller.signal })
  caller.abort(reason)
  await t.rejects(calling, reason)
  await t.rejects(call({ ...request(), signal: caller.signal }), reason)
  t.equal(calls, 1)
})

t.test('what may be dialled', async t => {
  const cases: [string, boolean][] = [
    ['http://127.0.0.1:1/mcp', true],
    ['https://agents.example/mcp', true],
    ['http://[::1]:9/mcp', true],
    ['http://10.0.0.1/mcp', true],
    ['http://169.254.169.254/latest', false],
    ['http://2852039166/', false],
    ['http://[fe80::1]/', false],
    ['http://[::ffff:169.254.169.254]/', false],
    ['http://u:p@host/', false],
    ['file:///etc/passwd', false],
    ['nonsense', false],
  ]
  for (const [url, expected] of cases) t.equal(isDialable(url), expected, url)
})

t.test('values: what is encoded is decoded', async t => {
  for (const value of [
    [],
    {},
    '',
    0,
    null,
    false,
    undefined,
    'x',
    '[1]',
    [null],
    { content: [] },
  ]) {
    for (const hasSchema of [false, true]) {
      const wire = JSON.parse(JSON.stringify(encodeValue(value, hasSchema))) as { content: never[] }
      t.strictSame(decodeValue(wire, 'e'), value)
    }
  }
  const image = { type: 'image', data: 'x' }
  const text = { type: 'text', text: 'x' }
  t.strictSame(decodeValue({ content: [image] }, 'e'), [image], 'what foreign servers send')
  t.strictSame(decodeValue({ content: [text, text] }, 'e'), [text, text])
  t.throws(() => encodeValue(1n, false), { code: 'MESH_OUTPUT_INVALID' })
  t.throws(() => encodeValue(() => 1, false), {
    code: 'MESH_OUTPUT_INVALID',
    message: 'a function is not JSON',
  })
})
