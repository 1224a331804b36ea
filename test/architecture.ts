/**
 * What each folder may import, and which packages. Imports point down; changing this table needs an ADR (0002).
 * Also held here: banned file names, the length of files, and that each exported name has one home.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const model = 'core/model'
const contract = 'core/contract'
const mayImport: Record<string, string[]> = {
  core: [model, 'core/manifest', 'core/client'],
  [model]: [],
  [contract]: [model],
  'core/manifest': [model],
  'core/resolver': [model, contract],
  'core/lint': [model, contract, 'core/manifest', 'core/resolver'],
  'core/reconcile': [model],
  'core/client': [model],
  'core/mcp': [model],
  'core/registry': [model, 'core/manifest', 'core/resolver', 'core/reconcile', 'core/client'],
  'core/cli': [
    model,
    'core/manifest',
    'core/resolver',
    'core/lint',
    'core/client',
    'core/mcp',
    'core/reconcile',
  ],
  runtime: [model, 'core/manifest', 'core/client', 'core/mcp', 'core/reconcile'],
}
/** Packages that only one folder may know. */
const packageHome: Record<string, string[]> = {
  knex: ['core/registry/store'],
  libsql: ['core/registry/store'],
  pg: ['core/registry/store'],
  koa: ['core/registry'],
  '@koa/router': ['core/registry'],
  '@modelcontextprotocol/server': ['runtime/mcp'],
  '@modelcontextprotocol/node': ['runtime/mcp'],
  '@modelcontextprotocol/client': ['core/mcp', 'core/cli/remote', 'runtime/wrapped'],
  '@opentelemetry/api': ['runtime/telemetry'],
  '@opentelemetry/context-async-hooks': ['runtime/telemetry'],
  '@opentelemetry/core': ['runtime/telemetry'],
  '@opentelemetry/otlp-exporter-base': ['runtime/telemetry'],
  '@opentelemetry/otlp-transformer': ['runtime/telemetry'],
  '@opentelemetry/resources': ['runtime/telemetry'],
  '@opentelemetry/sdk-trace-base': ['runtime/telemetry'],
  redis: ['runtime/sessions'],
  commander: ['core/cli'],
  '@viz-js/viz': ['core/cli'],
  minisearch: ['runtime/gateway'],
  chokidar: ['core/cli'],
  yaml: ['core/manifest', 'core/cli'],
}
const banned = /^(utils|helpers|common|types|constants|manager|base|misc)\./

const filesOf = (...tops: string[]) =>
  tops.flatMap(top =>
    readdirSync(top, { recursive: true, encoding: 'utf8' })
      .map(name => join(top, name))
      .filter(name => /\.(ts|mjs)$/.test(name)),
  )
const files = filesOf('core', 'runtime')
const folderOf = (file: string) =>
  Object.keys(mayImport)
    .filter(folder => file.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0] ?? '(outside)'
const specifiersOf = (text: string) =>
  [
    ...text.matchAll(/^(?:import|export)\b[^'"=(]*?from '([^'\n]+)'/gm),
    ...text.matchAll(/\bimport\('([^'\n]+)'\)/g),
    ...text.matchAll(/^import '([^'\n]+)'/gm),
  ].map(match => match[1]!)

t.test('imports point down', async t => {
  for (const file of files) {
    const folder = folderOf(file)
    for (const specifier of specifiersOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) {
        const target = folderOf(relative('.', join(dirname(file), specifier)))
        const allowed = [folder, ...(mayImport[folder] ?? [])]
        t.ok(allowed.includes(target), `${file} imports ${specifier}`)
      } else if (!specifier.startsWith('node:')) {
        const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
        const homes = packageHome[name]
        if (homes) {
          const ok = homes.some(home => file.startsWith(`${home}/`))
          t.ok(ok, `${file} imports ${name}, which belongs to ${homes.join(', ')}`)
        }
      }
    }
  }
})

t.test(
  'every package that the code imports is a dependency, and every dependency is imported',
  async t => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    const imported = new Set(
      files
        .flatMap(file => specifiersOf(readFileSync(file, 'utf8')))
        .filter(specifier => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(s => s.split('/', s.startsWith('@') ? 2 : 1).join('/')),
    )
    imported.add('pg') // knex loads it by its name
    t.strictSame([...imported].sort(), Object.keys(dependencies).sort())
  },
)

t.test('what a test starts keeps nothing in the home of whoever runs it', async t => {
  const starts = filesOf('test', 'bench').filter(file =>
    /await startAgent\(\{/.test(readFileSync(file, 'utf8')),
  )
  t.ok(starts.length > 5)
  for (const file of starts)
    t.match(readFileSync(file, 'utf8'), /env: \{ MESH_HOME:/, `${file} says MESH_HOME`)
})

t.test('files are named for what they hold and stay short', async t => {
  for (const file of files) {
    t.notMatch(file.split('/').at(-1), banned, `${file} has a name for everything`)
    if (file.includes('/generated/')) continue
    const lines = readFileSync(file, 'utf8').split('\n').length
    t.ok(lines <= 251, `${file} has ${lines} lines`)
  }
})
