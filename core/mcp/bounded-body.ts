/**
 * The body of an answer, which ends with an error where a message in it is longer than is kept in memory: what a server sends
 * is not ours to trust, and a whole answer is read before anybody looks at it.
 */
import { TransformStream, type ReadableStream } from 'node:stream/web'
import type { Response } from 'undici'
import { MeshError } from '../model/error.ts'

/** Bytes of one message, unpacked; as much as an agent's answer may have. */
const maxMessage = 64 * 2 ** 20

/** Of an event stream each event is bounded, not the stream. Reading fails with MESH_ANSWER_TOO_LARGE. */
export function boundedBody({ body, headers }: Response): ReadableStream<Uint8Array> | null {
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
  if (!body) return null
  let length = 0
  let last = ''
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const end = isStream ? endOfEvent(bytes, last) : undefined
      length = end === undefined ? length + bytes.length : bytes.length - end
      last = bytes.subarray(-2).toString('latin1')
      if (length <= maxMessage) return controller.enqueue(chunk)
      const found = 'the server answered with more than 64 MiB in one message'
      controller.error(new MeshError('MESH_ANSWER_TOO_LARGE', found))
    },
  })
  return (body as ReadableStream<Uint8Array>).pipeThrough(count)
}

/** Where in the chunk the last event ends that ends in it; `last` are the two bytes before it. */
function endOfEvent(bytes: Buffer, last: string): number | undefined {
  for (const blank of ['\n\n', '\r\n\r\n', '\r\r']) {
    const at = bytes.lastIndexOf(blank)
    if (at >= 0) return at + blank.length
  }
  const start = `${last}${bytes.subarray(0, 3).toString('latin1')}`
  return /\n\r?\n|\r\r/.test(start) ? 0 : undefined
}
