/**
 * A receiver of spans for bench/tracing.ts, in a process of its own: it keeps what comes as it comes and counts when it is
 * asked, since it runs on the cores of what is measured, where a collector would not.
 */
import { createServer, type AddressInfo } from 'node:net'
import { fieldsOf } from '../test/support/protobuf.ts'

const bodies: Buffer[] = []

const server = createServer(socket => {
  socket.setNoDelay(true)
  let pieces: Buffer[] = []
  /** Of the head and the body; 0 while the head is not whole. */
  let [bytes, whole, bodyAt] = [0, 0, 0]
  socket.on('error', () => undefined)
  socket.on('data', (piece: Buffer) => {
    pieces.push(piece)
    bytes += piece.length
    if (whole === 0) {
      const all = pieces.length === 1 ? piece : Buffer.concat(pieces)
      const end = all.indexOf('\r\n\r\n')
      if (end < 0) return
      bodyAt = end + 4
      const head = all.toString('latin1', 0, end)
      if (head.startsWith('GET ')) return void socket.end(answer(String(spans())))
      whole = bodyAt + Number(/^content-length: (\d+)$/im.exec(head)?.[1])
    }
    if (bytes < whole) return
    bodies.push(Buffer.concat(pieces).subarray(bodyAt))
    ;[pieces, bytes, whole] = [[], 0, 0]
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

const spans = () => bodies.reduce((sum, body) => sum + countOf(body), 0)

/** ExportTraceServiceRequest: resource_spans 1, in it scope_spans 2, in it spans 2. */
function countOf(body: Buffer): number {
  const scopes = fieldsOf(body).messages(1, resource => resource.messages(2, scope => scope))
  return scopes.flat().reduce((sum, scope) => sum + scope.messages(2, () => 1).length, 0)
}
