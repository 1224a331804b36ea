/** The body of a request of node:http, in one piece. */
import type { IncomingMessage } from 'node:http'

/** One longer than `maxBytes` is cut at a little more, for the SDK to refuse. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      if (bytes > maxBytes) return // read on, so that the answer is not lost in a reset connection
      bytes += chunk.length
      chunks.push(chunk)
    })
    request.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    request.on('error', reject)
  })
}
