import t from 'tap'
import { ChunkQueue } from '../../../runtime/proxy/chunk-queue.ts'
import type { Call } from '../../../runtime/proxy/call.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { RetryBudget } from '../../../runtime/proxy/retry-budget.ts'
import { endpoint, fail, hang, request, result, retries, stacked } from '../../support/layers.ts'

const repeatable = { isRepeatable: true }
const two = () => [endpoint('a', { ...repeatable, score: 1 }), endpoint('b', repeatable)]
const policy = { hedge: { afterMs: 20 } }
/** `a` hangs, all others answer. */
const slowFirst: Call = request =>
  request.endpoint?.instance === 'a' ? hang(request) : Promise.resolve(result)
const waitFor = async (probe: () => boolean) => {
  while (!probe()) await new Promise(resolve => setTimeout(resolve, 2))
}

t.test('a slow attempt gets a second one elsewhere; the loser is cancelled', async t => {
  const { call, seen, requests, edge } = stacked(policy, two(), slowFirst)
  const from = performance.now()
  t.equal(await call(request()), result)
  t.ok(performance.now() - from >= 18, 'not before its time')
  t.equal(seen.join(''), 'ab')
  t.match(requests[0]?.signal, { aborted: true, reason: { code: 'MESH_CALL_CANCELLED' } })
  t.match(edge, { hedges: 1, attempts: 2, calls: 1, errors: {} })
})

t.test('a fast answer has no second attempt, also not later', async t => {
  const { call, seen } = stacked(policy, two(), async () => result)
  await call(request())
  await new Promise(resolve => setTimeout(resolve, 40))
  t.equal(seen.join(''), 'a')
})

t.test('only what may be repeated, at what may be repeated, and only elsewhere', async t => {
  const cases = [
    [endpoint('a', { score: 1 }), endpoint('b', repeatable)],
    [endpoint('a', { ...repeatable, score: 1 }), endpoint('b')],
    [endpoint('a', repeatable)],
  ]
  for (const endpoints of cases) {
    const { call, seen } = stacked({ ...policy, timeoutMs: 80 }, endpoints, slowFirst)
    await t.rejects(call(request()), { code: 'MESH_TIMEOUT_ELAPSED' })
    t.equal(seen.join(''), 'a')
  }
  const stream = new ChunkQueue(undefined)
  const streamed = stacked({ ...policy, timeoutMs: 80 }, two(), slowFirst)
  await t.rejects(streamed.call(request({ stream })))
  t.equal(streamed.seen.join(''), 'a', 'chunks of two would be mixed')
})

t.test('it takes from the retry budget, and none is made when that is spent', async t => {
  const budget = new RetryBudget(() => 0)
  while (budget.withdraw());
  const { call, seen } = stacked({ ...policy, timeoutMs: 80 }, two(), slowFirst, { budget })
  await t.rejects(call(request()), { code: 'MESH_TIMEOUT_ELAPSED' })
  t.equal(seen.join(''), 'a')
  for (let i = 0; i < 5; i++) budget.deposit(0.2)
  t.equal(await call(request()), result)
  t.equal(budget.withdraw(), false)
})

t.test(
  'a failure before its time is thrown at once; the other attempt may still answer',
  async t => {
    const early = stacked(policy, two(), fail('MESH_CALL_INTERRUPTED'))
    await t.rejects(early.call(request()), { code: 'MESH_CALL_INTERRUPTED', message: 'from a' })
    t.equal(early.seen.join(''), 'a')
    const late = stacked(policy, two(), async request => {
      await waitFor(() => late.seen.length === 2)
      if (request.endpoint?.instance === 'a') return fail('MESH_CALL_INTERRUPTED')(request)
      await new Promise(resolve => setTimeout(resolve, 10))
      return result
    })
    t.equal(await late.call(request()), result)
    const both = stacked(policy, two(), async request => {
      await waitFor(() => both.seen.length === 2)
      return fail('MESH_CALL_INTERRUPTED')(request)
    })
    await t.rejects(both.call(request()), { code: 'MESH_CALL_INTERRUPTED' })
  },
)

t.test('retry goes on after both, to what may be repeated only', async t => {
  const endpoints = [
    ...two(),
    endpoint('c', { score: -1 }),
    endpoint('d', { ...repeatable, score: -2 }),
  ]
  const { call, seen } = stacked(
    { ...policy, timeoutMs: 60, retries: retries({ attempts: 2, on: ['timeout'] }) },
    endpoints,
    request => (request.endpoint?.instance === 'd' ? Promise.resolve(result) : hang(request)),
  )
  t.equal(await call(request()), result)
  t.equal(seen.join(''), 'abd')
})

t.test('a caller that goes away cancels both', async t => {
  const signal = new Cancellation()
  const reason = new Error('gone')
  const { call, requests } = stacked(policy, two(), hang)
  const calling = call(request({ signal }))
  await waitFor(() => requests.length === 2)
  signal.abort(reason)
  await t.rejects(calling, reason)
  t.strictSame(
    requests.map(request => request.signal.aborted),
    [true, true],
  )
})
