/**
 * Names as people type them: the whole name, or the beginning of one where only one begins so. For commands that show;
 * what changes or ends something takes whole names only.
 */
import { MeshError } from '../../model/error.ts'
import type { Io } from '../command.ts'

/** The name that is meant, or `text` itself where none is. Throws MESH_USAGE_INVALID where several begin so. */
export function matchName(text: string, known: Iterable<string>, io: Io): string {
  const names = [...new Set(known)]
  if (text === '' || names.includes(text)) return text
  const begun = names.filter(name => name.startsWith(text)).sort()
  const [only, second] = begun
  if (only === undefined) return text
  if (second !== undefined) {
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `${begun.length} names begin with "${text}"`,
      'write more of the one that is meant',
      { details: { lines: begun.slice(0, MOST_NAMED) } },
    )
  }
  io.say(`${text} is taken for ${only}`)
  return only
}

const MOST_NAMED = 12
