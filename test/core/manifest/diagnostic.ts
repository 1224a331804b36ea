/** How a fault is shown, what is hidden, what is suggested, and that no text makes the parser fail otherwise. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { renderDiagnostic, type Diagnostic } from '../../../core/manifest/diagnostic.ts'
import { maskSecrets } from '../../../core/manifest/mask.ts'
import { parseSource } from '../../../core/manifest/parse.ts'
import { spanOf } from '../../../core/manifest/positions.ts'
import { editDistance, nearest } from '../../../core/manifest/suggest.ts'
import { validateShape } from '../../../core/manifest/validate.ts'
import { checkMeaning } from '../../../core/manifest/check.ts'

const fault = (more: Partial<Diagnostic> = {}): Diagnostic => ({
  code: 'MESH_POLICY_UNKNOWN',
  severity: 'error',
  message: 'no shipped policy is named "patientt"',
  mend: 'write patient',
  file: 'mesh.yaml',
  line: 2,
  column: 11,
  endLine: 2,
  endColumn: 19,
  ...more,
})

t.test('a diagnostic has its place, the line underlined, and the mend', async t => {
  t.equal(
    renderDiagnostic(fault(), 'spec:\n  policy: patientt\n'),
    [
      'mesh.yaml:2:11: error MESH_POLICY_UNKNOWN: no shipped policy is named "patientt"',
      '  2 |   policy: patientt',
      '    |           ^^^^^^^^',
      '  mend: write patient',
    ].join('\n'),
  )
})

t.test('the underline stands below what it means', async t => {
  const table: [string, Partial<Diagnostic>, string][] = [
    ['a: 挨拶, b: x', { column: 11, endColumn: 12 }, '            ^'],
    ['a: 挨拶', { column: 4, endColumn: 6 }, '   ^^^^'],
    ['a:\tx', { column: 4, endColumn: 5 }, '    ^'],
    ['a: e\u0301, b', { column: 8, endColumn: 9 }, '      ^'],
    ['a: 👋 b', { column: 7, endColumn: 8 }, '      ^'],
    ['a: [b,', { column: 4, endLine: 3, endColumn: 2 }, '   ^^^'],
    ['a:', { column: 3, endColumn: 3 }, '  ^'],
    ['a:', { column: 90, endColumn: 99 }, '  ^'],
  ]
  for (const [source, where, underline] of table) {
    const more = { line: 1, endLine: 1, ...where }
    t.equal(renderDiagnostic(fault(more), source).split('\n')[2], `    | ${underline}`, source)
  }
})

t.test(
  'a place without text has no excerpt, and what a terminal would obey is shown as a dot',
  async t => {
    t.equal(renderDiagnostic(fault({ line: 9 }), 'one line').split('\n').length, 2)
    t.equal(renderDiagnostic(fault(), '').split('\n').length, 2)
    const escaped = renderDiagnostic(fault({ line: 1, endLine: 1 }), 'a: \u001b[31mred \u202e')
    t.match(escaped, 'a: ·[31mred ·')
  },
)

t.test('secrets are hidden, references are not', async t => {
  const table: [string, string][] = [
    ['bearer: abc', 'bearer: ***'],
    ['  "bearer": "a\\"bc", x: 1', '  "bearer": *************'],
    ["auth: { apiKey: 'abc', host: x }", 'auth: { apiKey: *****, host: x }'],
    ['MY_PASSWORD=abc # why', 'MY_PASSWORD=*** # why'],
    ['bearer: ${env:TOKEN}', 'bearer: ${env:TOKEN}'],
    ['auth: { bearer: "${file:/run/x}" }', 'auth: { bearer: "${file:/run/x}" }'],
    ['bearer: "${env:T:-abc}"', 'bearer: ***************'],
    ['advertise: http://user:abc@host/', 'advertise: http://user:***@host/'],
    ['description: says hello', 'description: says hello'],
    ['bearer: a,b}c#d', 'bearer: *******'],
    ['- bearer: !!str abc', '- bearer: *********'],
    ['auth: { bearer: [abc] }', 'auth: { bearer: ****] }'],
    ['token: { bearer: abc }', 'token: { bearer: *** }'],
  ]
  for (const [line, masked] of table) t.equal(maskSecrets(line), masked, line)
  t.equal(maskSecrets('a: abc, b', [3, 6]), 'a: ***, b')
})

t.test('the word that was meant is found, and none where nothing is near', async t => {
  const keys = ['inputSchema', 'outputSchema', 'description', 'name', 'tags', 'timeout']
  const table: [string, string | undefined][] = [
    ['inputschema', 'inputSchema'],
    ['input_schema', 'inputSchema'],
    ['ouputSchema', 'outputSchema'],
    ['desciption', 'description'],
    ['nmae', 'name'],
    ['tag', 'tags'],
    ['time', undefined],
    ['replicas', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ]
  for (const [word, meant] of table) t.equal(nearest(word, keys), meant, word.slice(0, 20))
  t.equal(editDistance('abcd', 'acbd'), 1)
  t.equal(editDistance('', 'abc'), 3)
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => editDistance(a, b) === editDistance(b, a)),
  )
})

/** All stages that need no file; true where each fault has a place in the text. */
function survives(text: string): boolean {
  const source = parseSource(text)
  if (source.documents.length === 0 && source.faults.length === 0) return false
  const inText = ({ start, end }: { start: number; end: number }) =>
    start >= 0 && start <= end && end <= source.text.length + 1
  return (
    source.faults.every(inText) &&
    source.documents.every(({ document, value }) => {
      if (value === undefined) return true
      const { kind, faults } = validateShape(value)
      const all = kind ? [...faults, ...checkMeaning(value, kind)] : faults
      return all.every(one => inText(spanOf(document, source.text, one)))
    })
  )
}

t.test('no text makes the parser fail: it has documents or faults', async t => {
  const yamlish = fc.string({
    unit: fc.constantFrom(...'ab:-[]{}&*!|>"\'#%@`,? \n\t\r\u0000é👋'.split('')),
  })
  fc.assert(fc.property(yamlish, survives), { numRuns: 2000 })
  fc.assert(fc.property(fc.string({ unit: 'binary' }), survives), { numRuns: 500 })
  t.pass('held')
})

t.test('a manifest with a few characters changed is a manifest or has faults', async t => {
  const folder = 'test/fixtures/manifests'
  const texts = ['invalid', 'valid'].flatMap(name =>
    readdirSync(join(folder, name))
      .filter(file => file.endsWith('.yaml'))
      .map(file => readFileSync(join(folder, name, file), 'utf8')),
  )
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(12),
    put: fc.string({ unit: fc.constantFrom(...'ab:-[]{}&*"\'# \n\t1'.split('')), maxLength: 4 }),
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (text, edits) =>
        survives(
          edits.reduce((now, { at, cut, put }) => {
            const index = Math.floor(at * now.length)
            return now.slice(0, index) + put + now.slice(index + cut)
          }, text),
        ),
    ),
    { numRuns: 1500 },
  )
  t.pass('held')
})

t.test('text made to exhaust the parser is refused in time', async t => {
  const table: Record<string, string> = {
    brackets: '['.repeat(500_000),
    braces: '{a: '.repeat(200_000),
    dashes: '- '.repeat(20_000),
    questions: '? '.repeat(20_000),
    indents: Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    long: `a: ${'x'.repeat(2_000_000)}`,
  }
  for (const [name, text] of Object.entries(table)) {
    const started = performance.now()
    const { faults } = parseSource(text)
    t.match(faults[0]?.code, /MESH_MANIFEST_TOO_LARGE|MESH_YAML_INVALID/, name)
    t.ok(
      performance.now() - started < 5000,
      `${name}: ${(performance.now() - started).toFixed(0)} ms`,
    )
  }
})

t.test('a line of a megabyte is not searched for secrets, nor shown', t => {
  const started = performance.now()
  const text = renderDiagnostic(fault({ line: 1, column: 1 }), `a: ${'x'.repeat(1_000_000)}`)
  t.ok(performance.now() - started < 1_000, 'in time')
  t.notMatch(text, /xxx/)
  t.match(text, /mend:/)
  t.end()
})
