/**
 * A chunk of a streamed answer as MCP carries it: a progress notification. A client that knows nothing of the mesh reads
 * it as text in `message`; the exact value stands in `_meta`, except for a string, which is its own text, so that a
 * large one does not travel twice. `undefined` has neither. docs/adr/0012-streams.md argues it.
 */
import { jsonOf } from './values.ts'

/** The parameters of `notifications/progress` but for its token. */
export interface ProgressNote {
  /** Grows with each note of a call. */
  progress: number
  total?: number
  message?: string
  _meta?: Record<string, unknown>
}

/** Under it, in the `_meta` of a note, a chunk says that it is one. */
export const chunkKey = 'mcp-mesh.dev/chunk'

/** Throws MESH_OUTPUT_INVALID for what JSON cannot carry. */
export function encodeChunk(value: unknown, progress: number): ProgressNote {
  if (value === undefined) return { progress, _meta: { [chunkKey]: {} } }
  if (typeof value === 'string') return { progress, message: value, _meta: { [chunkKey]: {} } }
  return { progress, message: jsonOf(value), _meta: { [chunkKey]: { value } } }
}

/** The value of a chunk, in an object, as it may be undefined; undefined for a note that is none. */
export function decodeChunk({ message, _meta }: ProgressNote): { value: unknown } | undefined {
  const chunk = _meta?.[chunkKey]
  if (typeof chunk !== 'object' || chunk === null) return undefined
  return { value: 'value' in chunk ? chunk.value : message }
}
