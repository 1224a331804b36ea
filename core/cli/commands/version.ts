/** `meshctl version`: of this program and of what runs it. */
import { readFile } from 'node:fs/promises'
import { packageFile } from '../../model/package-file.ts'
import type { Command } from '../command.ts'
import { printValue } from '../output/output.ts'

export const version: Command = {
  name: 'version',
  summary: 'Print the version',
  usage: 'meshctl version',
  takes: [0, 0],
  options: [{ flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] }],
  examples: [{ command: 'meshctl version -o json', about: 'for programs' }],
  async run(_, { io, options }) {
    const meshctl = await packageVersion()
    if (!printValue(io, options, { version: meshctl })) io.out(`meshctl ${meshctl}`)
    return 0
  },
}

/** The version in package.json. */
export async function packageVersion(): Promise<string> {
  const text = await readFile(packageFile('package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
