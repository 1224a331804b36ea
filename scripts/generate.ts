/**
 * Writes what is derived: the manifest types from schemas/, docs/errors.md from the codes table.
 * `npm run generate` twice in a row changes nothing; `--check` exits 1 where a file would change.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { compile, type JSONSchema } from 'json-schema-to-typescript'
import { codes } from '../core/model/codes.ts'

const root = new URL('../', import.meta.url)
const banner =
  '/* Generated from schemas/ by `npm run generate`: change the schema, not this file. */'

async function manifestTypes(): Promise<string> {
  const parts: string[] = []
  for (const [file, name] of [
    ['schemas/agent.schema.json', 'AgentManifest'],
    ['schemas/call-policy.schema.json', 'CallPolicyManifest'],
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
  return [banner, ...parts].join('\n')
}

function errorsPage(): string {
  const sections = Object.entries(codes).map(
    ([code, { about, mend, status, exit }]) =>
      `## ${code}\n\n${about}\n\nMend: ${mend}\n\nHTTP status ${status}, exit code ${exit}.\n`,
  )
  const head = `# Errors\n\nEvery code that the mesh reports, what it means and how to mend it. Generated from \`core/model/codes.ts\`.\n`
  return [head, ...sections].join('\n')
}

const outputs: Record<string, () => string | Promise<string>> = {
  'core/model/generated/manifest.ts': manifestTypes,
  'docs/errors.md': errorsPage,
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
