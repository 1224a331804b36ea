/**
 * `npm run bench [name…] [-- --quick]`: each bench in a process of its own, one after the other, one JSON line each.
 * Every line carries a ratio to a plain baseline of the same run; absolute figures of two runs are not comparable.
 */
import { spawnSync } from 'node:child_process'
import { packageFile } from '../core/model/package-file.ts'

const benches = [
  'proxy-overhead',
  'call-layers',
  'tracing',
  'balancing',
  'retry-budget',
  'hedging',
  'call-leak',
  'gateway',
  'sessions',
  'kill-to-rewired',
  'start-to-ready',
  'meshctl',
  'validate',
  'registry-renewals',
  'registry-scale',
]
const flags = process.argv.slice(2).filter(argument => argument.startsWith('-'))
const names = process.argv.slice(2).filter(argument => !argument.startsWith('-'))
const unknown = names.filter(name => !benches.includes(name))
if (unknown.length > 0) {
  console.error(`no bench is named "${unknown.join('", "')}"; there are ${benches.join(', ')}`)
  process.exit(2)
}
for (const name of names.length > 0 ? names : benches) {
  const { status } = spawnSync(
    process.execPath,
    ['--import', packageFile('scripts/typescript.mjs'), packageFile(`bench/${name}.ts`), ...flags],
    { stdio: 'inherit' },
  )
  if (status !== 0) process.exitCode = 1
}
