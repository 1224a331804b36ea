/** The quick reader and the library are held against each other: what the quick one reads, the library reads without a fault and alike. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { parseAllDocuments, type Document } from 'yaml'
import { plainYaml } from '../../../core/manifest/plain-yaml.ts'

const texts = ['examples', 'manifests', 'schemas', 'test/fixtures'].flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ya?ml|json)$/.test(name) && !name.includes('node_modules'))
    .map(name => ({
      name: join(folder, name),
      text: readFileSync(join(folder, name), 'utf8'),
    })),
)

/** By the library; undefined where it finds any fault or a document without content. */
function byLibrary(text: string): unknown[] | undefined {
  const parsed = parseAllDocuments(text, { merge: true, prettyErrors: false })
  const documents = Array.isArray(parsed) ? (parsed as Document[]) : []
  const isSound = documents.every(
    ({ errors, warnings, contents }) => errors.length + warnings.length === 0 && contents !== null,
  )
  return isSound ? documents.map(document => document.toJS() as unknown) : undefined
}

t.test('what is read of a whole corpus is what the library reads', async t => {
  let count = 0
  for (const { name, text } of texts) {
    const values = plainYaml(text)
    if (values === undefined) continue
    count++
    t.strictSame(values, byLibrary(text), name)
  }
  t.ok(count > texts.length * 0.85, `${count} of ${texts.length} files are plain`)
})

t.test('each form of plain YAML is read, and what is more than plain is left', async t => {
  const plain: Record<string, unknown> = {
    'a: 1\nb: -2.5\nc: text # comment\nd:\ne: ~\n': { a: 1, b: -2.5, c: 'text', d: null, e: null },
    'a: "x\\n\\u00e9"\n"b c": \'it\'\'s\'\n': { a: 'x\né', 'b c': "it's" },
    'a:\n- 1.0.0\n-   b: ">=1"\n    c: [x, {y: z}]\n': {
      a: ['1.0.0', { b: '>=1', c: ['x', { y: 'z' }] }],
    },
    'a: |\n  one\n\n  two\nb: >-\n  one\n  two\n\n  three\n': {
      a: 'one\n\ntwo\n',
      b: 'one two\nthree',
    },
    'a: {\n  b: [1,\n    2,\n  ],\n  }\n': { a: { b: [1, 2] } },
    'constructor: 1\ntoString: -x\n': { constructor: 1, toString: '-x' },
  }
  for (const [text, value] of Object.entries(plain)) {
    t.strictSame(plainYaml(text), [value], text)
    t.strictSame(byLibrary(text), [value], text)
  }
  t.strictSame(plainYaml('a: 1\n---\nb: 2\n'), [{ a: 1 }, { b: 2 }])
  const others = [
    ...[
      '',
      '# nothing\n',
      'text\n',
      'a: 1\na: 2\n',
      'a: &x 1\n',
      'a: *x\n',
      'a: !t 1\n',
      '<<: {}\n',
    ],
    ...['__proto__: {}\n', 'true: 1\n', '1: 2\n', 'a: 0x1\n', 'a: 1e3\n', 'a: .nan\n', 'a: 010\n'],
    ...[
      'a: b: c\n',
      'a: b\n  c\n',
      'a:\tb\n',
      'a: "b\n  c"\n',
      'a: {b: 1\n',
      '{a: 1}: 2\n',
      'a: @b\n',
    ],
    ...[
      'a: "x"#c\n',
      'a: |\n  x',
      'a: |+\n  x\n\n',
      '%YAML 1.2\n---\na: 1\n',
      'a: 1\n...\n',
      'a: 1\r\n',
    ],
    ...[`${'['.repeat(100)}${']'.repeat(100)}`, 'a: {b}\n', 'a: [b: c]\n', '? a\n: b\n', '- - a\n'],
  ]
  for (const text of others) t.equal(plainYaml(text), undefined, JSON.stringify(text).slice(0, 60))
})

t.test(
  'a manifest with any slip of the pen is read alike by both, or left to the library',
  async t => {
    const bits = [
      ...[' ', '  ', '\n', '\n  ', ':', ': ', '- ', '#', ' # c', '"', "'", '[', ']', '{', '}', ','],
      ...[
        '|',
        '>',
        '>-\n',
        '|\n',
        '&a',
        '*a',
        '!',
        '~',
        'null',
        '1',
        '-1',
        '0x1',
        '1.5',
        '.',
        '---',
      ],
      ...[
        '...',
        '\n---\n',
        '<<: ',
        '?',
        '%',
        '\t',
        '\r',
        '\\',
        '\\n',
        'é',
        '😀',
        '$',
        'true',
        '\n\n',
      ],
    ]
    const small = texts.filter(({ text }) => text.length < 4000)
    const slip = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.integer({ min: 0, max: 4 }),
      added: fc.constantFrom('', ...bits),
      /** Blanks more or less in front of the line. */
      shift: fc.integer({ min: -2, max: 2 }),
    })
    let read = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...small),
        fc.array(slip, { minLength: 1, maxLength: 3 }),
        ({ text }, slips) => {
          let broken = text
          for (const { at, removed, added, shift } of slips) {
            const from = Math.floor(at * broken.length)
            broken = broken.slice(0, from) + added + broken.slice(from + removed)
            const line = broken.lastIndexOf('\n', from) + 1
            broken =
              shift < 0
                ? broken.slice(0, line) + broken.slice(line - shift)
                : broken.slice(0, line) + ' '.repeat(shift) + broken.slice(line)
          }
          const values = plainYaml(broken)
          if (values === undefined) return
          read++
          t.strictSame(values, byLibrary(broken), broken)
        },
      ),
      { numRuns: 3000 },
    )
    t.ok(read > 100, `${read} were plain still`)
  },
)
