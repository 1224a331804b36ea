/** Connections of a pool over real sockets: kept and closed, waited for, broken, and never used for two things. */
import { execFile, spawnSync } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { Pool, type PoolOptions, type Sent } from '../../../runtime/http-client/pool.ts'
import type { OutgoingRequest } from '../../../runtime/http-client/request-text.ts'
import { until } from '../../support/mesh.ts'

const portOf = (server: Server) => (server.address() as AddressInfo).port

async function listen(t: Test, server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${portOf(server)}`
}

async function serve(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  options: PoolOptions & { keepAliveTimeout?: number } = {},
) {
  const sockets = new Set<Socket>()
  const { keepAliveTimeout = 30_000, ...ofPool } = options
  const server = createServer({ keepAliveTimeout }, (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => answer(request, response, body))
  })
  let opened = 0
  server.on('connection', socket => {
    opened++
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const url = await listen(t, server)
  const pool = new Pool(url, ofPool)
  t.teardown(() => {
    pool.destroy()
    server.closeAllConnections()
  })
  return { pool, server, sockets, url, opened: () => opened }
}

interface Answer {
  status: number
  body: string
}

/** The request, and what it came to. */
function ask(pool: Pool, request: Partial<OutgoingRequest> = {}) {
  let sent: Sent | undefined
  let status = 0
  const chunks: Buffer[] = []
  const answer = new Promise<Answer>((resolve, failed) => {
    const exchanged = {
      head: (head: { status: number }) => void (status = head.status),
      body: (bytes: Buffer) => void chunks.push(Buffer.from(bytes)),
      ended: () => resolve({ status, body: Buffer.concat(chunks).toString('utf8') }),
      failed,
    }
    sent = pool.send({ path: '/', headers: [], body: '{}', ...request }, exchanged)
  })
  answer.catch(() => undefined)
  return { answer, sent: sent!, received: () => chunks.length }
}

t.test('a connection serves one request after the other, and several only at once', async t => {
  const { pool, opened } = await serve(t, (_, response, body) => response.end(body))
  for (const body of ['a', 'ö€', '']) t.equal((await ask(pool, { body }).answer).body, body)
  t.equal(opened(), 1)
  const bodies = Array.from({ length: 20 }, (_, i) => `${i}`)
  const answers = await Promise.all(bodies.map(body => ask(pool, { body }).answer))
  t.strictSame(
    answers.map(({ body }) => body),
    bodies,
  )
  t.ok(opened() <= 20)
})

t.test('a request is what it was said to be', async t => {
  const { pool } = await serve(t, (request, response, body) => {
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, body }))
  })
  const headers = ['x-a', 'b', 'mcp-name', 'gr\u00fc\u00dfe']
  const more = ['x-more', '1']
  const lines = 'x-line: 2\r\n'
  const { answer } = ask(pool, { path: '/mcp?a=1', headers, more, lines, body: 'ö' })
  const seen = JSON.parse((await answer).body) as { headers: object }
  t.match(seen, { method: 'POST', url: '/mcp?a=1', body: 'ö' })
  t.match(seen.headers, {
    'x-a': 'b',
    'x-more': '1',
    'x-line': '2',
    'mcp-name': 'gr\u00fc\u00dfe',
    'content-length': '2',
  })
  const again = await ask(pool, { path: '/mcp?a=1', headers, body: 'ö' }).answer
  const { headers: second } = JSON.parse(again.body) as { headers: Record<string, string> }
  t.equal(second['x-a'], 'b')
  for (const name of ['x-more', 'x-line'])
    t.equal(second[name], undefined, 'what one request has more, the next has not')
  const ofBytes = await ask(pool, { headers, body: Buffer.from([0xc3, 0xb6]) }).answer
  t.match(JSON.parse(ofBytes.body), {
    ...{ headers: { 'x-a': 'b', 'content-length': '2' }, body: 'ö' },
  })
  const read = JSON.parse((await ask(pool, { method: 'GET', body: '' }).answer).body) as object
  t.match(read, { method: 'GET', body: '' })
  const refused: Partial<OutgoingRequest>[] = [
    { headers: ['a', 'b\r\nc: d'] },
    { headers: ['a', 'b\0'] },
    { headers: ['a', '\u20ac'] },
    { headers: ['a b', 'c'] },
    { more: ['a', 'b\r\nc: d'] },
    { headers: ['a:', 'c'] },
    { headers: ['', 'c'] },
    { path: '/a b' },
    { path: '/a\r\nhost: x' },
    { path: '' },
  ]
  for (const request of refused) await t.rejects(ask(pool, request).answer, { name: 'TypeError' })
})

t.test('where all are in use it waits, in its turn, and leaves when it is told to', async t => {
  const open: { response: ServerResponse; body: string }[] = []
  const { pool, opened } = await serve(t, (_, response, body) => open.push({ response, body }), {
    connections: 1,
  })
  const [first, second, third] = ['1', '2', '3'].map(body => ask(pool, { body }))
  await until(() => open.length === 1)
  second!.sent.abort(new Error('enough'))
  await t.rejects(second!.answer, { message: 'enough' })
  open[0]!.response.end('one')
  t.equal((await first!.answer).body, 'one')
  await until(() => open.length === 2)
  t.equal(open[1]!.body, '3', 'what had left was not sent')
  third!.sent.abort(new Error('gone'))
  await t.rejects(third!.answer, { message: 'gone' })
  const fourth = ask(pool, { body: '4' })
  await until(() => open.length === 3)
  open[2]!.response.end('four')
  t.equal((await fourth.answer).body, 'four')
  t.equal(opened(), 2, 'the connection of what was aborted is not used again')
  third!.sent.abort(new Error('late'))
  third!.sent.resume()
})

t.test('a server that is not there, and one that never answers the greeting', async t => {
  const server = createTcp()
  const url = await listen(t, server)
  await new Promise(resolve => server.close(resolve))
  const nobody = new Pool(url, { connections: 1 })
  const asked = [ask(nobody), ask(nobody), ask(nobody)]
  for (const { answer } of asked)
    await t.rejects(answer, { code: 'ECONNREFUSED', syscall: 'connect' })
  const both = new Pool(url.replace('127.0.0.1', 'localhost'))
  await t.rejects(ask(both).answer, { message: /ECONNREFUSED/, syscall: 'connect' })

  const deaf = createTcp(socket => t.teardown(() => socket.destroy()))
  const silent = await listen(t, deaf)
  const late = new Pool(silent.replace('http:', 'https:'), { connectMs: 100 })
  await t.rejects(ask(late).answer, { code: 'ETIMEDOUT', syscall: 'connect' })
  const leaving = ask(late)
  leaving.sent.abort(new Error('enough'))
  await t.rejects(leaving.answer, { message: 'enough' }, 'the reason, and not what became of it')
})

t.test('one that breaks off after the request was sent', async t => {
  const { pool, sockets, opened } = await serve(t, request => request.socket.destroy())
  const error = await ask(pool).answer.catch((error: unknown) => error as NodeJS.ErrnoException)
  t.match(error, { code: 'ECONNRESET' })
  t.not((error as NodeJS.ErrnoException).syscall, 'connect', 'it may have been executed')
  const half = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('x')
    setImmediate(() => response.socket?.end())
  })
  await t.rejects(ask(half.pool).answer, { code: 'ECONNRESET' })
  t.equal(opened(), 1)
  t.equal(sockets.size, 0)
})

t.test('a connection that the server has closed is not used', async t => {
  const { pool, server, sockets, opened } = await serve(t, (_, response) => response.end('x'))
  await ask(pool).answer
  server.closeIdleConnections()
  await until(() => sockets.size === 0)
  await until(async () => (await ask(pool).answer).body === 'x')
  t.equal(opened(), 2)
  const short = await serve(t, (_, response) => response.end('x'), { keepAliveTimeout: 1_000 })
  await ask(short.pool).answer
  await ask(short.pool).answer
  t.equal(short.opened(), 2, 'one that is closed within a second is not used again')
  await until(() => short.sockets.size === 0)
  const last = await serve(t, (_, response) => response.setHeader('connection', 'close').end('x'))
  await ask(last.pool).answer
  await ask(last.pool).answer
  t.equal(last.opened(), 2)
})

t.test('what a server says unasked is nobody’s answer', async t => {
  const text = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n'
  let opened = 0
  const server = createTcp(socket => {
    opened++
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write(`${text}a${text}b`))
  })
  const pool = new Pool(await listen(t, server))
  t.teardown(() => pool.destroy())
  t.equal((await ask(pool).answer).body, 'a')
  t.equal((await ask(pool).answer).body, 'a')
  t.equal(opened, 2)
})

t.test('an answer is read no faster than is wanted', async t => {
  const piece = Buffer.alloc(64 * 1024)
  let written = 0
  const { pool } = await serve(t, (_, response) => {
    const write = () => {
      while (written < 64 * 1024 * 1024) {
        written += piece.length
        if (!response.write(piece)) return
      }
      response.end()
    }
    response.on('drain', write)
    write()
  })
  let sent: Sent | undefined
  let received = 0
  let isPaused = false
  const ended = new Promise<void>((resolve, failed) => {
    sent = pool.send(
      { path: '/', headers: [], body: '' },
      {
        head: () => undefined,
        body(bytes) {
          received += bytes.length
          if (isPaused || received > piece.length * 2) return
          isPaused = true
          sent?.pause()
        },
        ended: resolve,
        failed,
      },
    )
  })
  await until(() => isPaused)
  let before = -1
  await until(async () => {
    const same = written === before
    before = written
    await new Promise(resolve => setTimeout(resolve, 100))
    return same
  })
  t.ok(written < 32 * 1024 * 1024, `${written} bytes of 64 MiB were written while nobody read`)
  sent?.resume()
  await ended
  t.equal(received, 64 * 1024 * 1024)
  t.equal((await ask(pool, { body: 'x' }).answer).status, 200, 'the connection goes on')
})

t.test('a large request arrives whole', async t => {
  const { pool } = await serve(t, (_, response, body) => response.end(`${body.length}`))
  for (const [text, length] of [
    ['x', 20_000_000],
    ['é', 3_000_000],
  ] as const)
    t.equal((await ask(pool, { body: text.repeat(length) }).answer).body, `${length}`)
})

t.test('a receiver that throws ends its own answer alone', async t => {
  const { pool } = await serve(t, (_, response) => response.end('x'))
  const failing = new Promise((_, failed) => {
    const body = () => {
      throw new Error('no more')
    }
    const exchanged = { head: () => undefined, body, ended: () => undefined, failed }
    pool.send({ path: '/', headers: [], body: '' }, exchanged)
  })
  await t.rejects(failing, { message: 'no more' })
  t.equal((await ask(pool).answer).body, 'x')
})

t.test('closed, it lets end what it has, and destroyed it does not', async t => {
  const open: ServerResponse[] = []
  const { pool, sockets } = await serve(t, (_, response) => open.push(response))
  const [first, second] = [ask(pool), ask(pool)]
  await until(() => open.length === 2)
  open[0]!.end('one')
  await first.answer
  pool.close()
  await until(() => sockets.size === 1, { what: 'the end of the one that is free' })
  await t.rejects(ask(pool).answer, { code: 'ECONNABORTED', syscall: 'connect' })
  open[1]!.end('two')
  t.equal((await second.answer).body, 'two')
  await until(() => sockets.size === 0)

  const cut = await serve(t, () => undefined, { connections: 1 })
  const [running, waiting] = [ask(cut.pool), ask(cut.pool)]
  await until(() => cut.sockets.size === 1)
  cut.pool.destroy()
  await t.rejects(running.answer, { code: 'ECONNABORTED' })
  await t.rejects(waiting.answer, { code: 'ECONNABORTED' })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

t.test(
  'over TLS too, to whom the machine trusts',
  { skip: !hasOpenssl && 'it needs openssl' },
  async t => {
    const program = `
    const { createServer } = await import('node:https')
    const { Pool } = await import(${JSON.stringify(new URL('../../../runtime/http-client/pool.ts', import.meta.url).href)})
    const { readFileSync } = await import('node:fs')
    const key = readFileSync('key.pem'), cert = readFileSync('cert.pem')
    const server = createServer({ key, cert }, (request, response) => request.pipe(response))
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
    for (const host of ['localhost', '127.0.0.1']) {
      const pool = new Pool('https://' + host + ':' + server.address().port)
      let text = ''
      await new Promise(resolve => pool.send({ path: '/', headers: [], body: 'hello' }, {
        head: () => {}, body: bytes => (text += bytes), ended: resolve, failed: error => resolve(text = error.code + ' ' + error.syscall),
      }))
      console.log(text)
      pool.destroy()
    }
    server.close()`
    const folder = t.testdir()
    const run = promisify(execFile)
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    await run('openssl', ['req', '-x509', ...kind, ...files, ...names], { cwd: folder })
    const loader = new URL('../../../scripts/typescript.mjs', import.meta.url).href
    const args = ['--import', loader, '--input-type=module', '-e', program]
    const told = async (env: NodeJS.ProcessEnv) => {
      const { stdout } = await run(process.execPath, args, {
        cwd: folder,
        env: { ...process.env, ...env },
      })
      return stdout.trim().split('\n')
    }
    t.strictSame(await told({ NODE_EXTRA_CA_CERTS: `${folder}/cert.pem` }), ['hello', 'hello'])
    const refused = 'DEPTH_ZERO_SELF_SIGNED_CERT connect'
    t.strictSame(await told({}), [refused, refused], 'else nothing is sent')
  },
)
