/** The window alone, against one that looks at everything it knows at each step. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { RunWindow, type Remembered } from '../../../runtime/mcp/run-window.ts'

interface Run extends Remembered {
  hasAnswer: boolean
}

function runAt(at: number): Run {
  const run = {
    ...{ at, isSettled: false, bytes: 0, hasAnswer: true },
    forget: () => void (run.hasAnswer = false),
  }
  return run
}

const limits = { ageMs: 100, runs: 8, bytes: 1_000 }

t.test('no more answers are kept than the bytes allow, and those that ended last', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 60 }), sizes => {
      const window = new RunWindow<Run>({ ...limits, runs: 1_000 })
      const runs = sizes.map((size, i) => {
        const run = runAt(i)
        window.add(`${i}`, run)
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
        runs.every((run, i) => window.get(`${i}`) === run),
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
          const run = runAt(now)
          running.set(`${i}`, run)
          window.add(`${i}`, run)
        } else if (picked) {
          const [id, run] = picked
          running.delete(id)
          if (kind === 'settle') settled.set(id, run)
          if (kind === 'settle') window.settle(run, 50)
          else window.delete(id)
        }
      }
      assert.ok([...running].every(([id, run]) => window.get(id) === run))
      const known = [...settled].filter(([id, run]) => window.get(id) === run)
      const gone = [...settled].filter(([id]) => window.get(id) === undefined)
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
  const begin = (id: string, at: number) => {
    const run = runAt(at)
    window.add(id, run)
    return run
  }
  const slow = begin('slow', 0)
  for (let i = 1; i <= 20; i++) window.settle(begin(`${i}`, i), 50)
  t.equal(window.get('slow'), slow, 'what runs stays')
  const known = () => Array.from({ length: 20 }, (_, i) => `${i + 1}`).filter(id => window.get(id))
  t.same(known(), ['14', '15', '16', '17', '18', '19', '20'])
  t.equal(window.forgottenUntil, 13)
  for (let i = 0; i < 5; i++) window.settle(begin(`late-${i}`, 500), 50)
  t.same(known(), [])
  t.equal(window.get('slow'), slow)
  t.equal(window.forgottenUntil, 20)
  t.end()
})
