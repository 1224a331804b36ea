import t from 'tap'
import { Replicas } from '../../../../core/registry/control/replicas.ts'

const quiet = { dead: [], gone: [], wasAway: false, hasSettledPeer: false }

function open() {
  let now = 0
  const replicas = new Replicas({ self: 'me', ttlMs: 3_000, graceMs: 5_000, now: () => now })
  /** Beats at `at` seconds; `left` is what the store says of each other one. */
  const beat = (at: number, left: Record<string, number>, owners: string[] = []) => {
    now = at * 1_000
    const others = Object.entries(left).map(([id, leftMs]) => ({ id, leftMs, isSettled: true }))
    return replicas.beat([{ id: 'me', leftMs: 3_000, isSettled: false }, ...others], owners)
  }
  return { replicas, beat }
}

t.test('one whose beats are over is dead once, and gone after the grace', async t => {
  const { replicas, beat } = open()
  for (const at of [0, 1, 2, 3]) beat(at, { b: 2_500 })
  t.strictSame(beat(4, { b: -100 }), { ...quiet, dead: ['b'] })
  t.equal(replicas.isDead('b'), true)
  t.strictSame(beat(5, { b: -1_100 }), quiet)
  t.strictSame(beat(6, { b: 2_900 }).dead, [], 'it beats again')
  t.equal(replicas.isDead('b'), false)
  t.strictSame(beat(7, {}, ['b']).dead, ['b'], 'an owner of which there is no row is dead too')
  for (const at of [8, 9, 10, 11]) t.strictSame(beat(at, {}, ['b']).gone, [])
  t.strictSame(beat(12, {}, ['b']).gone, ['b'])
})

t.test(
  'whoever has just started, or was away itself, has no say for as long as a beat counts',
  async t => {
    const { beat } = open()
    for (const at of [0, 1, 2]) t.strictSame(beat(at, { b: -1 }), quiet)
    t.strictSame(beat(3, { b: -1 }).dead, ['b'])
    beat(4, { c: 1_000 })
    t.match(beat(9, { c: -2_000 }), { wasAway: true, dead: [] })
    t.match(beat(10, { c: -3_000 }), { wasAway: false, dead: [] })
    t.strictSame(beat(12, { c: -5_000 }).dead, ['c'])
  },
)

t.test('a settled one is seen to live when it has beaten since', async t => {
  const { beat } = open()
  t.equal(beat(0, { b: 2_900 }).hasSettledPeer, false, 'this may be what a dead one has left')
  t.equal(beat(1, { b: 1_900 }).hasSettledPeer, false)
  t.equal(beat(2, { b: 2_800 }).hasSettledPeer, true)
})
