import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Cancellation } from '../../../../runtime/proxy/cancellation.ts'
import type { PlainExchange } from '../../../../runtime/http/plain/plain-exchange.ts'
import { echo, post, until } from '../../../support/echo-front.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

/** A server whose plain requests are answered when the test says so. */
async function held(t: Test, more: { keepAliveMs?: number } = {}) {
  const running: { exchange: PlainExchange; body: string; call: Cancellation; ended: number }[] = []
  const started = await echo(t, {
    ...more,
    front: {
      take(_head, body, exchange) {
        const one = { exchange, body, call: new Cancellation(), ended: 0 }
        exchange.watch(one.call)
        exchange.onEnd = () => one.ended++
        running.push(one)
        return true
      },
    },
  })
  return { ...started, running }
}

t.test('a request in up to eight pieces is served without node:http', async t => {
  const { open, count, sockets } = await echo(t)
  const client = await open()
  await until(() => sockets.length === 1, 'it is accepted')
  const send = async (pieces: string[]) => {
    const { answers } = client
    for (const piece of pieces) {
      const read = sockets[0]!.bytesRead
      client.socket.write(piece)
      await until(() => sockets[0]!.bytesRead === read + piece.length, 'it is read')
    }
    await until(() => client.answers === answers + 1, 'it is answered')
  }
  const body = 'x'.repeat(100)
  const [head, text] = [post(body).slice(0, -100), (count: number) => 'x'.repeat(count)]
  await send([post(body)])
  await send([post('')])
  await send([post('12345678901')])
  await send([head, body])
  await send([head, ...Array.from({ length: 7 }, (_, i) => text(i === 6 ? 94 : 1))])
  t.strictSame(count, { plain: 5, node: 0 })
  await send([head, ...Array.from({ length: 8 }, (_, i) => text(i === 7 ? 93 : 1))])
  t.strictSame(count, { plain: 5, node: 1 }, 'of nine is not')
  await send([post(body)])
  t.strictSame(count, { plain: 5, node: 2 }, 'and the connection stays with node:http')
  t.match(client.text, /Connection: keep-alive\r\nKeep-Alive: timeout=30\r\n/)
})

t.test('what is declined, split in its head, followed or large goes to node:http', async t => {
  const { open, count, sockets } = await echo(t, {
    front: { isServed: ({ url }) => url !== '/other', take: (_, body) => body === 'never' },
  })
  const large = 'x'.repeat(64 * 1024 + 1)
  const all = [
    ...[[post('a')], [post('', [], '/other')], [post('', ['X: é'])], [post(large)]],
    ...[[post('a').slice(0, 30), post('a').slice(30)], ['GET /livez HTTP/1.1\r\nHost: x\r\n\r\n']],
  ]
  for (const [index, pieces] of all.entries()) {
    const client = await open()
    await until(() => sockets.length === index + 1, 'it is accepted')
    for (const piece of pieces) {
      client.socket.write(piece)
      await until(() => sockets[index]!.bytesRead > 0, 'it is read')
    }
    await until(() => client.answers === 1, 'it is answered')
    client.socket.write(post('again'))
    await until(() => client.answers === 2, 'the connection goes on')
    t.match(client.text, /again/)
  }
  t.strictSame(count, { plain: 0, node: 2 * all.length })
})

t.test('what comes while a request is answered is read when that is out, in order', async t => {
  const { open, running, sockets } = await held(t)
  const client = await open()
  client.socket.write(post('1'))
  await until(() => running.length === 1, 'the first runs')
  const big = 'x'.repeat(60_000)
  client.socket.write(post('2'))
  await until(() => sockets[0]!.bytesRead > post('1').length, 'the second is read')
  await turn()
  t.equal(running.length, 1, 'one at a time')
  running[0]!.exchange.reply(200, '"one"')
  await until(() => running.length === 2, 'the second runs')
  t.equal(running[0]!.ended, 1)
  t.equal(running[1]!.body, '2')
  for (let i = 3; i < 30; i++) client.socket.write(post(`${i}${big}`))
  await until(() => sockets[0]!.isPaused(), 'no more is read than is kept')
  running[1]!.exchange.reply(200, '"two"')
  const bodies = () => [...client.text.matchAll(/"(one|two|\d+)x*"/g)].map(([, body]) => body)
  await until(() => bodies().length === 29, 'node:http, which has them now, answers the others')
  t.equal(bodies().join(), ['one', 'two', ...Array.from({ length: 27 }, (_, i) => i + 3)].join())
})

t.test('a call ends with its client, and what is answered then goes nowhere', async t => {
  const { open, running } = await held(t)
  const leave = {
    closes: (socket: Socket) => socket.destroy(),
    resets: (socket: Socket) => socket.resetAndDestroy(),
    'ends its side': (socket: Socket) => socket.end(),
  }
  for (const [name, away] of Object.entries(leave)) {
    const client = await open()
    client.socket.write(post(name))
    await until(() => running.at(-1)?.body === name, 'it runs')
    const { call, exchange } = running.at(-1)!
    away(client.socket)
    await until(() => call.aborted, `one who ${name} is noticed`)
    t.match(call.reason, { code: 'MESH_CALL_CANCELLED' })
    t.equal(running.at(-1)!.ended, 1)
    exchange.reply(200, 'late')
    await until(() => client.isClosed, 'and the connection ends')
    t.equal(client.text, '')
  }
})

t.test('a second answer to a request is not the answer to the next', async t => {
  const { open, running } = await held(t)
  const client = await open()
  client.socket.write(post('1'))
  await until(() => running.length === 1, 'it runs')
  running[0]!.exchange.reply(200, '"first"')
  running[0]!.exchange.reply(200, '"second"')
  await until(() => client.answers === 1, 'it is answered')
  client.socket.write(post('2'))
  await until(() => running.length === 2, 'the next runs')
  running[0]!.exchange.reply(200, '"third"')
  running[1]!.exchange.reply(404, Buffer.from('"é'), 'ö"')
  await until(() => client.answers === 2, 'it is answered')
  t.notMatch(client.text, /second|third/)
  t.match(client.text, 'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n')
  t.ok(client.text.endsWith(Buffer.from('"éö"').toString('latin1')))
})

t.test('a large answer is whole, and its request runs until the client has read it', async t => {
  const { open, running } = await held(t)
  const client = await open()
  client.socket.pause()
  client.socket.write(post('1'))
  await until(() => running.length === 1, 'it runs')
  const mebibytes = Array.from({ length: 32 }, (_, i) => Buffer.alloc(1024 * 1024, 97 + (i % 26)))
  let bytes = 0
  running[0]!.exchange.reply(200, '"', ...mebibytes, '"')
  for (let i = 0; i < 10; i++) await turn()
  t.equal(running[0]!.ended, 0, 'the system takes less than that from it')
  client.socket.removeAllListeners('data')
  client.socket.on('data', chunk => (bytes += chunk.length)).resume()
  await until(() => bytes > 32 * 1024 * 1024 && running[0]!.ended === 1, 'it is read')
})

t.test('who is silent is left to node:http, who has been served is let go', async t => {
  const { open, running, sockets, count } = await held(t, { keepAliveMs: 50 })
  const isWithNode = (index: number) => sockets[index]!.listeners('drain').length > 0
  const silent = await open()
  await until(() => sockets.length === 1 && isWithNode(0), 'after that time node:http has it')
  silent.socket.write(post('a'))
  await until(() => count.node === 1, 'and serves it')
  const slow = await open()
  slow.socket.write(post('abc').slice(0, -1))
  await until(() => sockets.length === 2 && isWithNode(1), 'so is who sends a part')
  slow.socket.write('c')
  await until(() => slow.answers === 1, 'and serves the whole')
  const served = await open()
  served.socket.write(post('long'))
  await until(() => running.length === 1, 'it runs')
  await new Promise(resolve => setTimeout(resolve, 200))
  t.notOk(running[0]!.call.aborted, 'a call takes what time it takes')
  running[0]!.exchange.reply(200, '1')
  await until(() => served.isClosed, 'an idle one is closed')
  t.equal(served.answers, 1)
})

t.test('the end of half a request is for node:http to refuse', async t => {
  const { open, sockets } = await held(t)
  const client = await open()
  const half = post('abc').slice(0, -1)
  client.socket.end(half)
  await until(() => client.isClosed, 'it is refused')
  t.equal(sockets[0]!.bytesRead, half.length)
  t.match(client.text, /^HTTP\/1\.1 400 Bad Request\r\n/)
})

t.test('close ends idle ones and running ones, and the server with them', async t => {
  const { open, running, server, front, count } = await held(t)
  const [idle, busy, other] = [await open(), await open(), await open()]
  busy.socket.write(post('1'))
  other.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => running.length === 1 && count.node === 1, 'both are served')
  const closed = new Promise(resolve => server.close(resolve))
  server.closeAllConnections()
  front?.close()
  await closed
  await until(() => running[0]!.call.aborted, 'the call is aborted')
  await until(() => idle.isClosed && busy.isClosed && other.isClosed, 'clients hear of it')
})
