/** `meshctl lock PATH...`: writes mesh.lock, what every tool is and who fills what, for a reviewer to read. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockOf, lockText } from '../../lint/lock.ts'
import type { Command } from '../command.ts'
import { loadChecked } from '../manifests/faults.ts'
import { textOf } from '../line/options.ts'

export const lock: Command = {
  name: 'lock',
  summary: 'Write what every tool is, and who fills what, to mesh.lock',
  usage: 'meshctl lock <path>...',
  takes: [1, Infinity],
  about:
    'The lock file goes into the repository: meshctl validate --locked then fails where a tool is another than was reviewed, and ' +
    'says whom that breaks and which version step it asks for. Needs no registry.',
  options: [{ flags: '--lock-file <file>', about: 'where to write', default: 'mesh.lock' }],
  examples: [
    { command: 'meshctl lock .', about: 'of a whole repository' },
    { command: 'meshctl validate . --locked', about: 'what differs since then' },
  ],
  async run(paths, context) {
    const { io, options, cwd } = context
    const manifests = await loadChecked(paths, context)
    const name = textOf(options, 'lockFile') ?? 'mesh.lock'
    const written = lockOf(manifests)
    const text = lockText(written)
    const before = await readFile(join(cwd, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    const counts = `${Object.keys(written.tools).length} tools, ${Object.keys(written.uses).length} filled dependencies`
    if (before !== text) await writeFile(join(cwd, name), text)
    io.out(`${name} ${before === text ? 'is as it was' : 'written'}: ${counts}`)
    return 0
  },
}
