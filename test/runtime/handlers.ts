import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { lower } from '../../core/manifest/lower.ts'
import { handlerKey, loadHandlers } from '../../runtime/handlers.ts'
import type { Handler } from '../../runtime/handler.ts'
import { resolveReferences } from '../../runtime/secrets.ts'
import { manifestOf } from '../support/run-agents.ts'
import { modernCall, serveTools } from '../support/serve-tools.ts'

function load(t: Test, files: NonNullable<Parameters<Test['testdir']>[0]>, refs: string[]) {
  const folder = t.testdir(files)
  const tools = refs.map((handler, i) => ({ name: `t${i}`, handler }))
  const agent = lower(manifestOf({ name: 'a', spec: { tools } }))
  return { folder, loading: loadHandlers(agent, folder) }
}

t.test('loads named and default exports of every kind of module', async t => {
  const { loading } = load(
    t,
    {
      'a.ts': 'export const f = (x: number): number => x\nexport default () => 1',
      'b.mts': 'export const f = <T,>(x: T) => x',
      'c.js': 'export const f = () => 3',
      'd.mjs': 'export default function () {}',
      sub: { 'e.ts': "import { g } from '../g.ts'; export const f = g" },
      'g.ts': 'export const g = (): string => "g"',
    },
    ['./a.ts#f', './a.ts', './b.mts#f', './c.js#f', './d.mjs', './sub/e.ts#f'],
  )
  const handlers = await loading
  t.strictSame([...handlers.keys()].sort(), [
    ...['./a.ts#default', './a.ts#f', './b.mts#f', './c.js#f', './d.mjs#default', './sub/e.ts#f'],
  ])
  t.equal(handlers.get('./sub/e.ts#f')?.({}, {}, {} as never), 'g')
})

t.test('tells the line of a fault that only an engine finds', async t => {
  const twice = 'const a = 1\n\nconst a = 2\nexport const f = () => a'
  for (const name of ['twice.js', 'twice.ts']) {
    const { folder, loading } = load(t, { [name]: twice }, [`./${name}#f`])
    await t.rejects(loading, {
      code: 'MESH_HANDLER_FAILED',
      message: `at ${folder}/${name}:3: SyntaxError: Identifier 'a' has already been declared`,
    })
  }
})

t.test('tells every fault in one go, each with its place', async t => {
  const { folder, loading } = load(
    t,
    {
      'throws.ts': '\n\nthrow new TypeError("boom")\nexport {}',
      'syntax.js': 'export const f = (',
      'enum.ts': 'export enum E { A }\nexport const f = 1',
      'other.ts': 'export const other = () => 1\nexport const text = "x"',
      'imports.ts': "import './gone.ts'\nexport const f = () => 1",
    },
    [
      ...[
        './gone.ts#f',
        './throws.ts#f',
        './syntax.js#f',
        './enum.ts#f',
        './other.ts#f',
        './other.ts#text',
      ],
      './imports.ts#f',
    ],
  )
  const error = await loading.then(
    () => t.fail('it must not load'),
    (
      error: Error & {
        code: string
        details: { faults: { code: string; message: string; mend: string }[] }
      },
    ) => error,
  )
  if (!error || error === true) return
  t.equal(error.code, 'MESH_HANDLER_MISSING')
  t.match(error.message, /^7 handlers cannot be used:/)
  const faults = error.details.faults
  t.strictSame(
    faults.map(fault => fault.code),
    [
      ...[
        'MESH_HANDLER_MISSING',
        'MESH_HANDLER_FAILED',
        'MESH_HANDLER_FAILED',
        'MESH_HANDLER_FAILED',
      ],
      ...['MESH_HANDLER_FAILED', 'MESH_HANDLER_EXPORT', 'MESH_HANDLER_EXPORT'],
    ],
  )
  t.match(faults[1]?.message, `${folder}/throws.ts:3:7: TypeError: boom`)
  t.match(faults[2]?.message, `${folder}/syntax.js:1: SyntaxError`)
  t.match(faults[3]?.message, /enum/)
  t.match(faults[4]?.message, /gone\.ts/)
  t.match(faults[5], {
    message: /"f" of \.\/other\.ts does not exist/,
    mend: 'write one of its functions: other',
  })
  t.match(faults[6]?.message, /"text" of \.\/other\.ts is no function/)
})

t.test('a single fault is thrown as it is', async t => {
  await t.rejects(load(t, {}, ['./x.ts']).loading, {
    code: 'MESH_HANDLER_MISSING',
    message: /^the handler module \.\/x\.ts does not exist in /,
  })
})

t.test('references', async t => {
  const folder = t.testdir({ secret: 'from file\n', empty: '' })
  const env = { A: 'a', EMPTY: '' }
  const cases: [string, string | RegExp][] = [
    ['plain', 'plain'],
    ['${env:A}', 'a'],
    ['http://${env:A}:${env:B:-80}/x', 'http://a:80/x'],
    ['${env:EMPTY:-else}', 'else'],
    [`\${file:${folder}/secret}`, 'from file'],
    ['${env:B}', /f refers to \$\{env:B\}, but the environment variable B is not set/],
    [`\${file:${folder}/gone}`, /cannot be read: ENOENT/],
    [`\${file:${folder}/empty}`, /which is empty/],
  ]
  for (const [text, expected] of cases) {
    const resolve = () => resolveReferences(text, 'f', env)
    if (typeof expected === 'string') t.equal(resolve(), expected)
    else t.throws(resolve, { code: 'MESH_SECRET_MISSING', message: expected })
  }
})

t.test('docs/handlers.md: its examples run, and do what it says', async t => {
  const page = readFileSync(new URL('../../docs/handlers.md', import.meta.url), 'utf8')
  const folder = t.testdir()
  const examples = [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)]
  t.equal(examples.length, (page.match(/```ts/g) ?? []).length, 'each example names its file')
  for (const [, file, code] of examples) writeFileSync(join(folder, file!), code!)
  const { today, divide, careful, ...rest } = Object.assign(
    {},
    ...(await Promise.all(
      examples.map(([, file]) => import(join(folder, file!)) as Promise<Record<string, Handler>>),
    )),
  ) as Record<string, Handler>
  t.equal(rest['day'], '2026-01-01')
  t.strictSame(rest['heard'], ['ONCE', 'UPON'])
  const readAll = async (stream: AsyncGenerator) => {
    const chunks: unknown[] = []
    for (;;) {
      const step = (await stream.next()) as IteratorResult<unknown, unknown>
      if (step.done) return { chunks, value: step.value }
      chunks.push(step.value)
    }
  }
  const parts = ['a', 'b']
  const tell = { stream: (args: object) => rest['tell']!(args as never, {}, {} as never) }
  const onward = rest['onward']!({ parts }, { tell } as never, {} as never) as AsyncGenerator
  t.strictSame(await readAll(onward), { chunks: parts, value: 'passed on 2' })
  const seen: unknown[] = []
  const progress = (...note: unknown[]) => void seen.push(note)
  const copy = {
    async *stream(args: never, { onProgress }: { onProgress: (note: object) => void }) {
      const told = (n: number, more: object) => onProgress({ progress: n, ...more })
      return rest['copy']!(args, {}, { progress: told } as never)
    },
  }
  const watched = rest['watch']!({ files: ['x', 'y'] }, { copy } as never, { progress } as never)
  t.equal(await watched, 2)
  t.strictSame(seen, [
    [1, { total: 2, message: 'x' }],
    [2, { total: 2, message: 'y' }],
  ])
  const asked: string[] = []
  const asking = (answer: object, is = true) => ({
    can: () => is,
    elicit: async (message: string) => (asked.push(message), answer),
    log: { info: () => undefined },
  })
  const files = { erase: async () => 'erased' }
  const erase = (context: object) =>
    rest['erase']!({ folder: 'x' }, { files } as never, context as never) as Promise<string>
  t.equal(await erase(asking({ action: 'accept', content: { sure: true } })), 'erased')
  t.equal(await erase(asking({ action: 'decline' })), 'nothing was erased')
  t.match(await erase(asking({}, false)), /asks nobody/)
  t.strictSame(asked, ['Erase x?', 'Erase x?'])
  const { url } = await serveTools(t, {
    tools: {
      greet: rest['greet']!,
      today: today!,
      divide: divide!,
      careful: careful!,
      when: rest['when']!,
    },
    dependencies: tool =>
      tool === 'careful'
        ? {
            divide: Object.assign(
              async () => {
                throw Object.assign(new Error('b is 0'), { code: 'MESH_TOOL_FAILED' })
              },
              { raw: async () => ({}), stream: async function* () {} },
            ),
          }
        : {},
  })
  const call = async (name: string, args: object = {}) => {
    const { headers, body } = modernCall(name, args)
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    return (
      (await response.json()) as {
        result: { content: { text: string }[]; structuredContent?: unknown }
      }
    ).result
  }
  t.match(await call('greet', { name: 'you' }), { structuredContent: { text: 'Hello you' } })
  t.match(await call('today'), { structuredContent: { day: 'an unknown day', isCancelled: false } })
  t.match(await call('divide', { a: 1, b: 0 }), {
    isError: true,
    content: [{ text: 'b is 0: send another divisor' }],
  })
  t.match(await call('careful'), { content: [{ text: 'the tool said: b is 0' }] })
  t.match(await call('when'), { structuredContent: '1970-01-01T00:00:00.000Z' })
  t.equal(rest['nothing']?.({}, {}, {} as never), null)
  t.strictSame(rest['empty']?.({}, {}, {} as never), [])
  t.equal(handlerKey({ path: './a.ts', exportName: 'b' }), './a.ts#b')
})
