import t from 'tap'
import { backoffMs } from '../../../core/reconcile/backoff.ts'
import { WorkQueue, type Outcome } from '../../../core/reconcile/work-queue.ts'
import { until } from '../../support/mesh.ts'

const fail = (error: unknown) => {
  throw error
}

t.test('a key that is added often before its turn is worked on once, in the same tick', async t => {
  const turns: string[] = []
  const queue = new WorkQueue<string>({ reconcile: key => void turns.push(key), onError: fail })
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
  t.strictSame(turns, [], 'not while it is added')
  let ticked = false
  setImmediate(() => (ticked = true))
  await queue.idle()
  t.strictSame(turns, ['a', 'b'])
  t.notOk(ticked)
})

t.test(
  'what is added while a key is worked on gives it another turn, never two at once',
  async t => {
    const seen: number[] = []
    let level = 0
    let running = 0
    const release: (() => void)[] = []
    const queue = new WorkQueue<string>({
      onError: fail,
      async reconcile() {
        t.equal(++running, 1)
        seen.push(level)
        await new Promise<void>(resolve => release.push(resolve))
        running--
      },
    })
    queue.add('a')
    await until(() => release.length === 1)
    for (level = 1; level < 5; level++) queue.add('a')
    release[0]!()
    await until(() => release.length === 2)
    release[1]!()
    await queue.idle()
    t.strictSame(seen, [0, 5], 'the second turn reads the latest')
  },
)

t.test('other keys go on while one waits', async t => {
  const done: string[] = []
  let release = () => {}
  const queue = new WorkQueue<string>({
    onError: fail,
    async reconcile(key) {
      if (key === 'slow') await new Promise<void>(resolve => (release = resolve))
      done.push(key)
    },
  })
  queue.add('slow')
  queue.add('fast')
  await until(() => done.includes('fast'))
  t.strictSame(done, ['fast'])
  release()
  await queue.idle()
  t.strictSame(done, ['fast', 'slow'])
})

t.test('a failure is reported and comes back after a growing wait, until it succeeds', async t => {
  for (const isAsync of [false, true]) {
    let turns = 0
    const errors: unknown[] = []
    const queue = new WorkQueue<string>({
      onError: (error, key) => errors.push([key, (error as Error).message]),
      backoff: { initialMs: 1, maxMs: 4 },
      reconcile(): Outcome | Promise<Outcome> {
        turns++
        if (turns > 2) return
        const error = new Error(`turn ${turns}`)
        if (isAsync) return Promise.reject(error)
        throw error
      },
    })
    queue.add('a')
    await until(() => turns === 3)
    t.strictSame(errors, [
      ['a', 'turn 1'],
      ['a', 'turn 2'],
    ])
    await queue.close()
  }
})

t.test('a turn may ask for another after a while; an addition comes first', async t => {
  const turns: number[] = []
  const queue = new WorkQueue<string>({
    onError: fail,
    reconcile: () => {
      turns.push(performance.now())
      return turns.length < 3 ? { afterMs: 30 } : undefined
    },
  })
  queue.add('a')
  await queue.idle()
  queue.add('a')
  await queue.idle()
  t.equal(turns.length, 2)
  await until(() => turns.length === 3)
  t.ok(turns[2]! - turns[1]! >= 25)
  await queue.close()
})

t.test('closed, it waits for the turns that run and takes nothing more', async t => {
  let release = () => {}
  let turns = 0
  const queue = new WorkQueue<string>({
    onError: fail,
    async reconcile() {
      turns++
      await new Promise<void>(resolve => (release = resolve))
      return { afterMs: 1 }
    },
  })
  queue.add('a')
  await until(() => turns === 1)
  queue.add('a')
  const closed = queue.close()
  queue.add('b')
  release()
  await closed
  await new Promise(resolve => setTimeout(resolve, 10))
  t.equal(turns, 1)
})

t.test('backoff spreads over the whole wait, which doubles up to its bound', async t => {
  const options = { initialMs: 100, maxMs: 5_000 }
  const most = [1, 2, 3, 6, 7, 2_000].map(attempt => backoffMs(attempt, options, () => 1))
  t.strictSame(most, [100, 200, 400, 3_200, 5_000, 5_000])
  t.equal(
    backoffMs(3, options, () => 0),
    0,
  )
  t.equal(
    backoffMs(3, options, () => 0.5),
    200,
  )
})
