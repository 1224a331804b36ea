/**
 * `deps.date.stream(args)`: a call whose chunks are taken one by one. It is an async generator, so nothing is sent before
 * the first chunk is asked for, and whoever stops reading ends the call.
 */
import { MeshError } from '../../core/model/error.ts'
import type { StreamOptions } from '../handler.ts'
import type { CallContext } from '../mcp/invoke.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import { ChunkQueue, type ChunkSink } from '../proxy/chunk-queue.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { ToolResult } from '../proxy/values.ts'

/** Makes the call; its result comes after the last chunk. */
export type OpenCall = (signal: CancelSignal, stream: ChunkSink) => Promise<ToolResult>

/** Yields the chunks and returns the result; throws what the call throws, after the chunks that came before. */
export async function* streamOf(
  open: OpenCall,
  context: CallContext,
  { onProgress }: StreamOptions,
): AsyncGenerator<unknown, ToolResult, undefined> {
  if (context.signal.aborted) throw context.signal.reason
  const queue = new ChunkQueue(onProgress)
  const cancellation = new Cancellation()
  const onAbort = () => cancellation.abort(context.signal.reason)
  const close = () => cancellation.abort(unread())
  context.signal.addEventListener('abort', onAbort)
  context.streams ??= new Set()
  context.streams.add(close)
  const outcome = open(cancellation, queue).then(
    result => ({ result }),
    (error: unknown) => ({ error }),
  )
  void outcome.then(() => queue.end())
  try {
    for (;;) {
      const chunk = await queue.next()
      if (!chunk) break
      yield chunk.value
    }
    const end = await outcome
    if ('error' in end) throw end.error
    return end.result
  } finally {
    context.signal.removeEventListener('abort', onAbort)
    context.streams.delete(close)
    close()
  }
}

function unread(): MeshError {
  return new MeshError('MESH_CALL_CANCELLED', 'the handler reads no more of the stream')
}
