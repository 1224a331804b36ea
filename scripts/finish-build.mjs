// `npx` in this folder builds again, beside whatever runs: what has not changed is not written (tsconfig.build.json).
// What the compiler leaves to do: programs of package.json get the right to run, which `npx` sets only once for a folder,
// what was built from a source that has moved since is removed, and the manual pages are written from the commands that were built.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { commands, loadAll } from '../dist/core/cli/commands.js'
import { manPages } from '../dist/core/cli/help/man-page.js'

const { bin, version } = JSON.parse(readFileSync('package.json', 'utf8'))
for (const file of Object.values(bin)) chmodSync(file, 0o755)

for (const top of ['core', 'runtime'])
  for (const name of readdirSync(`dist/${top}`, { recursive: true, encoding: 'utf8' })) {
    const stem = /^(.*?)(?:\.d)?\.m?[jt]s$/.exec(name)?.[1]
    if (stem && !existsSync(`${top}/${stem}.ts`) && !existsSync(`${top}/${stem}.mjs`))
      rmSync(`dist/${top}/${name}`)
  }

mkdirSync('dist/man', { recursive: true })
const pages = manPages(await loadAll(commands), version)
for (const name of readdirSync('dist/man')) if (!(name in pages)) rmSync(`dist/man/${name}`)
for (const [name, text] of Object.entries(pages)) writeFileSync(`dist/man/${name}`, text)
