/** The window alone, against one that looks at everything it knows at each step. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Remembered, RunWindow } from '../../../runtime/mcp/run-window.ts'

class Run extends Remembered {
  hasAnswer = true

  forget(): void {
    this.hasAnswer = false
  }
}

/** Runs of three callers. */
const callerOf = (key: string) => `caller-${key.length % 3}`
const begin = (window: RunWindow<Run>, key: string, at: number) => {
  const run = new Run(callerOf(key), key, at)
  window.add(run)
  return run
}
const find = (window: RunWindow<Run>, key: string) => window.get(callerOf(key), key)

const limits = { ageMs: 100, runs: 8, bytes: 1_000 }

t.test('no more answers are kept than the bytes allow, and those that ended last', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 60 }), sizes => {
      const window = new RunWindow<Run>({ ...limits, runs: 1_000 })
      const runs = sizes.map((size, i) => {
        const run = begin(window, `${i}`, i)
        window.settle(run, size)
        return run
      })
      const kept = runs.map(({ hasAnswer }) => hasAnswer)
      let bytes = 0
      const expected = sizes.map(() => true)
      for (let i = sizes.length - 1, isFull = false; i >= 0; i--) {
        bytes += sizes[i] ?? 0
        isFull ||= bytes > limits.bytes
        expected[i] = !isFull
      }
      assert.deepEqual(kept, expected)
      assert.ok(
        runs.every((run, i) => find(window, `${i}`) === run),
        'and all are known',
      )
    }),
    { numRuns: 100 },
  )
  t.pass('held')
  t.end()
})

const step = fc.record({
  kind: fc.constantFrom('begin', 'begin', 'settle', 'refuse'),
  /** Which of those that run. */
  which: fc.nat(20),
  /** How much later. */
  ms: fc.integer({ min: 0, max: 30 }),
})

t.test('what runs is known; of the rest what is forgotten began by the time that it says', t => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const window = new RunWindow<Run>(limits)
      const running = new Map<string, Run>()
      const settled = new Map<string, Run>()
      let now = 0
      for (const [i, { kind, which, ms }] of steps.entries()) {
        now += ms
        const picked = [...running][which % Math.max(running.size, 1)]
        if (kind === 'begin') {
          running.set(`${i}`, begin(window, `${i}`, now))
        } else if (picked) {
          const [id, run] = picked
          running.delete(id)
          if (kind === 'settle') settled.set(id, run)
          if (kind === 'settle') window.settle(run, 50)
          else window.delete(run)
        }
      }
      assert.ok([...running].every(([id, run]) => find(window, id) === run))
      const known = [...settled].filter(([id, run]) => find(window, id) === run)
      const gone = [...settled].filter(([id]) => find(window, id) === undefined)
      assert.equal(known.length + gone.length, settled.size)
      assert.ok(gone.every(([, { at }]) => at <= window.forgottenUntil))
    }),
    { numRuns: 200 },
  )
  t.pass('held')
  t.end()
})

t.test('beyond its number the oldest goes, after its time each', t => {
  const window = new RunWindow<Run>(limits)
  const slow = begin(window, 'slow', 0)
  for (let i = 1; i <= 20; i++) window.settle(begin(window, `${i}`, i), 50)
  t.equal(find(window, 'slow'), slow, 'what runs stays')
  const known = () =>
    Array.from({ length: 20 }, (_, i) => `${i + 1}`).filter(id => find(window, id))
  t.same(known(), ['14', '15', '16', '17', '18', '19', '20'])
  t.equal(window.forgottenUntil, 13)
  for (let i = 0; i < 5; i++) window.settle(begin(window, `late-${i}`, 500), 50)
  t.same(known(), [])
  t.equal(find(window, 'slow'), slow)
  t.equal(window.forgottenUntil, 20)
  t.end()
})
