/** One POST of an injected proxy: the answer as text, and the notes that come before it to whoever asked for them. */
import { noteOf } from '../../core/model/chunk.ts'
import type { Pool } from '../http-client/pool.ts'
import type { OutgoingRequest } from '../http-client/request-text.ts'
import type { CancelSignal } from './cancellation.ts'
import type { ChunkSink } from './chunk-queue.ts'
import { notificationIn, startExchange } from './exchange.ts'

export interface PostOptions extends OutgoingRequest {
  /** Where notes of the answer go; absent, they are dropped. */
  readonly stream?: ChunkSink | undefined
  /** Told of lines of the provider's log, as MCP has them. */
  readonly logged?: ((params: unknown) => void) | undefined
}

export interface Answer {
  status: number
  /** The content type. */
  type: string
  /** The body; of an event stream the last message that is no notification. */
  text: string
}

/** Rejects with the signal's reason, with what kept the connection from answering, and with MESH_ANSWER_TOO_LARGE. */
export function post(pool: Pool, options: PostOptions, signal: CancelSignal): Promise<Answer> {
  const { stream, logged } = options
  return new Promise((resolve, reject) => {
    startExchange(pool, options, signal, {
      take(data, flow) {
        const notification = notificationIn(data)
        const note = notification && noteOf(notification)
        if (note) stream?.take(note, flow)
        else if (notification?.method === 'notifications/message') logged?.(notification.params)
        return notification !== undefined
      },
      resolve: ({ status, type, bytes }) => resolve({ status, type, text: bytes.toString('utf8') }),
      reject,
    })
  })
}
