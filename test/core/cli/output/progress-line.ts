import t from 'tap'
import { createProgressLine } from '../../../../core/cli/output/progress-line.ts'
import { until } from '../../../support/mesh.ts'

/** A terminal of 20 columns that keeps what was written, with a clock that stands. */
function stand() {
  const written: string[] = []
  const clock = { ms: 0 }
  const line = createProgressLine(
    { columns: 20, write: text => written.push(text) },
    () => clock.ms,
  )
  return { line, written, clock }
}

t.test('work that is over at once shows nothing', t => {
  const { line, written } = stand()
  line.show('one')
  line.clear()
  t.strictSame(written, [])
  t.end()
})

t.test('one line is written over, at most every 100 ms, and is gone at the end', t => {
  const { line, written, clock } = stand()
  for (clock.ms = 0; clock.ms <= 500; clock.ms += 10) line.show(`at ${clock.ms}`)
  t.strictSame(written, ['\r\u001b[Kat 300', '\r\u001b[Kat 400', '\r\u001b[Kat 500'])
  line.clear()
  line.clear()
  t.strictSame(written.slice(3), ['\r\u001b[K'], 'cleared once')
  line.show('after')
  t.equal(written.length, 4, 'not sooner for that something else was written')
  line.clear()
  t.end()
})

t.test('a text is cut to the width of the terminal', t => {
  const { line, written, clock } = stand()
  line.show('a')
  clock.ms = 300
  line.show('x'.repeat(50))
  t.strictSame(written, [`\r\u001b[K${'x'.repeat(19)}`])
  line.clear()
  t.end()
})

t.test('who waits and tells nothing more is shown as well', async t => {
  const written: string[] = []
  const line = createProgressLine({ write: text => written.push(text) })
  line.show('first')
  line.show('waiting')
  await until(() => written.length > 0, { what: 'the line' })
  t.strictSame(written, ['\r\u001b[Kwaiting'])
  line.clear()
})
