import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Pool } from '../../../runtime/http-client/pool.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { post } from '../../../runtime/proxy/post.ts'

const options = { path: '/mcp', headers: ['content-type', 'application/json'], body: '{"é":1}' }

async function serve(t: Test, answer: (response: ServerResponse, body: string) => void) {
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => answer(response, body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    connections: 1,
  })
  t.teardown(async () => {
    pool.destroy()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return pool
}

t.test('an answer is read whole, in however many pieces it comes', async t => {
  const pool = await serve(t, (response, body) => {
    const bytes = Buffer.from(body)
    response.writeHead(201, { 'content-type': 'text/x' })
    response.write(bytes.subarray(0, 3)) // within the é
    setImmediate(() => response.end(bytes.subarray(3)))
  })
  const expected = { status: 201, type: 'text/x', text: options.body }
  t.strictSame(await post(pool, options, new Cancellation()), expected)
  const empty = await serve(t, response => response.writeHead(202).end())
  t.strictSame(await post(empty, options, new Cancellation()), { status: 202, type: '', text: '' })
})

t.test('a cancelled call rejects with its reason, sent or still waiting', async t => {
  let asked = 0
  const pool = await serve(t, () => asked++)
  const [sent, queued] = [new Cancellation(), new Cancellation()]
  const reasons = [new Error('sent'), new Error('queued')] as const
  const calls = [post(pool, options, sent), post(pool, options, queued)]
  while (asked === 0) await new Promise(resolve => setImmediate(resolve))
  queued.abort(reasons[1])
  await t.rejects(calls[1]!, reasons[1])
  sent.abort(reasons[0])
  await t.rejects(calls[0]!, reasons[0])
  const after = new Cancellation()
  const next = post(pool, options, after)
  while (asked === 1) await new Promise(resolve => setImmediate(resolve))
  t.equal(asked, 2, 'what was cancelled before it was sent never is')
  after.abort(reasons[0])
  await t.rejects(next, reasons[0])
})

t.test('an answer that breaks off, or that has no end, is an error', async t => {
  const broken = await serve(t, response => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('x')
    setImmediate(() => response.destroy())
  })
  await t.rejects(post(broken, options, new Cancellation()), { code: 'ECONNRESET' })
  const piece = Buffer.alloc(1024 * 1024)
  const endless = await serve(t, response => {
    response.on('drain', () => response.write(piece))
    response.write(piece)
  })
  await t.rejects(post(endless, options, new Cancellation()), { code: 'MESH_ANSWER_TOO_LARGE' })
  const endlessEvent = await serve(t, response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.on('drain', () => response.write(piece))
    response.write('data: ')
    response.write(Buffer.alloc(1024 * 1024, 'x'))
  })
  await t.rejects(post(endlessEvent, options, new Cancellation()), {
    code: 'MESH_ANSWER_TOO_LARGE',
  })
})

t.test('of an event stream the answer is kept, and notes by the thousand are not', async t => {
  const note = { method: 'notifications/message', params: { data: 'x'.repeat(100_000) } }
  const events = await serve(t, response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let left = 1_000 // 100 MB, more than an answer may have
    const send = () => {
      while (left-- > 0) if (!response.write(`data: ${JSON.stringify(note)}\n\n`)) return
      response.end('event: message\r\ndata: {"result":\r\ndata: {"method":1}}\r\n\r\n')
    }
    response.on('drain', send)
    send()
  })
  const { text } = await post(events, options, new Cancellation())
  t.equal(text, '{"result":\n{"method":1}}')
})
