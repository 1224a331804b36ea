import t from 'tap'
import { Alarm } from '../../../runtime/proxy/alarm.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { withTimeLimit } from '../../../runtime/proxy/time-limit.ts'

const late = () => new Error('late')
const until = (signal: { addEventListener(type: 'abort', listener: () => void): void }) =>
  new Promise<void>(resolve => signal.addEventListener('abort', resolve))

t.test('a cancellation tells each listener once, with the first reason', async t => {
  const cancellation = new Cancellation()
  const told: string[] = []
  const left = () => told.push('left')
  cancellation.addEventListener('abort', () => told.push('a'))
  cancellation.addEventListener('abort', left)
  cancellation.addEventListener('abort', () => told.push('b'))
  cancellation.removeEventListener('abort', left)
  cancellation.removeEventListener('abort', () => undefined)
  const { signal } = cancellation
  t.equal(cancellation.signal, signal, 'one platform signal')
  t.equal(signal.aborted, false)
  const first = new Error('first')
  cancellation.abort(first)
  cancellation.abort(new Error('second'))
  t.strictSame(told, ['a', 'b'])
  t.match(cancellation, { aborted: true, reason: first })
  t.match(signal, { aborted: true, reason: first })
})

t.test('of many listeners those that have left are told nothing, whichever came first', async t => {
  const cancellation = new Cancellation()
  const told: number[] = []
  const listeners = Array.from({ length: 9 }, (_, i) => () => void told.push(i))
  for (const listener of listeners) cancellation.addEventListener('abort', listener)
  for (const gone of [2, 8, 2, 0]) cancellation.removeEventListener('abort', listeners[gone]!)
  cancellation.abort(new Error('over'))
  t.strictSame(
    told.toSorted((a, b) => a - b),
    [1, 3, 4, 5, 6, 7],
  )
})

t.test('a platform signal that is asked for late is aborted with the same reason', async t => {
  const cancellation = new Cancellation()
  const reason = new Error('gone')
  cancellation.abort(reason)
  t.match(cancellation.signal, { aborted: true, reason })
})

t.test('alarms ring at their own end, in any order of setting, and not when cleared', async t => {
  const began = performance.now()
  const rang: [string, number][] = []
  const alarm = (name: string, ms: number) => {
    const made = new Alarm(began + ms, () => rang.push([name, performance.now() - began]))
    made.set()
    return made
  }
  const never = alarm('long', 60_000)
  const cleared = [alarm('a', 20), alarm('b', 30), alarm('c', 40)]
  const last = new Promise<void>(resolve => new Alarm(began + 90, resolve).set())
  alarm('60', 60)
  alarm('30', 30)
  alarm('again', 30)
  for (const each of cleared) each.clear()
  for (const each of cleared) each.clear()
  await last
  never.clear()
  t.strictSame(rang.map(([name]) => name).toSorted(), ['30', '60', 'again'])
  t.equal(rang.at(-1)?.[0], '60')
  for (const [name, ms] of rang) t.ok(ms >= (name === '60' ? 60 : 30), `${name} after ${ms} ms`)
})

t.test('ten thousand ends at once and one that is set while they ring', async t => {
  let rang = 0
  await new Promise<void>(resolve => {
    const at = performance.now() + 20
    for (let i = 0; i < 10_000; i++) {
      new Alarm(at + (i % 5), () => {
        if (++rang === 10_000) new Alarm(performance.now(), resolve).set()
      }).set()
    }
  })
  t.equal(rang, 10_000)
})

t.test('a time limit ends by its time, by its parent, or not at all', async t => {
  const parent = new Cancellation()
  await t.rejects(
    withTimeLimit(20, parent, late, async limited => {
      await until(limited)
      throw limited.reason
    }),
    { message: 'late' },
  )
  const reason = new Error('caller')
  const platform = new AbortController()
  const running = withTimeLimit(Infinity, platform.signal, late, async limited => {
    await until(limited)
    throw limited.reason
  })
  platform.abort(reason)
  await t.rejects(running, reason)
  let limit: Cancellation | undefined
  t.equal(await withTimeLimit(20, parent, late, async limited => ((limit = limited), 1)), 1)
  await new Promise<void>(resolve => new Alarm(performance.now() + 40, resolve).set())
  t.equal(limit?.aborted, false, 'what has ended is not aborted any more')
  t.equal(parent.aborted, false)
  await t.rejects(
    withTimeLimit(0, parent, late, async () => 1),
    { message: 'late' },
  )
  parent.abort(reason)
  await t.rejects(
    withTimeLimit(20, parent, late, async () => 1),
    reason,
  )
})
