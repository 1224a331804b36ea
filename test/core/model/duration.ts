/** The pure values: durations, conditions, waits, errors and the table of their codes. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { codes } from '../../../core/model/codes.ts'
import { setCondition, type Condition } from '../../../core/model/condition.ts'
import { formatDuration, parseDuration } from '../../../core/model/duration.ts'
import { hasCode, MeshError, messageOf } from '../../../core/model/error.ts'
import { packageFile } from '../../../core/model/package-file.ts'
import { sleep } from '../../../core/model/sleep.ts'

t.test('a duration is a number and a unit', async t => {
  const table: Record<string, number> = {
    '250ms': 250,
    '2s': 2000,
    '1.5m': 90_000,
    '1h': 3_600_000,
    '0s': 0,
    '0.5ms': 1,
    '596h': 2_145_600_000,
  }
  for (const [text, ms] of Object.entries(table)) t.equal(parseDuration(text), ms, text)
  for (const text of [
    '',
    '5',
    's',
    '5 s',
    '-5s',
    '+5s',
    '1e3s',
    '.5s',
    '5.s',
    '5S',
    '5d',
    '1m30s',
    ' 5s',
    '5s\n',
    '５s',
  ]) {
    t.throws(() => parseDuration(text), { code: 'MESH_DURATION_INVALID' }, JSON.stringify(text))
  }
  t.throws(() => parseDuration('597h'), {
    message: /longer than 24 days/,
    mend: 'write at most 596h',
  })
  t.throws(() => parseDuration(`${'9'.repeat(400)}s`), { code: 'MESH_DURATION_INVALID' })
  fc.assert(fc.property(fc.nat(2_147_483_647), ms => parseDuration(`${ms}ms`) === ms))
})

t.test('a duration is shown in its two largest units', async t => {
  const table: [number, string][] = [
    [0, '0ms'],
    [999, '999ms'],
    [1000, '1s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [3_601_000, '1h'],
    [90_061_000, '1d1h'],
    [86_460_000, '1d'],
  ]
  for (const [ms, text] of table) t.equal(formatDuration(ms), text, String(ms))
})

t.test('a condition keeps its transition time while its status stays', async t => {
  const condition = (status: Condition['status'], lastTransitionTime: string): Condition => ({
    type: 'Ready',
    status,
    reason: 'R',
    message: 'm',
    observedGeneration: 1,
    lastTransitionTime,
  })
  const first = setCondition([], condition('False', 'one'))
  t.match(setCondition(first, condition('False', 'two')), [
    { status: 'False', lastTransitionTime: 'one' },
  ])
  t.match(setCondition(first, condition('True', 'two')), [
    { status: 'True', lastTransitionTime: 'two' },
  ])
  const other: Condition = { ...condition('True', 'x'), type: 'Drifted' }
  t.strictSame(
    setCondition([other], condition('True', 'y')).map(c => c.type),
    ['Drifted', 'Ready'],
  )
  t.match(first, [{ status: 'False' }], 'what was given is not changed')
})

t.test('a wait ends in time, or when its signal aborts', async t => {
  const started = performance.now()
  await sleep(20)
  t.ok(performance.now() - started >= 19)
  const reason = new Error('enough')
  await t.rejects(sleep(60_000, AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  const waiting = sleep(60_000, controller.signal)
  controller.abort(reason)
  await t.rejects(waiting, reason)
  const kept = new AbortController()
  await sleep(1, kept.signal)
  kept.abort()
})

t.test('an error has a code, what was found, and how to mend it', async t => {
  const cause = new Error('why')
  const error = new MeshError('MESH_PORT_TAKEN', 'port 80 is taken', undefined, {
    cause,
    details: { pid: 1 },
  })
  t.match(error, {
    name: 'MeshError',
    code: 'MESH_PORT_TAKEN',
    message: 'port 80 is taken',
    mend: codes.MESH_PORT_TAKEN.mend,
    exit: 1,
    status: 500,
    details: { pid: 1 },
  })
  t.equal(error.cause, cause)
  t.notOk('cause' in new MeshError('MESH_PORT_TAKEN', 'x'))
  t.ok(hasCode(error, 'MESH_PORT_TAKEN'))
  t.notOk(hasCode(error, 'MESH_INTERNAL_FAILED'))
  t.notOk(hasCode({ code: 'MESH_PORT_TAKEN' }, 'MESH_PORT_TAKEN'))
  t.strictSame(
    [messageOf(error), messageOf('text'), messageOf(undefined)],
    ['port 80 is taken', 'text', 'undefined'],
  )
})

t.test('every code has a name, a status, an exit code and a mend, and is documented', async t => {
  const page = readFileSync('docs/errors.md', 'utf8')
  for (const [code, entry] of Object.entries(codes)) {
    t.match(code, /^MESH(_[A-Z]+){2,3}$/)
    t.ok(entry.status >= 400 && entry.status < 600, `${code} has a status`)
    t.ok([1, 2, 3, 4, 5].includes(entry.exit), `${code} has an exit code`)
    t.match(entry.about, /^\S.*\.$/, `${code} is a sentence`)
    t.match(entry.mend, /^[a-z].*[^.]$/, `${code} says how to mend it`)
    t.ok(page.includes(`## ${code}\n\n${entry.about}`), `${code} is documented`)
  }
  const documented = [...page.matchAll(/^## (\w+)$/gm)].map(match => match[1])
  t.strictSame(documented.sort(), Object.keys(codes).sort())
})

t.test('every code that the sources name is in the table', async t => {
  const files = ['core', 'runtime'].flatMap(top =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map(name => join(top, name)),
  )
  const environment = new Set(['MESH_HOME', 'MESH_TOKEN', 'MESH_DEBUG', 'MESH_REGISTRY_URL'])
  for (const file of files.filter(name => name.endsWith('.ts'))) {
    const quoted = readFileSync(file, 'utf8').matchAll(/'(MESH_[A-Z_]+)'/g)
    for (const [, name] of quoted)
      t.ok(name! in codes || environment.has(name!), `${file}: ${name}`)
  }
})

t.test('files that ship with the code are found', async t => {
  t.match(readFileSync(packageFile('schemas/agent.schema.json'), 'utf8'), '"Agent"')
})
