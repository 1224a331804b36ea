/** meshlint.yaml: what it switches, and what it gets wrong, each with its place. */
import t from 'tap'
import { readSettings } from '../../../core/lint/settings.ts'
import { faultOf } from '../../../core/manifest/fault.ts'
import { lower } from '../../../core/manifest/lower.ts'
import { manifestOf } from '../../support/registry.ts'

const agent = (name: string, namespace?: string) =>
  lower(manifestOf(name, undefined, namespace === undefined ? {} : { namespace }))
const fault = faultOf('MESH_PROVIDER_AMBIGUOUS', [], 'two', { severity: 'warning' })
const severityOf = (rules: string, name = 'mirror-1', namespace?: string) => {
  const settings = readSettings(`rules:\n${rules}`, 'meshlint.yaml')
  t.strictSame(settings.diagnostics, [], rules)
  return settings.judge(agent(name, namespace), fault)?.severity ?? 'off'
}

t.test('a rule makes a finding an error, a warning, a note or nothing', async t => {
  for (const severity of ['error', 'warning', 'note', 'off']) {
    const rule = `  - { code: MESH_PROVIDER_AMBIGUOUS, severity: ${severity}, reason: So. }`
    t.equal(severityOf(rule), severity)
  }
  const other = '  - { code: MESH_NAME_LONG, severity: off, reason: So. }'
  t.equal(severityOf(other), 'warning', 'another code is as it was')
})

t.test('a rule may be for some agents only, and the last that fits holds', async t => {
  const rule = (agents: string, severity = 'off') =>
    `  - { code: MESH_PROVIDER_AMBIGUOUS, severity: ${severity}, agents: [${agents}], reason: So. }`
  t.equal(severityOf(rule('mirror-*')), 'off')
  t.equal(severityOf(rule('default/mirror-*')), 'off')
  t.equal(severityOf(rule('mirror')), 'warning', 'a name is whole')
  t.equal(severityOf(rule('shop/*')), 'warning')
  t.equal(severityOf(rule('shop/*'), 'mirror-1', 'shop'), 'off')
  t.equal(severityOf(`${rule('mirror-*')}\n${rule('mirror-1', 'error')}`), 'error')
})

t.test('an entry that applies to nothing is a note at its line', async t => {
  const text = 'rules:\n  - { code: MESH_NAME_LONG, severity: off, reason: So. }\n'
  t.match(readSettings(text, 'meshlint.yaml').unused(), [
    { code: 'MESH_LINT_UNUSED', severity: 'note', file: 'meshlint.yaml', line: 2 },
  ])
})

t.test('what the file gets wrong is told with its place and how to write it', async t => {
  const table: [string, string, string][] = [
    ['rules: none', '1:1', 'the file has no list of rules'],
    ['[]', '1:1', 'the file has no list of rules'],
    ['rules: []\nmore: 1', '2:1', '"more" is no key of meshlint.yaml'],
    ['rules: [1]', '1:9', 'rules[0] is no mapping'],
    ['rules: [{ code: MESH_NAME_LONG, severity: off }]', '1:9', 'no reason is given'],
    ['rules: [{ code: MESH_NAME_LONG, severity: off, reason: " " }]', '1:56', 'no reason is given'],
    [
      'rules: [{ code: MESH_NAME_LONK, severity: off, reason: So. }]',
      '1:17',
      'code "MESH_NAME_LONK" is none that can be switched',
    ],
    [
      'rules: [{ code: MESH_FIELD_UNKNOWN, severity: off, reason: So. }]',
      '1:17',
      'code "MESH_FIELD_UNKNOWN" is none that can be switched',
    ],
    [
      'rules: [{ code: MESH_NAME_LONG, severity: none, reason: So. }]',
      '1:43',
      'severity "none" is none',
    ],
    [
      'rules: [{ code: MESH_NAME_LONG, severity: off, reason: So., agent: [a] }]',
      '1:61',
      '"agent" is no key of a rule',
    ],
    [
      'rules: [{ code: MESH_NAME_LONG, severity: off, reason: So., agents: a }]',
      '1:69',
      'agents is no list of names',
    ],
    ['rules: [', '1:8', 'the [ that opens here is never closed'],
  ]
  for (const [text, place, message] of table) {
    const { diagnostics } = readSettings(text, 'meshlint.yaml')
    const [found] = diagnostics
    t.equal(`${found?.line}:${found?.column}`, place, text)
    t.match(found?.message, message)
    t.ok(found?.mend)
  }
  t.match(readSettings(table[6]![0], 'x').diagnostics, [{ mend: 'write MESH_NAME_LONG' }])
  t.strictSame(
    readSettings('# nothing yet\n', 'x').diagnostics,
    [],
    'an empty file switches nothing',
  )
})
