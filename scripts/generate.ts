/**
 * Writes what is derived: the manifest's types, validators and docs/manifest.md from schemas/, docs/errors.md from the
 * codes table, docs/cli.md from the commands, the schemas of /openapi.json from the types of the API.
 * `npm run generate` twice in a row changes nothing; `--check` exits 1 where a file would change.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { format } from 'prettier'
import { flow } from '../core/manifest/shape-words.ts'
import { commands, loadAll } from '../core/cli/commands.ts'
import { cliPage } from '../core/cli/help/help.ts'
import { manPages } from '../core/cli/help/man-page.ts'
import { apiSchemasModule } from './generate-api-schemas.ts'
import { validatorsModule } from './generate-validators.ts'
import { codes } from '../core/model/codes.ts'

const root = new URL('../', import.meta.url)
const banner =
  '/* Generated from schemas/ by `npm run generate`: change the schema, not this file. */'

async function manifestTypes(): Promise<string> {
  const parts: string[] = []
  for (const [file, name] of [
    ['schemas/agent.schema.json', 'AgentManifest'],
    ['schemas/call-policy.schema.json', 'CallPolicyManifest'],
    ['schemas/gateway.schema.json', 'GatewayManifest'],
  ] as const) {
    const schema = JSON.parse(await readFile(new URL(file, root), 'utf8')) as JSONSchema
    delete schema.title // the type is named by the second argument
    delete schema.$id
    parts.push(
      await compile(schema, name, {
        bannerComment: '',
        additionalProperties: false,
        unreachableDefinitions: false,
        ignoreMinAndMaxItems: true,
        style: { semi: false, singleQuote: true, printWidth: 100 },
      }),
    )
  }
  return `${banner}\n${eachOnce(parts.join('\n'))}`
}

/** The declarations without those that stand twice, as both kinds have them. */
function eachOnce(text: string): string {
  const seen = new Set<string>()
  const declarations = text.split(/^(?=\/\*\*)|(?<!^ \*\/\n)^(?=export )/m)
  return declarations
    .filter(declaration => {
      const name = /^export (?:interface|type) (\w+)/m.exec(declaration)?.[1] ?? declaration
      return !seen.has(name) && seen.add(name)
    })
    .join('')
}

function errorsPage(): string {
  const sections = Object.entries(codes).map(
    ([code, { about, mend, status, exit }]) =>
      `## ${code}\n\n${about}\n\nMend: ${mend}\n\nHTTP status ${status}, exit code ${exit}.\n`,
  )
  const head = `# Errors\n\nEvery code that the mesh reports, what it means and how to mend it. Generated from \`core/model/codes.ts\`.\n`
  return [head, ...sections].join('\n')
}

interface Field {
  description?: string
  $ref?: string
  type?: string
  const?: string
  default?: unknown
  examples?: unknown[]
  required?: string[]
  properties?: Record<string, Field>
  additionalProperties?: Field | boolean
  items?: Field
  anyOf?: Field[]
  pattern?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  $defs?: Record<string, Field>
}

/** docs/manifest.md: every field of every kind, read from the schemas as an editor reads them. */
async function manifestPage(): Promise<string> {
  const parts = [
    '# The manifest',
    'Every field of `mesh.yaml`. Generated from `schemas/`, which editors and `meshctl validate` read too. An editor that ' +
      'knows the YAML language server shows the same texts with this first line:\n\n' +
      '```yaml\n# yaml-language-server: $schema=../../schemas/agent.schema.json\n```',
    'A tour of it, by an example: [examples/everything](../examples/everything/README.md).',
    'Durations are a number and a unit (`250ms`, `2s`, `5m`, `1h`). A key that is not listed here is an error.',
  ]
  for (const name of ['agent', 'gateway', 'call-policy']) {
    const file = `schemas/${name}.schema.json`
    const schema = JSON.parse(await readFile(new URL(file, root), 'utf8')) as Field & {
      title: string
    }
    parts.push(
      `## ${schema.title}`,
      schema.description ?? '',
      fieldTable(schema, schema).join('\n'),
    )
  }
  return `${parts.join('\n\n')}\n`
}

function fieldTable(schema: Field, document: Field): string[] {
  return [
    '| field | takes | default | what it is |',
    '| --- | --- | --- | --- |',
    ...fieldRows(schema, '', document),
  ]
}

function fieldRows(schema: Field, prefix: string, document: Field): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const field = resolved(given, document)
    const path = `${prefix}${name}`
    const isRequired = schema.required?.includes(name) === true
    const fallback = isRequired
      ? 'required'
      : field.default === undefined
        ? ''
        : code(field.default)
    const nested = nestedRows(field, path, document)
    const before = nested.length > 0 ? mapBefore(given, path, document) : undefined
    const about = `${field.description ?? ''}${before === undefined ? '' : ` Fields: those of \`${before}\`.`}`
    const row = `| \`${path}\` | ${takes(field, document)} | ${fallback} | ${cell(about)} |`
    return before === undefined ? [row, ...nested] : [row]
  })
}

/** Of each document the definitions of maps, and where the fields of each stand. */
const mapPlaces = new WeakMap<Field, Map<string, string>>()

/** Where the fields of the same map were listed; undefined where this is the first of it, or no map. */
function mapBefore({ $ref }: Field, path: string, document: Field): string | undefined {
  const isMap = $ref && typeof resolved({ $ref }, document).additionalProperties === 'object'
  if (!isMap) return undefined
  const places = mapPlaces.get(document) ?? new Map<string, string>()
  mapPlaces.set(document, places)
  const before = places.get($ref)
  places.set($ref, before ?? path)
  return before
}

function nestedRows(field: Field, path: string, document: Field): string[] {
  if (field.properties) return fieldRows(field, `${path}.`, document)
  if (field.items?.$ref) return fieldRows(resolved(field.items, document), `${path}[].`, document)
  const values = typeof field.additionalProperties === 'object' ? field.additionalProperties : field
  const record = (values.anyOf ?? [])
    .map(one => resolved(one, document))
    .find(one => one.properties)
  return record ? fieldRows(record, `${path}${values === field ? '' : '.<name>'}.`, document) : []
}

/** The field with what its definition says; its own words come first. */
function resolved(field: Field, document: Field): Field {
  const name = field.$ref?.replace('#/$defs/', '')
  return name === undefined ? field : { ...document.$defs?.[name], ...field }
}

function takes(field: Field, document: Field): string {
  if (field.const !== undefined) return code(field.const)
  const kinds = field.anyOf
    ? field.anyOf.map(one => resolved(one, document).type ?? '').join(' or ')
    : (field.type ?? '')
  const range = field.maximum === undefined ? '' : ` ${field.minimum} to ${field.maximum}`
  const examples = (field.examples ?? []).map(code).join(', ')
  return `${kinds}${range}${examples ? `: ${examples}` : ''}`
}

function code(value: unknown): string {
  const text = typeof value === 'string' ? value : flow(value)
  return `\`${cell(text)}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Each schema stands by itself, as editors want it; what another kind shares with Agent is that of Agent. */
async function wholeSchema(name: string): Promise<string> {
  const read = async (name: string) =>
    JSON.parse(await readFile(new URL(`schemas/${name}.schema.json`, root), 'utf8')) as Field
  const [schema, agent] = [await read(name), await read('agent')]
  const shared = agent.$defs ?? {}
  const own = Object.entries(schema.$defs ?? {}).filter(([name]) => !(name in shared))
  const needed = new Set<string>()
  const need = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      if (needed.has(name) || !(name in shared)) continue
      needed.add(name)
      need(shared[name])
    }
  }
  need({ ...schema, $defs: Object.fromEntries(own) })
  const others = Object.entries(shared).filter(([name]) => needed.has(name))
  const $defs = Object.fromEntries([...own, ...others])
  return format(JSON.stringify({ ...schema, $defs }), { parser: 'json', printWidth: 100 })
}

/** npm installs the manual pages that package.json lists, and no folder of them. */
async function packageWithManual(): Promise<string> {
  const fields = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as object
  const man = Object.keys(manPages(await loadAll(commands), '')).map(name => `./dist/man/${name}`)
  const placed = Object.entries(fields).flatMap(([key, value]) =>
    key === 'exports'
      ? [
          ['man', man],
          [key, value],
        ]
      : [[key, value]],
  )
  return `${JSON.stringify(Object.fromEntries(placed), null, 2)}\n`
}

const outputs: Record<string, () => string | Promise<string>> = {
  'schemas/call-policy.schema.json': () => wholeSchema('call-policy'), // first: the others read them
  'schemas/gateway.schema.json': () => wholeSchema('gateway'),
  'core/model/generated/manifest.ts': manifestTypes,
  'core/model/generated/validators.ts': () => validatorsModule(root),
  'core/model/generated/api-schemas.ts': () => apiSchemasModule(root),
  'package.json': packageWithManual,
  'docs/errors.md': errorsPage,
  'docs/cli.md': async () => cliPage(await loadAll(commands)),
  'docs/manifest.md': () =>
    manifestPage().then(text => format(text, { parser: 'markdown', printWidth: 100 })),
}
let stale = 0
for (const [file, make] of Object.entries(outputs)) {
  const target = new URL(file, root)
  const [before, after] = [await readFile(target, 'utf8').catch(() => ''), await make()]
  if (before === after) continue
  stale++
  console.log(process.argv.includes('--check') ? `${file} is stale: run npm run generate` : file)
  if (!process.argv.includes('--check')) await writeFile(target, after)
}
if (process.argv.includes('--check') && stale > 0) process.exitCode = 1
