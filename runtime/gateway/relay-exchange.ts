/**
 * One POST whose answer is passed on as it comes: the body as bytes, the events of a stream as text, one by one. Nothing of
 * it is made anew, and what nobody asked for is bounded.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Pool } from '../http-client/pool.ts'
import type { OutgoingRequest } from '../http-client/request-text.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { Flow } from '../proxy/chunk-queue.ts'
import { notificationIn, startExchange, type ExchangeAnswer } from '../proxy/exchange.ts'

/** Notifications that nobody asked for, of one answer. */
const maxUnasked = 10_000

export interface RelayRequest extends OutgoingRequest {
  /** Told of notifications; absent, they are dropped. */
  readonly onEvent?: ((data: string, flow: Flow) => void) | undefined
}

/** Rejects with the signal's reason, with what kept the connection from answering, and with MESH_ANSWER_TOO_LARGE or MESH_CALL_INVALID. */
export function relay(
  pool: Pool,
  request: RelayRequest,
  signal: CancelSignal,
): Promise<ExchangeAnswer> {
  const { onEvent } = request
  let unasked = 0
  return new Promise((resolve, reject) => {
    startExchange(pool, request, signal, {
      take(data, sent) {
        if (!notificationIn(data)) return false
        if (onEvent) onEvent(data, sent)
        else if (++unasked > maxUnasked) sent.abort(flooded())
        return true
      },
      resolve,
      reject,
    })
  })
}

function flooded(): MeshError {
  const found = `the provider sent more than ${maxUnasked} notifications that nobody asked for`
  return new MeshError('MESH_CALL_INVALID', found)
}
