/**
 * A chunk of a streamed answer as MCP carries it: a progress notification. A client that knows nothing of the mesh reads
 * it as text in `message`; the exact value stands in `_meta`, except for a string, which is its own text, so that a
 * large one does not travel twice. `undefined` has neither. docs/adr/0012-streams.md argues it.
 */

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

/** The value of a chunk, in an object, as it may be undefined; undefined for a note that is none. */
export function decodeChunk({ message, _meta }: ProgressNote): { value: unknown } | undefined {
  const chunk = _meta?.[chunkKey]
  if (typeof chunk !== 'object' || chunk === null) return undefined
  return { value: 'value' in chunk ? chunk.value : message }
}

/** A JSON-RPC message that is a note of progress; undefined for every other. */
export function noteOf(message: unknown): ProgressNote | undefined {
  const { method, params } = (message ?? {}) as { method?: unknown; params?: ProgressNote }
  const isNote = method === 'notifications/progress' && typeof params?.progress === 'number'
  return isNote ? params : undefined
}
