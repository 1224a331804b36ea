/** meshlint.yaml of the folder in which meshctl was called, or of the nearest one above; no further than the repository or the home. */
import { stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { readText } from '../../manifest/read-text.ts'
import { noSettings, readSettings, settingsFile, type Settings } from '../../lint/settings.ts'

export async function findSettings(cwd: string): Promise<Settings> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, settingsFile)
    const isThere = await exists(file)
    if (isThere) {
      const name = relative(cwd, file)
      const read = readText(file, name)
      if ('text' in read) return readSettings(read.text, name)
      const { code, message, mend } = read.fault
      const place = { file: name, line: 1, column: 1, endLine: 1, endColumn: 1 }
      return { ...noSettings, diagnostics: [{ code, severity: 'error', message, mend, ...place }] }
    }
    if (dirname(folder) === folder || (await exists(join(folder, '.git')))) return noSettings
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
