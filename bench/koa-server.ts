/** The plain baseline of the registry's benches: Koa with one middleware that parses a JSON body, if there is one, and answers 204. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'

const app = new Koa()
app.use(async ctx => {
  if (ctx.req.headers['content-length'] !== undefined) {
    const chunks: Buffer[] = []
    for await (const chunk of ctx.req as AsyncIterable<Buffer>) chunks.push(chunk)
    JSON.parse(Buffer.concat(chunks).toString())
  }
  ctx.status = 204
})
const handle = app.callback()
const server = createServer((request, response) => void handle(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.send?.({ type: 'ready', url: `http://127.0.0.1:${port}` })
})
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
