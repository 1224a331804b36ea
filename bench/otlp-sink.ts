/** A receiver of spans for bench/tracing.ts, in a process of its own: it answers at once, and counts when it is asked. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fieldsOf } from '../test/support/protobuf.ts'

const bodies: Buffer[] = []

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (request.method === 'GET') {
      return response.end(String(bodies.reduce((sum, body) => sum + countOf(body), 0)))
    }
    bodies.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  })
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
})
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))

/** ExportTraceServiceRequest: resource_spans 1, in it scope_spans 2, in it spans 2. */
function countOf(body: Buffer): number {
  const scopes = fieldsOf(body).messages(1, resource => resource.messages(2, scope => scope))
  return scopes.flat().reduce((sum, scope) => sum + scope.messages(2, () => 1).length, 0)
}
