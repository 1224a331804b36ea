import t from 'tap'
import { bulkhead } from '../../../runtime/proxy/bulkhead.ts'
import { Turns } from '../../../runtime/proxy/turns.ts'
import type { Call } from '../../../runtime/proxy/call.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { endpoint, hang, request, result, stacked } from '../../support/layers.ts'

/** A bulkhead over calls that end when they are told to, in the order of `begun`. */
function held(max: number, queue: number) {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const edge = { name: 'a.x -> d', bulkhead: new Turns() }
  edge.bulkhead.resize(max)
  const leaf: Call = ({ args }) => {
    begun.push(String(args['name']))
    return new Promise(resolve => ends.push(() => resolve(result)))
  }
  const layer = bulkhead({ queue }, edge)(leaf)
  const call = (name: string, signal = new Cancellation()) =>
    layer(request({ args: { name }, signal }))
  return { call, begun, ends, state: edge.bulkhead }
}
const turn = () => new Promise(resolve => setImmediate(resolve))

t.test('so many run, so many wait in the order they came, the next is refused', async t => {
  const { call, begun, ends, state } = held(2, 2)
  const calls = ['a', 'b', 'c', 'd'].map(name => call(name))
  t.strictSame(begun, ['a', 'b'])
  t.strictSame([state.running, state.waiting], [2, 2])
  await t.rejects(call('e'), {
    code: 'MESH_BULKHEAD_FULL',
    message: /^a\.x -> d: 2 calls are under way and 2 wait, .* not sent$/,
  })
  ends[0]?.()
  await calls[0]
  await turn()
  t.strictSame(begun, ['a', 'b', 'c'])
  ends[1]?.()
  await turn()
  t.strictSame(begun, ['a', 'b', 'c', 'd'])
  for (const end of ends) end()
  for (const each of calls) t.equal(await each, result)
  t.strictSame([state.running, state.waiting], [0, 0])
})

t.test('a caller that goes away leaves the queue, and its place is free', async t => {
  const { call, begun, ends, state } = held(1, 2)
  const signal = new Cancellation()
  const calls = [call('a'), call('b', signal), call('c')]
  signal.abort(new Error('gone'))
  await t.rejects(calls[1]!, { message: 'gone' })
  t.equal(state.waiting, 1)
  const fourth = call('d')
  ends[0]?.()
  await calls[0]
  await turn()
  ends[1]?.()
  await calls[2]
  await turn()
  ends[2]?.()
  await fourth
  t.strictSame(begun, ['a', 'c', 'd'], 'what was given up never ran')
})

t.test('a failed call gives its place back', async t => {
  const edge = { name: 'e', bulkhead: new Turns() }
  edge.bulkhead.resize(1)
  const call = bulkhead({ queue: 0 }, edge)(() => Promise.reject(new Error('failed')))
  await t.rejects(call(request()), { message: 'failed' })
  await t.rejects(call(request()), { message: 'failed' })
  t.equal(edge.bulkhead.running, 0)
})

t.test('a wait ends with the deadline of the call', async t => {
  const signal = new Cancellation()
  const { call, edge } = stacked(
    { concurrency: { max: 1, queue: 5 }, deadlineMs: 40 },
    [endpoint('a')],
    hang,
  )
  const calls = await Promise.allSettled([call(request({ signal })), call(request())])
  for (const ended of calls)
    t.match(ended, { status: 'rejected', reason: { code: 'MESH_DEADLINE_EXCEEDED' } })
  t.strictSame([edge.bulkhead.running, edge.bulkhead.waiting], [0, 0])
})

t.test('a larger bound of another policy lets those in who wait', async t => {
  const { call, begun, ends, state } = held(1, 2)
  const calls = [call('a'), call('b'), call('c')]
  state.resize(Infinity)
  await turn()
  t.strictSame(begun, ['a', 'b', 'c'])
  for (const end of ends) end()
  await Promise.all(calls)
  t.equal(state.running, 0)
})
