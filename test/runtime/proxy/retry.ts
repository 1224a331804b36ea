import t from 'tap'
import type { Code } from '../../../core/model/codes.ts'
import type { RetryCause } from '../../../core/model/call-policy.ts'
import { MeshError } from '../../../core/model/error.ts'
import type { Endpoint } from '../../../core/model/registry-api.ts'
import { RetryBudget } from '../../../runtime/proxy/retry-budget.ts'
import { ChunkQueue } from '../../../runtime/proxy/chunk-queue.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { Edge } from '../../../runtime/proxy/edge.ts'
import { endpoint, fail, hang, request, result, retries, stacked } from '../../support/layers.ts'

/** a, b, c in this order of rank, so that it is known who is asked first. */
const three = (more: Partial<Endpoint>) =>
  ['a', 'b', 'c'].map((name, i) => endpoint(name, { ...more, score: -i }))
const all: RetryCause[] = ['unavailable', 'timeout', 'error']
const policy = (on: RetryCause[] = all) => ({ retries: retries({ on }) })

const plainTool = {}
const repeatable = { isRepeatable: true }
const keyed = { deduplicates: true }
const cases: [Code, Partial<Endpoint>, RetryCause[], string][] = [
  ['MESH_ENDPOINT_UNREACHABLE', plainTool, all, 'abc'],
  ['MESH_ENDPOINT_DRAINING', plainTool, all, 'abc'],
  ['MESH_ENDPOINT_DRAINING', repeatable, all, 'abc'],
  ['MESH_ENDPOINT_UNREACHABLE', plainTool, ['timeout'], 'a'],
  ['MESH_CALL_INTERRUPTED', plainTool, all, 'a'],
  ['MESH_CALL_INTERRUPTED', repeatable, all, 'abc'],
  ['MESH_CALL_INTERRUPTED', keyed, all, 'aaa'],
  ['MESH_CALL_INTERRUPTED', keyed, ['error'], 'a'],
  ['MESH_TIMEOUT_ELAPSED', plainTool, all, 'a'],
  ['MESH_TIMEOUT_ELAPSED', repeatable, all, 'abc'],
  ['MESH_TIMEOUT_ELAPSED', repeatable, ['unavailable'], 'a'],
  ['MESH_TIMEOUT_ELAPSED', keyed, all, 'aaa'],
  ['MESH_CALL_INVALID', repeatable, all, 'a'],
  ['MESH_CALL_REFUSED', repeatable, all, 'a'],
  ['MESH_CALL_FORGOTTEN', keyed, all, 'a'],
  ['MESH_DEADLINE_EXCEEDED', repeatable, all, 'a'],
]
for (const [code, more, on, expected] of cases) {
  const what = `${code} of ${JSON.stringify(more)} on ${on.join()}`
  t.test(`${what} goes to ${expected}`, async t => {
    const { call, seen } = stacked(policy(on), three(more), fail(code))
    await t.rejects(call(request()), { code, message: new RegExp(`from ${expected.at(-1)}`) })
    t.equal(seen.join(''), expected)
  })
}

t.test('the final error names the attempts, where they went, and the last cause', async t => {
  const { call } = stacked(policy(), three(repeatable), fail('MESH_CALL_INTERRUPTED'))
  await t.rejects(call(request()), {
    code: 'MESH_CALL_INTERRUPTED',
    message: 'from c; this was the last of 3 attempts, at http://a/mcp, http://b/mcp, http://c/mcp',
    details: { attempts: 3, endpoints: ['http://a/mcp', 'http://b/mcp', 'http://c/mcp'] },
    cause: { message: 'from c' },
  })
  const once = stacked(policy(), three(plainTool), fail('MESH_TIMEOUT_ELAPSED'))
  await t.rejects(once.call(request()), { message: /may have been executed.*not repeated/ })
})

t.test('what may have run is repeated under its key, at the same instance only', async t => {
  let count = 0
  const { call, requests, seen } = stacked(policy(), three(keyed), async request => {
    if (++count === 1) return fail('MESH_CALL_INTERRUPTED')(request)
    return count === 2 ? fail('MESH_ENDPOINT_UNREACHABLE')(request) : result
  })
  t.equal(await call(request()), result)
  t.equal(seen.join(''), 'aaa', 'not elsewhere, though the second provably did not run')
  const keys = requests.map(({ trail, endpoint }) => trail?.keyFor(endpoint!))
  t.equal(new Set(keys).size, 1, 'one key')
  t.match(requests[0]?.trail?.repeat, { instance: 'a', afterMs: Number })
  await call(request())
  t.not(requests.at(-1)?.trail?.keyFor(requests.at(-1)!.endpoint!), keys[0], 'one a call')

  const session = { ...keyed, session: 'session_id' }
  const moved = stacked(policy(), three(session), request =>
    moved.seen.length === 1 ? fail('MESH_CALL_INTERRUPTED')(request) : Promise.resolve(result),
  )
  await moved.call(request({ args: { session_id: 's' } }))
  t.equal(moved.seen.join(''), 'ab', 'but at another one that shares the session of the call')
  t.match(moved.requests[1]?.trail?.repeat, { instance: 'a' })
  const fresh = stacked(policy(), three(session), fail('MESH_CALL_INTERRUPTED'))
  await t.rejects(fresh.call(request()))
  t.equal(fresh.seen.join(''), 'aaa', 'which one that begins a session has not')

  const lost = stacked(policy(), three(keyed), request =>
    fail(lost.seen.length === 1 ? 'MESH_CALL_INTERRUPTED' : 'MESH_ENDPOINT_UNREACHABLE')(request),
  )
  await t.rejects(lost.call(request()), {
    code: 'MESH_CALL_INTERRUPTED',
    message: /an earlier one may have been executed/,
  })
})

t.test('no key where none is of use', async t => {
  for (const [more, on] of [
    [repeatable, all],
    [plainTool, all],
    [keyed, ['error']],
  ] as [Partial<Endpoint>, RetryCause[]][]) {
    const { call, requests } = stacked(policy(on), three(more), async () => result)
    await call(request())
    const [{ trail, endpoint }] = requests as [(typeof requests)[0]]
    t.equal(trail?.keyFor(endpoint!), undefined, JSON.stringify(more))
  }
})

t.test('after one that may have run only what is repeatable is asked', async t => {
  const endpoints = [
    endpoint('a', { ...repeatable, score: 2 }),
    endpoint('b', { score: 1 }),
    endpoint('c', repeatable),
  ]
  const { call, seen } = stacked(policy(), endpoints, fail('MESH_CALL_INTERRUPTED'))
  await t.rejects(call(request()), { code: 'MESH_CALL_INTERRUPTED' })
  t.strictSame([seen.join(''), seen.includes('b')], ['aca', false])
})

t.test("a tool's own error is repeated only where the policy says so, and it is safe", async t => {
  const failed = { content: [], isError: true }
  const invalid = { ...failed, _meta: { 'mcp-mesh.dev/code': 'MESH_ARGUMENTS_INVALID' } }
  const cases: [Partial<Endpoint>, RetryCause[], object, string][] = [
    [repeatable, ['error'], failed, 'abc'],
    [repeatable, ['unavailable'], failed, 'a'],
    [plainTool, ['error'], failed, 'a'],
    [keyed, all, failed, 'a'],
    [repeatable, all, invalid, 'a'],
  ]
  for (const [more, on, answer, expected] of cases) {
    const { call, seen } = stacked(policy(on), three(more), async () => answer as typeof failed)
    t.equal(await call(request()), answer, 'the last result as it is')
    t.equal(seen.join(''), expected)
  }
})

t.test('what provably did not run goes elsewhere at once, and waits at the same place', async t => {
  const slow = (ms: number) => retries({ backoff: { initialMs: ms, maxMs: ms } })
  const random = () => 1
  const began = performance.now()
  const elsewhere = stacked(
    { retries: slow(5_000) },
    [endpoint('a', { score: 1 }), endpoint('b')],
    request =>
      request.endpoint?.instance === 'a'
        ? fail('MESH_ENDPOINT_UNREACHABLE')(request)
        : Promise.resolve(result),
    { random },
  )
  await elsewhere.call(request())
  t.ok(performance.now() - began < 2_500, 'no pause')
  const alone = stacked({ retries: slow(60) }, [endpoint('a')], fail('MESH_ENDPOINT_UNREACHABLE'), {
    random,
  })
  const from = performance.now()
  await t.rejects(alone.call(request()), { message: /last of 3 attempts/ })
  const ms = performance.now() - from
  t.ok(ms >= 118, `two pauses of 60 ms: ${ms.toFixed(0)}`)
})

t.test('the pause is a random part of a bound that doubles up to its most', async t => {
  const drawn: number[] = []
  const pauses: number[] = []
  let last = 0
  const random = () => {
    drawn.push(1)
    return 1
  }
  const policy = {
    retries: retries({ attempts: 4, backoff: { initialMs: 20, maxMs: 50 } }),
  }
  const { call } = stacked(
    policy,
    [endpoint('a', { isRepeatable: true })],
    request => {
      const now = performance.now()
      if (last > 0) pauses.push(now - last)
      last = now
      return fail('MESH_CALL_INTERRUPTED')(request)
    },
    { random },
  )
  await t.rejects(call(request()))
  t.equal(drawn.length, 3)
  for (const [i, least] of [20, 40, 50].entries())
    t.ok(pauses[i]! >= least - 1.5, `${i}: ${pauses[i]}`)
})

t.test('no repeat that can not fit into the deadline, and the error says so', async t => {
  const policy = {
    ...{ deadlineMs: 4_000, timeoutMs: 3_000 },
    retries: retries({ backoff: { initialMs: 5_000, maxMs: 5_000 } }),
  }
  const { call, seen } = stacked(
    policy,
    [endpoint('a', repeatable)],
    fail('MESH_CALL_INTERRUPTED'),
    {
      random: () => 1,
    },
  )
  const from = performance.now()
  await t.rejects(call(request()), {
    code: 'MESH_CALL_INTERRUPTED',
    message: /the deadline leaves no time for another attempt in 5s/,
    details: { attempts: 1 },
  })
  t.ok(performance.now() - from < 2_500, 'and does not wait for it')
  t.equal(seen.length, 1)
})

t.test('a provider that says when to come back is not asked earlier', async t => {
  const after = fail('MESH_ENDPOINT_DRAINING', { retryAfterMs: 60 })
  const { call, seen } = stacked(policy(), three(plainTool), request =>
    seen.length === 1 ? after(request) : Promise.resolve(result),
  )
  const from = performance.now()
  await call(request())
  t.ok(performance.now() - from >= 58)
  const never = stacked(
    policy(),
    three(plainTool),
    fail('MESH_ENDPOINT_DRAINING', { retryAfterMs: 60_000 }),
  )
  await t.rejects(never.call(request()), { message: /no time for another attempt in 60s|1m/ })
})

t.test('a timed-out attempt of a repeatable tool goes elsewhere within the deadline', async t => {
  const policy = { timeoutMs: 30, retries: retries({ on: ['timeout'] }) }
  const { call, seen } = stacked(policy, three(repeatable), request =>
    request.endpoint?.instance === 'a' ? hang(request) : Promise.resolve(result),
  )
  t.equal(await call(request()), result)
  t.equal(seen.join(''), 'ab')
})

t.test('a caller that goes away ends the pause', async t => {
  const signal = new Cancellation()
  const reason = new Error('gone')
  const { call, seen } = stacked(
    { retries: retries({ backoff: { initialMs: 60_000, maxMs: 60_000 } }), deadlineMs: 120_000 },
    [endpoint('a', repeatable)],
    fail('MESH_CALL_INTERRUPTED'),
    { random: () => 0.9 },
  )
  const calling = call(request({ signal }))
  await new Promise(resolve => setImmediate(resolve))
  signal.abort(reason)
  await t.rejects(calling, reason)
  t.equal(seen.length, 1)
})

t.test(
  'an endpoint that comes while a repeat waits is asked at once, a known one is not',
  async t => {
    const edge = new Edge('a.x -> d')
    const slow = { retries: retries({ backoff: { initialMs: 60_000, maxMs: 60_000 } }) }
    const more = { edge, random: () => 0.9 }
    const patient = { ...slow, deadlineMs: 300_000 }
    const lost = stacked(patient, [endpoint('a')], fail('MESH_ENDPOINT_UNREACHABLE'), more)
    const calling = lost.call(request())
    await new Promise(resolve => setImmediate(resolve))
    const same = stacked(patient, [endpoint('a')], () => Promise.resolve(result), more)
    await new Promise(resolve => setImmediate(resolve))
    t.strictSame([lost.seen, same.seen], [['a'], []], 'the same instance, described anew')
    const found = stacked(patient, [endpoint('b')], () => Promise.resolve(result), more)
    t.equal(await calling, result)
    t.strictSame([lost.seen, same.seen, found.seen], [['a'], [], ['b']])
  },
)

t.test('a repeat does not wait where nobody is left', async t => {
  const edge = new Edge('a.x -> d')
  const slow = { retries: retries({ backoff: { initialMs: 60_000, maxMs: 60_000 } }) }
  const more = { edge, random: () => 0.9 }
  const leaf = fail('MESH_ENDPOINT_UNREACHABLE')
  const { call, seen } = stacked({ ...slow, deadlineMs: 300_000 }, [endpoint('a')], leaf, more)
  const calling = call(request())
  await new Promise(resolve => setImmediate(resolve))
  edge.wire(undefined)
  await t.rejects(calling, {
    code: 'MESH_ENDPOINT_UNREACHABLE',
    message: 'from a; meanwhile nothing fills the dependency any more',
  })
  t.strictSame([seen, edge.retries], [['a'], 0])
})

t.test(
  'a repeat goes by what is known when it is made, and under its key to the same instance',
  async t => {
    const edge = new Edge('a.x -> d')
    const old = stacked(
      policy(),
      three(keyed),
      request => {
        if (!renewed) renewed = stacked(policy(), three(keyed), async () => result, { edge })
        return fail('MESH_CALL_INTERRUPTED')(request)
      },
      { edge },
    )
    let renewed: typeof old | undefined
    t.equal(await old.call(request()), result)
    t.strictSame([old.seen, renewed?.seen], [['a'], ['a']])
  },
)

t.test(
  'a call that streams is repeated until a part of its answer has been handed out',
  async t => {
    for (const [more, code, hasBegun, expected] of [
      [repeatable, 'MESH_CALL_INTERRUPTED', false, 'abc'],
      [repeatable, 'MESH_CALL_INTERRUPTED', true, 'a'],
      [keyed, 'MESH_CALL_INTERRUPTED', false, 'a'],
      [plainTool, 'MESH_ENDPOINT_UNREACHABLE', false, 'abc'],
    ] as const) {
      const stream = new ChunkQueue(undefined)
      const { call, seen, requests } = stacked(policy(), three(more), request => {
        stream.hasBegun = hasBegun
        return fail(code)(request)
      })
      await t.rejects(call(request({ stream })), { code })
      t.equal(seen.join(''), expected)
      t.equal(requests[0]?.stream, stream)
    }
  },
)

t.test('the budget is shared, and bounds what all repeats add', async t => {
  let now = 0
  const budget = new RetryBudget(() => now)
  const policy = { retries: retries({ budget: 0.2, backoff: { initialMs: 0, maxMs: 0 } }) }
  const options = { budget }
  const make = () =>
    stacked(policy, [endpoint('a', repeatable)], fail('MESH_CALL_INTERRUPTED'), options)
  const [one, two] = [make(), make()]
  for (let i = 0; i < 100; i++) {
    await t.rejects(one.call(request()))
    await t.rejects(two.call(request()))
  }
  const sent = one.seen.length + two.seen.length
  t.equal(sent, 200 + 0.2 * 200 + 10, 'a fifth, and one a second of the window')
  await t.rejects(one.call(request()), { message: /retry budget of the capability, 20 %/ })
  now = 10_000
  await t.rejects(one.call(request()), { message: /last of 3 attempts/ })
})

t.test('the budget forgets what is older than ten seconds', async t => {
  let now = 0
  const budget = new RetryBudget(() => now)
  const left = () => {
    let count = 0
    while (budget.withdraw()) count++
    return count
  }
  t.equal(left(), 10)
  now = 5_000
  for (let i = 0; i < 100; i++) budget.deposit(0.5)
  t.equal(left(), 50, 'what was taken is still counted')
  now = 10_500
  t.equal(left(), 10, 'the first ten are forgotten')
  now = 100_000
  t.equal(left(), 10)
})

t.test('an error that is none of ours is thrown as it is', async t => {
  const odd = new Error('odd')
  const { call, seen } = stacked(policy(), three(repeatable), () => Promise.reject(odd))
  await t.rejects(call(request()), odd)
  t.equal(seen.length, 1)
  const gateway = stacked(policy(), three(repeatable), () =>
    Promise.reject(
      new MeshError('MESH_CALL_INVALID', 'HTTP 503', undefined, { details: { status: 503 } }),
    ),
  )
  await t.rejects(gateway.call(request()), { code: 'MESH_CALL_INVALID' })
  t.equal(gateway.seen.join(''), 'abc', 'a gateway that got no answer is no answer')
})
