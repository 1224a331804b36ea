/**
 * The end of a request that came by the SDK, as ours: the SDK's reason is an error of its own or a text, and layers, spans and
 * the log know a caller that went away by its code.
 */
import { MeshError } from '../../core/model/error.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'

export function callerSignal(signal: AbortSignal): CancelSignal {
  const cancelled = new Cancellation()
  const onAbort = () =>
    cancelled.abort(new MeshError('MESH_CALL_CANCELLED', 'the caller went away'))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return cancelled
}
