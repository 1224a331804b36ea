/** From a value that a handler yields to the note that carries it, see core/model/chunk.ts. */
import { chunkKey, type ProgressNote } from '../../core/model/chunk.ts'
import { jsonOf } from './values.ts'

/** Throws MESH_OUTPUT_INVALID for what JSON cannot carry. */
export function encodeChunk(value: unknown, progress: number): ProgressNote {
  if (value === undefined) return { progress, _meta: { [chunkKey]: {} } }
  if (typeof value === 'string') return { progress, message: value, _meta: { [chunkKey]: {} } }
  return { progress, message: jsonOf(value), _meta: { [chunkKey]: { value } } }
}
