/**
 * The attempt timeout of a streamed answer. A stream may last as long as the deadline allows, but not be silent: what is
 * bounded is each wait for the next chunk, the first among them. The time in which the reader does not wait is its own.
 */
import { MeshError } from '../../core/model/error.ts'
import { formatDuration } from '../../core/model/duration.ts'
import { Alarm } from './alarm.ts'
import type { Call, CallRequest } from './call.ts'
import { Cancellation } from './cancellation.ts'
import type { ChunkSink } from './chunk-queue.ts'
import type { ToolResult } from './values.ts'

export interface SilenceLimit {
  timeoutMs: number
  /** Names the hop in errors. */
  edge: string
}

/** Throws MESH_TIMEOUT_ELAPSED. */
export async function withSilenceLimit(
  request: CallRequest & { stream: ChunkSink },
  next: Call,
  { timeoutMs, edge }: SilenceLimit,
): Promise<ToolResult> {
  const { args, expiresAt, trail, endpoint, stream, record, passed, signal: parent } = request
  if (parent.aborted) throw parent.reason
  const signal = new Cancellation()
  const onAbort = () => signal.abort(parent.reason)
  const elapse = () => {
    const what = stream.hasBegun ? 'sent nothing more' : 'did not answer'
    const found = `${edge}: ${endpoint?.url ?? 'the endpoint'} ${what} within ${formatDuration(timeoutMs)}`
    signal.abort(new MeshError('MESH_TIMEOUT_ELAPSED', found))
  }
  let alarm: Alarm | undefined
  const restart = () => {
    alarm?.clear()
    alarm = stream.isWaiting ? new Alarm(performance.now() + timeoutMs, elapse) : undefined
    alarm?.set()
  }
  restart()
  stream.watch(restart)
  parent.addEventListener('abort', onAbort)
  try {
    return await next({ args, signal, expiresAt, trail, endpoint, stream, record, passed })
  } finally {
    alarm?.clear()
    stream.watch(undefined)
    parent.removeEventListener('abort', onAbort)
  }
}
