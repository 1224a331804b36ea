/**
 * A file as text, or why it cannot be read. Bounded before it is read. Read in place: a thread of the pool that is woken for
 * each small file takes several times as long as the file.
 */
import { readFileSync, statSync } from 'node:fs'
import { maxBytes, type TextFault } from './parse.ts'

/** Reads a file that a message calls `name`. */
export function readText(file: string, name: string): { text: string } | { fault: TextFault } {
  const stats = attempt(() => statSync(file))
  if (stats instanceof Error) {
    const gone = stats.code === 'ENOENT' || stats.code === 'ENOTDIR'
    return refusal(
      'MESH_FILE_MISSING',
      gone ? `${name} does not exist` : `${name} cannot be read (${stats.code})`,
      'write the path of a manifest',
    )
  }
  if (!stats.isFile())
    return refusal('MESH_FILE_MISSING', `${name} is no file`, 'write the path of a file')
  if (stats.size > maxBytes) {
    const message = `${name} is not read: it is longer than ${maxBytes / 1024} KiB`
    return refusal('MESH_MANIFEST_TOO_LARGE', message, 'split it into several files')
  }
  const bytes = attempt(() => readFileSync(file))
  if (bytes instanceof Error) {
    return refusal(
      'MESH_FILE_MISSING',
      `${name} cannot be read (${bytes.code})`,
      'give the file to this user',
    )
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return refusal('MESH_YAML_INVALID', `${name} is not text in UTF-8`, 'save it as UTF-8')
  }
}

function attempt<T>(read: () => T): T | NodeJS.ErrnoException {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

function refusal(code: TextFault['code'], message: string, mend: string): { fault: TextFault } {
  return { fault: { code, message, mend, start: 0, end: 0 } }
}
