/**
 * The corpus: each file of fixtures/manifests/invalid names in its first line the codes that it has to give, no more and
 * no less; what people read of each is a snapshot. The files of valid/ load clean.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { parse } from 'yaml'
import { renderDiagnostic } from '../../../core/manifest/diagnostic.ts'
import { toolsIn } from '../../../core/model/manifest.ts'
import { loadManifests, type LoadResult } from '../../../core/manifest/load.ts'

const fixtures = 'test/fixtures/manifests'
const invalid = join(fixtures, 'invalid')
const valid = join(fixtures, 'valid')
const manifestsIn = (folder: string) =>
  readdirSync(folder)
    .filter(name => name.endsWith('.yaml'))
    .sort()
const codesOf = (result: LoadResult) => result.diagnostics.map(d => d.code).sort()
const rendered = (result: LoadResult) =>
  result.diagnostics.map(d => renderDiagnostic(d, result.sources.get(d.file) ?? '')).join('\n')

t.test('a broken manifest gives exactly the faults that it has', async t => {
  t.ok(manifestsIn(invalid).length >= 50, 'the corpus is large')
  for (const name of manifestsIn(invalid)) {
    const file = join(invalid, name)
    const text = readFileSync(file, 'utf8')
    const expected = /^# expect: (.*)$/m.exec(text)?.[1]?.split(' ').sort()
    const result = await loadManifests([file])
    t.strictSame(codesOf(result), expected, name)
    t.matchSnapshot(rendered(result), name)
    t.notMatch(
      rendered(result) + JSON.stringify(result.diagnostics),
      /s3cret|12345678/,
      `${name} shows no secret`,
    )
    for (const d of result.diagnostics) {
      const isForward = d.endLine > d.line || d.endColumn >= d.column
      t.ok(d.line >= 1 && d.column >= 1 && isForward, `${name} has a place`)
    }
  }
})

t.test('a sound manifest loads clean', async t => {
  for (const name of manifestsIn(valid)) {
    const result = await loadManifests([join(valid, name)])
    t.equal(rendered(result), '', name)
    t.ok(result.manifests.length > 0, `${name} gives an agent`)
    const ajv = new Ajv2020({ strict: false })
    for (const tool of result.manifests.flatMap(m => m.agent.tools)) {
      t.doesNotThrow(() => ajv.compile(tool.inputSchema), `${name}: ${tool.name} compiles`)
    }
  }
})

t.test('the shipped policies load clean, and are no agents', async t => {
  const folder = 'manifests/policies'
  const { diagnostics, manifests } = await loadManifests(
    manifestsIn(folder).map(f => join(folder, f)),
  )
  t.strictSame({ diagnostics, manifests }, { diagnostics: [], manifests: [] })
})

t.test('what becomes of a manifest', async t => {
  for (const name of [
    ...['smallest', 'everything', 'anchors-and-merges', 'schemas-in-files', 'gateway'],
  ]) {
    const { manifests } = await loadManifests([join(valid, `${name}.yaml`)])
    t.matchSnapshot(
      JSON.stringify(
        manifests.map(m => m.agent),
        null,
        2,
      ),
      name,
    )
  }
})

t.test('line ends, a byte order mark and JSON make no other agent', async t => {
  const digest = async (name: string) =>
    (await loadManifests([join(valid, `${name}.yaml`)])).manifests.map(m => m.digest)
  const smallest = await digest('smallest')
  t.match(smallest[0], /^sha256:[0-9a-f]{64}$/)
  for (const name of ['bom', 'crlf', 'json']) t.strictSame(await digest(name), smallest, name)
})

t.test('a schema file changes the digest of the manifest that refers to it', async t => {
  const dir = t.testdir({
    'mesh.yaml': readFileSync(join(valid, 'smallest.yaml'), 'utf8').replace(
      /(handler: ).*/,
      '$1./hello.js\n      inputSchema: { $ref: ./input.json }',
    ),
    'hello.js': 'export default () => 1',
    'input.json': '{ "type": "object" }',
  })
  const load = () => loadManifests([join(dir, 'mesh.yaml')])
  const before = await load()
  t.strictSame(before.diagnostics, [])
  t.strictSame(toolsIn(before.manifests[0]!.manifest)[0]!.inputSchema, { type: 'object' })
  writeFileSync(join(dir, 'input.json'), '{ "type": "object", "maxProperties": 1 }')
  t.not((await load()).manifests[0]!.digest, before.manifests[0]!.digest)
})

t.test('the same agent in two files is a fault of the second, which names the first', async t => {
  const text = readFileSync(join(valid, 'smallest.yaml'), 'utf8').replace(/\.\/.*/, './h.js')
  const h = 'export default 1'
  const dir = t.testdir({
    a: { 'mesh.yaml': text, 'h.js': h },
    b: { 'mesh.yaml': text, 'h.js': h },
  })
  const files = ['a', 'b'].map(name => join(dir, name, 'mesh.yaml'))
  const { diagnostics, manifests } = await loadManifests([...files, files[0]!])
  t.equal(manifests.length, 1)
  t.match(diagnostics, [{ code: 'MESH_AGENT_DUPLICATE', line: 4, column: 9 }])
  t.match(diagnostics[0]!.message, /at .*a[\\/]mesh\.yaml:4:9$/)
})

t.test('files that cannot be read are faults of their own', async t => {
  const dir = t.testdir({
    'utf16.yaml': Buffer.from('\ufeffkind: Agent', 'utf16le'),
    'large.yaml': `# ${'x'.repeat(1024 * 1024)}`,
    folder: {},
  })
  const codes = async (name: string) => codesOf(await loadManifests([join(dir, name)]))
  t.strictSame(await codes('nothing.yaml'), ['MESH_FILE_MISSING'])
  t.strictSame(await codes('folder'), ['MESH_FILE_MISSING'])
  t.strictSame(await codes('utf16.yaml'), ['MESH_YAML_INVALID'])
  t.strictSame(await codes('large.yaml'), ['MESH_MANIFEST_TOO_LARGE'])
})

t.test('a schema file that a link leads out of the folder is not read', async t => {
  const dir = t.testdir({
    outside: { 'secret.json': '{ "title": "s3cret" }' },
    agent: {
      'mesh.yaml': readFileSync(join(valid, 'smallest.yaml'), 'utf8').replace(
        /(handler: ).*/,
        '$1./h.js\n      inputSchema: { $ref: ./link.json }',
      ),
      'h.js': 'export default 1',
      'link.json': t.fixture('symlink', '../outside/secret.json'),
    },
  })
  const result = await loadManifests([join(dir, 'agent/mesh.yaml')])
  t.strictSame(codesOf(result), ['MESH_SCHEMA_INVALID'])
  t.match(result.diagnostics[0]!.message, /outside the manifest's folder/)
})

t.test('modules that export each other in a circle are read once each', async t => {
  const dir = t.testdir({
    'mesh.yaml': readFileSync(join(valid, 'smallest.yaml'), 'utf8').replace(
      /(handler: ).*/,
      '$1./a.js#b',
    ),
    'a.js': "export * from './b.js'\nexport const a = () => 1",
    'b.js': "export * from './a.js'\nexport const b = () => 2",
  })
  const { diagnostics, manifests } = await loadManifests([join(dir, 'mesh.yaml')])
  t.strictSame(diagnostics, [])
  t.equal(manifests.length, 1)
})

t.test('a thousand manifests cost little more than reading their YAML', async t => {
  const text = readFileSync(join(valid, 'everything.yaml'), 'utf8')
  const names = Array.from({ length: 1000 }, (_, i) => `a${i}`)
  const texts = names.map(name => text.replace('hello-world', name).replace('x-order', `x-${name}`))
  const dir = t.testdir({
    handlers: { 'hello.ts': 'export const hello = (): string => "x"' },
    ...Object.fromEntries(names.map((name, i) => [`${name}.yaml`, texts[i]!])),
  })
  const spent = async (work: () => Promise<unknown>) => {
    const before = process.cpuUsage().user
    await work()
    return (process.cpuUsage().user - before) / 1000
  }
  const plain = await spent(async () => texts.map(one => parse(one) as unknown))
  const files = names.map(name => join(dir, `${name}.yaml`))
  const ours = await spent(async () => {
    const { manifests, diagnostics } = await loadManifests(files)
    t.equal(manifests.length, 1000)
    t.strictSame(diagnostics, [])
  })
  // A ratio, as the machine that runs the tests runs others beside them.
  t.comment(`${ours.toFixed(0)} ms of processor, ${plain.toFixed(0)} ms for the YAML alone`)
  t.ok(ours < 4 * plain, `${ours.toFixed(0)} ms against ${plain.toFixed(0)} ms`)
})
