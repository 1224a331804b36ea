// From schemas to what people and programs read of them: types of handlers, fields explained, scaffolds that compile.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { typeOf } from '../../../../core/cli/authoring/declarations.ts'
import { cli } from '../../../support/cli.ts'

const run = promisify(execFile)
const root = process.cwd()

/** A folder in which `mcp-mesh` and the types of Node are installed. */
function project(t: Test, files: Record<string, string> = {}): string {
  const folder = t.testdir(files)
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/mcp-mesh'))
  symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
  return folder
}

/** The faults that tsc finds in a folder, a line each. */
async function faultsOf(folder: string, ...flags: string[]): Promise<string[]> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', folder, '--pretty', 'false', '--skipLibCheck', ...flags]
  const { stdout } = await run(process.execPath, args, { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  )
  return stdout.split('\n').filter(line => line !== '')
}

t.test('a JSON Schema is the type that its values have', async t => {
  const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } }
  const cases: [unknown, string][] = [
    [undefined, 'unknown'],
    [{}, 'unknown'],
    [true, 'unknown'],
    [false, 'never'],
    [{ type: 'string' }, 'string'],
    [{ type: 'integer', minimum: 1 }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ const: 'a' }, '"a"'],
    [{ enum: ['a', 1, null, [true]] }, '"a" | 1 | null | [true]'],
    [{ enum: [{ 'a b': 1 }] }, '{ "a b": 1 }'],
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
    [{ items: { type: 'array', items: { type: 'number' } } }, 'number[][]'],
    [{ prefixItems: [{ type: 'string' }], items: false }, '[string]'],
    [{ prefixItems: [{ type: 'string' }] }, '[string, ...unknown[]]'],
    [{ type: 'object' }, 'Record<string, unknown>'],
    [{ additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [
      {
        properties: { a: { type: 'string', description: 'An a.' }, 'b-c': {} },
        required: ['a'],
      },
      '{\n  /** An a. */\n  a: string\n  "b-c"?: unknown\n}',
    ],
    [
      { properties: { a: { description: 'ends */ here' } } },
      '{\n  /** ends * / here */\n  a?: unknown\n}',
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'string | number'],
    [{ oneOf: [{ type: 'string' }, {}] }, 'unknown'],
    [{ allOf: [{ type: 'string' }, { type: 'string' }] }, 'string'],
    [{ $defs: { a: { type: 'string' } }, $ref: '#/$defs/a' }, 'string'],
    [{ $defs: { node }, $ref: '#/$defs/node' }, '{\n  next?: unknown\n}'],
    [{ $ref: 'https://example.com/x' }, 'unknown'],
  ]
  for (const [schema, type] of cases) t.equal(typeOf(schema), type, JSON.stringify(schema))
})

const shop = `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: shop }
spec:
  version: 1.0.0
  tools:
    - name: order_book
      handler: ./order.ts#order
      inputSchema:
        type: object
        properties: { title: { type: string }, copies: { type: integer } }
        required: [title]
      outputSchema: { type: object, properties: { price: { type: number } }, required: [price] }
      dependencies:
        stock: { capability: stock }
        date: { capability: date, required: false, expects: { outputSchema: { type: string } } }
        anything: { capability: anything }
  resources:
    - { uri: shop://rules, name: rules, text: Be kind. }
    - uri: shop://today
      name: today
      handler: ./order.ts#today
      dependencies: { stock: { capability: stock } }
    - uriTemplate: books://{shelf}/{title}
      name: book
      description: One book.
      handler: ./order.ts#book
      complete: { title: ./order.ts#titles }
      dependencies: { stock: { capability: stock, required: false } }
  prompts:
    - name: advise
      handler: ./order.ts#advise
      arguments: [{ name: title, required: true }, { name: tone, complete: [kind] }]
    - name: said
      text: 'Say {{word}}'
      arguments: [{ name: word, complete: ./order.ts#words }]
      dependencies: { stock: { capability: stock } }
---
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: store }
spec:
  version: 1.0.0
  tools:
    - name: count
      capability: stock
      handler: ./order.ts#count
      inputSchema: { type: object, properties: { title: { type: string } }, required: [title] }
      outputSchema: { type: integer }
`
const handlers = `import type {
  AdvisePrompt, BookResource, BookResourceComplete, Count, OrderBook, SaidPromptComplete, TodayResource,
} from './mesh.d.ts'
export const today: TodayResource = async (_, { stock }) => String(await stock({ title: 'any' }))
export const book: BookResource = async ({ shelf, title }, { stock }) => ({ shelf, left: await stock?.({ title }) })
export const titles: BookResourceComplete = async ({ value, shelf }, { stock }) =>
  stock ? [value + (shelf ?? '') + (await stock({ title: value })).toFixed(1)] : []
export const advise: AdvisePrompt = ({ title, tone = 'plain' }) => [title, tone]
export const words: SaidPromptComplete = async ({ value }, { stock }) => [String(await stock({ title: value }))]
export const count: Count = ({ title }) => title.length
export const order: OrderBook = async ({ title, copies = 1 }, { stock, date, anything }, { log, signal }) => {
  const left: number = await stock({ title })
  const today: string = date ? await date() : 'some day'
  const other: unknown = await anything({ whatever: 1 })
  log.info('ordered', { today, other, isOver: signal.aborted })
  return { price: left * copies }
}
`
const tsconfig = JSON.stringify({
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', strict: true, noEmit: true, types: ['node'] },
    ...{ allowImportingTsExtensions: true, erasableSyntaxOnly: true },
  },
})

t.test('handlers are checked against the types of their manifest', async t => {
  const files = { 'mesh.yaml': shop, 'order.ts': handlers, 'package.json': '{"type":"module"}' }
  const folder = project(t, { ...files, 'tsconfig.json': tsconfig })
  const manifest = join(folder, 'mesh.yaml')
  t.match(await cli(['types', manifest, '--check'], { cwd: folder }), {
    code: 1,
    out: 'mesh.d.ts is stale',
  })
  t.match(await cli(['types', manifest], { cwd: folder }), { code: 0, out: 'mesh.d.ts written' })
  t.match(await cli(['types', manifest, '--check'], { cwd: folder }), { code: 0, out: '' })
  t.matchSnapshot(readFileSync(join(folder, 'mesh.d.ts'), 'utf8'), 'mesh.d.ts')
  t.strictSame(await faultsOf(folder), [], 'right handlers are right')

  const wrong = handlers
    .replace('{ title, copies = 1 }', '{ titel, copies = 1 }')
    .replace('stock({ title })', 'stock({ name: 1 })')
    .replace('date ? await date()', 'await date()')
    .replace("'some day'", '')
    .replace(' : \n', '\n')
    .replace('price: left', 'cost: left')
    .replace('stock?.({ title })', 'stock({ title })')
    .replace('({ title, tone', '({ titles, tone')
  writeFileSync(join(folder, 'order.ts'), wrong)
  const faults = (await faultsOf(folder)).join('\n')
  t.match(faults, /'titel' does not exist/, 'an argument that the tool does not take')
  t.match(faults, /'name' does not exist/, 'an argument that the provider does not take')
  t.match(
    faults,
    /possibly 'undefined'|Cannot invoke an object/,
    'a dependency that may be unfilled',
  )
  t.match(faults, /'titles' does not exist/, 'an argument that the prompt does not have')
  t.match(faults, /cost/, 'a value that is not what outputSchema says')
})

t.test('a new agent compiles, and its own test passes', async t => {
  for (const template of ['typescript', 'javascript', 'server']) {
    const folder = project(t)
    const agent = join(folder, 'greeter')
    const { code, out, said } = await cli(['init', 'greeter', '--template', template], {
      cwd: folder,
    })
    t.equal(code, 0, template)
    t.match(out, 'greeter/mesh.yaml')
    t.match(said, 'meshctl start greeter')
    t.match(await cli(['validate', agent], { cwd: folder }), { code: 0 })
    if (template === 'typescript') t.strictSame(await faultsOf(agent), [])
    const { scripts } = JSON.parse(readFileSync(join(agent, 'package.json'), 'utf8')) as {
      scripts: { test: string }
    }
    const tests = readdirSync(agent).filter(name => name.includes('.test.'))
    t.equal(tests.length, 1)
    const { stdout } = await run('sh', ['-c', scripts.test], {
      cwd: agent,
      env: { ...process.env, NODE_OPTIONS: '', TAP: '' },
    })
    t.match(stdout, / pass [12]\n.* fail 0\n/, `${template}: its unit test`)
    const again = await cli(['init', 'greeter', '--template', template], { cwd: folder })
    t.match(again, { code: 2, err: /has mesh.yaml.* already, and nothing is overwritten/ })
  }
})

t.test('what is wrapped may be a program that is there', async t => {
  const cwd = t.testdir()
  t.match(await cli(['init', 'Search Agent', '--', 'uvx', 'a "b"'], { cwd }), { code: 0 })
  const text = readFileSync(join(cwd, 'Search Agent/mesh.yaml'), 'utf8')
  t.match(text, 'name: search-agent')
  t.match(text, String.raw`server: { command: ["uvx", "a \"b\""] }`)
  t.match(await cli(['validate', join(cwd, 'Search Agent')]), { code: 0 })
  t.match(await cli(['init', 'x', '--name', 'No Name'], { cwd }), {
    code: 2,
    err: 'is no name of an agent',
  })
  t.match(await cli(['init', 'x', '--template', 'javascript', '--', 'uvx'], { cwd }), { code: 2 })
})

t.test('every field of a manifest can be explained, by its path', async t => {
  const { out } = await cli(['explain', 'agent.spec.tools.dependencies.retries'])
  t.matchSnapshot(out, 'retries')
  t.equal((await cli(['explain', 'Agent.spec.tools[].dependencies.<name>.retries'])).out, out)
  t.matchSnapshot((await cli(['explain', 'callpolicy.spec'])).out, 'callpolicy.spec')
  t.match(await cli(['explain', 'agent.spec.tools.dependency']), {
    code: 4,
    err: 'did you mean "dependencies"? see meshctl explain agent.spec.tools',
  })
  // The page of all fields is made from the same schemas.
  let count = 0
  const parts = readFileSync('docs/manifest.md', 'utf8').split(/^## /m)
  for (const kind of ['Agent', 'Gateway']) {
    const text = parts.find(part => part.startsWith(kind)) ?? ''
    for (const [, field = ''] of text.matchAll(/^\| `([^`]+)` +\|/gm)) {
      count++
      t.match(await cli(['explain', `${kind}.${field}`, '-o', 'json']), { code: 0 }, field)
    }
  }
  t.ok(count > 100, `${count} fields`)
})
