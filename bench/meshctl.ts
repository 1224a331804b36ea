/**
 * What a command of meshctl takes before it does anything: one that loads nothing but itself, the help that loads every command, and
 * a word that the shell completes. The baseline is a Node that runs nothing, in turn with them.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { packageFile } from '../core/model/package-file.ts'
import { isQuick, median, report, round } from './measure.ts'

const run = promisify(execFile)
const meshctl = packageFile('dist/core/cli/meshctl.js')
const rounds = isQuick ? 3 : 15
const lines: Record<string, string[]> = {
  bareNode: ['-e', '0'],
  version: [meshctl, 'version'],
  help: [meshctl, '--help'],
  completion: [meshctl, '__complete', '--', 'vers'],
}

const times = new Map(Object.keys(lines).map(name => [name, [] as number[]]))
for (let i = 0; i < rounds; i++) {
  for (const [name, args] of Object.entries(lines)) {
    const from = performance.now()
    await run(process.execPath, args)
    times.get(name)?.push(performance.now() - from)
  }
}
const middle = (name: string) => median(times.get(name) ?? [])
const figures: Record<string, number> = {}
for (const name of Object.keys(lines)) {
  figures[`${name}Ms`] = round(middle(name), 0)
  figures[`${name}Ratio`] = round(middle(name) / middle('bareNode'))
}
report('meshctl', { rounds, ...figures })
