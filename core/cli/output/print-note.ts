/** Progress of a call as it comes: a chunk is a line of output, anything else is for people. */
import { decodeChunk, type ProgressNote } from '../../model/chunk.ts'
import type { Io } from '../command.ts'

export function printNote(io: Io, note: ProgressNote) {
  const chunk = decodeChunk(note)
  if (!chunk) {
    const { progress, total, message = '' } = note
    io.say(`${progress}${total === undefined ? '' : `/${total}`} ${message}`.trim())
    return
  }
  const { value } = chunk
  if (value !== undefined) io.out(typeof value === 'string' ? value : JSON.stringify(value))
}
