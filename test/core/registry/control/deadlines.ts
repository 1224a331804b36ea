import t from 'tap'
import { Deadlines } from '../../../../core/registry/control/deadlines.ts'
import { until } from '../../../support/mesh.ts'

function open(afterStallMs: number) {
  const over: string[] = []
  const clock = { ms: 0 }
  const real = performance.now()
  const now = () => clock.ms + performance.now() - real
  const deadlines = new Deadlines({ now, onOver: key => void over.push(key), afterStallMs })
  return { deadlines, over, clock, now }
}

t.test('the last deadline of a key counts, and each is over once', async t => {
  const { deadlines, over, now } = open(0)
  t.teardown(() => deadlines.close())
  deadlines.set('moved', now() + 100)
  deadlines.set('moved', now() + 400)
  deadlines.set('soon', now() + 100)
  deadlines.set('deleted', now() + 100)
  deadlines.delete('deleted')
  await until(() => over.length === 1)
  t.strictSame([over, deadlines.has('soon'), deadlines.has('moved')], [['soon'], false, true])
  await until(() => over.length === 2)
  t.strictSame([over, deadlines.has('moved')], [['soon', 'moved'], false])
})

t.test(
  'a process that stood still judges nobody by the time in which it heard nothing',
  async t => {
    const { deadlines, over, clock, now } = open(300)
    t.teardown(() => deadlines.close())
    const due = now() + 200
    deadlines.set('renewed when it was heard', due)
    deadlines.set('silent', due)
    clock.ms += 60_000 // as when a machine sleeps: its clock has gone on, its timers have not
    await until(() => now() > due + 60_000 + 100)
    t.strictSame(over, [], 'the timer has rung')
    deadlines.set('renewed when it was heard', now() + 60_000)
    await until(() => over.length > 0)
    t.strictSame(over, ['silent'])
    t.ok(now() >= due + 60_000 + 300, `${Math.round(now() - due - 60_000)} ms later`)
    t.ok(deadlines.has('renewed when it was heard'))
  },
)
