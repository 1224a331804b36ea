/** The forms for programs of others, each at what they take for their own syntax; the official schemas are in test/core/cli/commands/validate.ts. */
import { DOMParser } from '@xmldom/xmldom'
import t from 'tap'
import { reports } from '../../../../core/cli/reports/report.ts'
import type { Diagnostic } from '../../../../core/manifest/diagnostic.ts'

const fault = (changes: Partial<Diagnostic> = {}): Diagnostic => ({
  ...{
    code: 'MESH_VERSION_UNMET',
    severity: 'error',
    message: 'none is in "^2"',
    mend: 'write ^1',
  },
  ...{ file: 'a/mesh.yaml', line: 7, column: 5, endLine: 7, endColumn: 9 },
  ...changes,
})
const findings = (...diagnostics: Diagnostic[]) => ({
  diagnostics,
  files: ['a/mesh.yaml', 'b/mesh.yaml'],
  version: '1.2.3',
})

t.test('github: a command a finding, with its syntax escaped', t => {
  t.equal(
    reports.github(findings(fault())),
    '::error file=a/mesh.yaml,line=7,endLine=7,col=5,endColumn=9,title=MESH_VERSION_UNMET::none is in "^2"%0Amend: write ^1',
  )
  const odd = fault({
    severity: 'note',
    file: 'a,b:c%.yaml',
    endLine: 9,
    message: '50 %\r\n::error::',
  })
  t.equal(
    reports.github(findings(odd)),
    '::notice file=a%2Cb%3Ac%25.yaml,line=7,endLine=9,col=5,title=MESH_VERSION_UNMET::50 %25%0D%0A::error::%0Amend: write ^1',
  )
  t.equal(reports.github(findings()), '', 'nothing is found')
  t.end()
})

t.test('sarif: each code is a rule once, and places are URIs', t => {
  const log = JSON.parse(
    reports.sarif(
      findings(
        fault(),
        fault({ code: 'MESH_NAME_LONG', severity: 'warning', file: '/abs/ü #1.yaml' }),
        fault({ line: 9, endLine: 9 }),
      ),
    ),
  ) as {
    runs: { tool: { driver: { version: string; rules: { id: string }[] } }; results: object[] }[]
  }
  const [run] = log.runs
  t.equal(run?.tool.driver.version, '1.2.3')
  t.strictSame(
    run?.tool.driver.rules.map(({ id }) => id),
    ['MESH_NAME_LONG', 'MESH_VERSION_UNMET'],
  )
  const at = (uri: string) => ({ locations: [{ physicalLocation: { artifactLocation: { uri } } }] })
  t.match(run?.results, [
    { ruleIndex: 1, level: 'error', ...at('a/mesh.yaml') },
    { ruleIndex: 0, level: 'warning', ...at('file:///abs/%C3%BC%20%231.yaml') },
    { ruleIndex: 1, locations: [{ physicalLocation: { region: { startLine: 9 } } }] },
  ])
  t.match(JSON.parse(reports.sarif(findings())), { runs: [{ results: [] }] })
  t.end()
})

t.test('junit: warnings do not fail, sound files pass, and nothing breaks the XML', t => {
  const odd = fault({ message: '<a b="c"> & \u0001 \ud800 end', severity: 'error' })
  const xml = reports.junit(
    findings(odd, fault({ severity: 'warning' }), fault({ file: 'far.yaml' })),
  )
  const document = new DOMParser({
    onError: (level, message) => level === 'warning' || t.fail(message),
  }).parseFromString(xml, 'text/xml')
  const named = (tag: string) => [...document.getElementsByTagName(tag)]
  t.strictSame(
    named('testsuite').map(suite =>
      ['name', 'tests', 'failures'].map(name => suite.getAttribute(name)).join(' '),
    ),
    ['a/mesh.yaml 2 1', 'b/mesh.yaml 1 0', 'far.yaml 1 1'],
  )
  t.equal(document.documentElement?.getAttribute('tests'), '4')
  t.equal(document.documentElement?.getAttribute('failures'), '2')
  t.equal(named('failure')[0]?.getAttribute('message'), '<a b="c"> & \ufffd \ufffd end')
  t.equal(named('system-out').length, 1, 'a warning is told')
  t.end()
})
