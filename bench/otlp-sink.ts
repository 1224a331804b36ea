/**
 * A receiver of spans for bench/tracing.ts, in a process of its own: it counts what comes and keeps nothing, by the least work
 * that tells, since it runs on the cores of what is measured, where a collector would not.
 */
import { createServer, type AddressInfo } from 'node:net'

/** A request and its head may hold so much. */
const mostBytes = 4 * 1024 * 1024
let spans = 0

const server = createServer(socket => {
  const request = Buffer.alloc(mostBytes)
  /** Of the head and the body; 0 while the head is not whole. */
  let [bytes, whole, bodyAt] = [0, 0, 0]
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.on('data', (piece: Buffer) => {
    if (bytes + piece.length > mostBytes) return void socket.destroy()
    bytes += piece.copy(request, bytes)
    if (whole === 0) {
      const end = request.subarray(0, bytes).indexOf('\r\n\r\n')
      if (end < 0) return
      bodyAt = end + 4
      const head = request.toString('latin1', 0, end)
      if (head.startsWith('GET ')) return void socket.end(answer(String(spans)))
      whole = bodyAt + Number(/^content-length: (\d+)$/im.exec(head)?.[1])
    }
    if (bytes < whole) return
    spans += count(request, bodyAt, whole, spansOfRequest)
    ;[bytes, whole] = [0, 0]
    socket.write(answer(''))
  })
})

const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
})
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))

/** Of ExportTraceServiceRequest: resource_spans, in each scope_spans, in each spans. */
const spansOfRequest = [1, 2, 2]

/** How many messages are in fields of these numbers, each within the one before; all fields on the way there have a length. */
function count(bytes: Buffer, from: number, to: number, [field, ...inner]: number[]): number {
  let [at, found] = [from, 0]
  while (at < to) {
    const tag = bytes[at++] ?? 0
    let length = 0
    for (let weight = 1, byte = 128; byte >= 128; weight *= 128) {
      byte = bytes[at++] ?? 0
      length += (byte & 127) * weight
    }
    if (tag === (field ?? 0) * 8 + 2)
      found += inner.length === 0 ? 1 : count(bytes, at, at + length, inner)
    at += length
  }
  return found
}
