import t, { type Test } from 'tap'
import { MeshError } from '../../../core/model/error.ts'
import { breaker, BreakerState } from '../../../runtime/proxy/breaker.ts'
import type { Call } from '../../../runtime/proxy/call.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import {
  answer,
  endpoint,
  fail,
  hang,
  request,
  result,
  retries,
  stacked,
} from '../../support/layers.ts'

const policy = { failures: 3, openMs: 40 }
const openEnd = () => new Promise(resolve => setTimeout(resolve, 45))

/** A breaker over a leaf that can be changed. */
function broken(over: Call = fail('MESH_CALL_INTERRUPTED'), more = policy, timeoutMs = 1_000) {
  const state = { leaf: over, calls: 0 }
  const edge = { name: 'a.x -> d', breaker: new BreakerState() }
  const call = breaker(more, { edge, timeoutMs, endpoints: 1 })(request => {
    state.calls++
    return state.leaf(request)
  })
  return { call, state, breaker: edge.breaker }
}
const failing = async (t: Test, call: Call, times: number) => {
  for (let i = 0; i < times; i++) await t.rejects(call(request()))
}

t.test('it opens after so many failures in a row, refuses, and closes with a probe', async t => {
  const { call, state, breaker } = broken()
  await failing(t, call, 2)
  state.leaf = answer
  await call(request())
  state.leaf = fail('MESH_ENDPOINT_UNREACHABLE')
  await failing(t, call, 2)
  t.equal(breaker.phase, 'closed', 'a success between them counts')
  await failing(t, call, 1)
  t.equal(breaker.phase, 'open')
  const { calls } = state
  await t.rejects(call(request()), {
    code: 'MESH_BREAKER_OPEN',
    message:
      /^a\.x -> d: the breaker has been open for \d+ms after 3 failed calls in a row, and it tries again in \d+ms; the last failure: from undefined$/,
    details: { failures: 3 },
  })
  t.equal(state.calls, calls, 'nothing was sent')
  await openEnd()
  t.equal(breaker.phase, 'half-open')
  state.leaf = answer
  t.equal(await call(request()), result)
  t.equal(breaker.phase, 'closed')
  state.leaf = fail('MESH_CALL_INTERRUPTED')
  await failing(t, call, 2)
  t.equal(breaker.phase, 'closed', 'it counts afresh')
})

t.test('half-open it lets one probe through, and a failed one opens it again', async t => {
  const { call, state, breaker } = broken()
  await failing(t, call, 3)
  await openEnd()
  state.leaf = hang
  const signal = new Cancellation()
  const probe = call(request({ signal }))
  t.equal(breaker.phase, 'half-open')
  await t.rejects(call(request()), { code: 'MESH_BREAKER_OPEN', message: /a probe is on its way/ })
  signal.abort(new MeshError('MESH_TIMEOUT_ELAPSED', 'slow'))
  await t.rejects(probe, { code: 'MESH_TIMEOUT_ELAPSED' })
  await t.rejects(call(request()), { code: 'MESH_BREAKER_OPEN', message: /last failure: slow/ })
  t.equal(state.calls, 4)
})

t.test('a probe whose caller goes away says nothing: the next call is the probe', async t => {
  const { call, state, breaker } = broken()
  await failing(t, call, 3)
  await openEnd()
  state.leaf = hang
  const signal = new Cancellation()
  const probe = call(request({ signal }))
  signal.abort(new MeshError('MESH_CALL_CANCELLED', 'gone'))
  await t.rejects(probe, { code: 'MESH_CALL_CANCELLED' })
  state.leaf = answer
  await call(request())
  t.equal(breaker.phase, 'closed')
})

t.test('it counts only what speaks of the provider', async t => {
  const cases: [Call, 'closed' | 'open'][] = [
    [fail('MESH_ENDPOINT_UNREACHABLE'), 'open'],
    [fail('MESH_ENDPOINT_DRAINING'), 'open'],
    [fail('MESH_TOOL_BUSY'), 'open'],
    [fail('MESH_TIMEOUT_ELAPSED'), 'open'],
    [fail('MESH_CALL_INTERRUPTED'), 'open'],
    [fail('MESH_CALL_CANCELLED'), 'closed'],
    [fail('MESH_CALL_REFUSED'), 'closed'],
    [fail('MESH_ARGUMENTS_INVALID'), 'closed'],
    [() => Promise.resolve({ content: [], isError: true }), 'closed'],
    [() => Promise.reject(new Error('a fault of ours')), 'closed'],
  ]
  for (const [leaf, expected] of cases) {
    const { call, breaker } = broken(leaf)
    for (let i = 0; i < 5; i++) await call(request()).catch(() => undefined)
    t.equal(breaker.phase, expected)
  }
})

t.test('a deadline counts only where the provider had the time of an attempt', async t => {
  for (const [expiresAt, expected] of [
    [performance.now() + 60_000, 'open'],
    [performance.now() + 10, 'closed'],
    [Infinity, 'open'],
  ] as const) {
    const { call, breaker } = broken(fail('MESH_DEADLINE_EXCEEDED'))
    for (let i = 0; i < 3; i++) await t.rejects(call(request({ expiresAt })))
    t.equal(breaker.phase, expected)
  }
})

t.test('calls that began before it opened neither close nor prolong it', async t => {
  const { call, state, breaker } = broken(hang)
  const early = [new Cancellation(), new Cancellation()]
  const calls = early.map(signal => call(request({ signal })))
  state.leaf = fail('MESH_CALL_INTERRUPTED')
  await failing(t, call, 3)
  const { probeAt } = breaker
  early[0]!.abort(new MeshError('MESH_TIMEOUT_ELAPSED', 'late'))
  await t.rejects(calls[0]!)
  t.equal(breaker.probeAt, probeAt)
  early[1]!.abort(new Error('end'))
  await t.rejects(calls[1]!)
})

t.test('a new endpoint lets a probe through at once', async t => {
  const { call, state, breaker } = broken(undefined, { failures: 1, openMs: 60_000 })
  await failing(t, call, 1)
  await t.rejects(call(request()), { code: 'MESH_BREAKER_OPEN', message: /in 1m|in 60s|in 59/ })
  breaker.reconsider()
  state.leaf = answer
  t.equal(await call(request()), result)
  t.equal(breaker.phase, 'closed')
  breaker.reconsider()
  t.equal(breaker.phase, 'closed')
})

t.test('one instance of several that fails opens nothing, however many calls it takes', async t => {
  const endpoints = ['a', 'b', 'c'].map(name => endpoint(name))
  const all = { breaker: { failures: 3, openMs: 60_000 }, balance: 'round-robin' as const }
  let failing = 'a'
  const { call, edge } = stacked(all, endpoints, async request => {
    await new Promise(resolve => setImmediate(resolve))
    if (!failing.includes(request.endpoint?.instance ?? '')) return hang(request)
    return fail('MESH_CALL_INTERRUPTED')(request)
  })
  const signal = new Cancellation()
  const burst = () => Array.from({ length: 30 }, () => call(request({ signal })).catch(() => 0))
  const first = burst()
  await Promise.all(first.filter((_, i) => i % 3 === 0))
  t.equal(edge.breaker.failures, 10)
  t.equal(edge.breaker.phase, 'closed')
  failing = 'ab'
  const second = burst()
  await Promise.all(second.filter((_, i) => i % 3 < 2))
  t.equal(edge.breaker.phase, 'open')
  signal.abort(new Error('end'))
  await Promise.all([...first, ...second])
})

t.test('what a repeat saved has not failed; what all repeats lost counts once', async t => {
  const endpoints = ['a', 'b', 'c'].map(name => endpoint(name, { isRepeatable: true }))
  const all = {
    breaker: { failures: 2, openMs: 60_000 },
    retries: retries({ backoff: { initialMs: 1, maxMs: 1 } }),
  }
  let failures = 0
  const { call, edge, seen } = stacked(all, endpoints, request =>
    failures-- > 0 ? fail('MESH_CALL_INTERRUPTED')(request) : Promise.resolve(result),
  )
  for (let i = 0; i < 5; i++) {
    failures = 2
    await call(request())
  }
  t.equal(edge.breaker.phase, 'closed')
  failures = 100
  await t.rejects(call(request()))
  t.equal(edge.breaker.phase, 'closed')
  await t.rejects(call(request()))
  t.equal(edge.breaker.phase, 'open')
  const sent = seen.length
  await t.rejects(call(request()), { code: 'MESH_BREAKER_OPEN' })
  t.equal(seen.length, sent)
  t.match(edge.errors, { MESH_CALL_INTERRUPTED: 2, MESH_BREAKER_OPEN: 1 })
})
