/** Writes docs/cli.md from the command objects; `--check` exits 1 where it would change. Part of `npm run generate`. */
import { readFile, writeFile } from 'node:fs/promises'
import { commands } from '../core/cli/commands.ts'
import { cliPage } from '../core/cli/help.ts'

const target = new URL('../docs/cli.md', import.meta.url)
const [before, after] = [await readFile(target, 'utf8').catch(() => ''), cliPage(commands)]
if (before !== after) {
  const isCheck = process.argv.includes('--check')
  console.log(isCheck ? 'docs/cli.md is stale: run npm run generate' : 'docs/cli.md')
  if (isCheck) process.exitCode = 1
  else await writeFile(target, after)
}
