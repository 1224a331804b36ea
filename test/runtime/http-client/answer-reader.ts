/** Answers as they may come over a connection: cut anywhere, one after the other, broken, and as Node's own client reads them. */
import { request as nodeRequest } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { AnswerReader } from '../../../runtime/http-client/answer-reader.ts'
import {
  BrokenAnswer,
  readAnswerHead,
  type AnswerHead,
} from '../../../runtime/http-client/answer-head.ts'
import { KnownAnswerHead } from '../../../runtime/http-client/known-answer-head.ts'

interface Read {
  status: number
  type: string
  body: string
  isLast: boolean
}

/** What is read of the pieces; `isEnded`: the connection ends behind them. An answer that is cut off is none. */
function readAll(pieces: readonly Buffer[], { isEnded = true } = {}): Read[] {
  const reader = new AnswerReader()
  const answers: Read[] = []
  let body: Buffer[] = []
  const done = ({ status, type, isLast }: AnswerHead) => {
    answers.push({ status, type, body: Buffer.concat(body).toString('latin1'), isLast })
    body = []
  }
  const receiver = {
    head: () => undefined,
    body: (bytes: Buffer) => body.push(Buffer.from(bytes)),
  }
  reader.expect(receiver)
  for (const piece of pieces) {
    const copy = Buffer.from(piece) // the reader may keep none of it
    const head = reader.read(copy)
    copy.fill('#')
    if (!head) continue
    done(head)
    reader.expect(receiver)
  }
  const last = isEnded ? reader.end() : undefined
  if (last) done(last)
  return answers
}

const cut = (bytes: Buffer, at: readonly number[]): Buffer[] => {
  const places = [0, ...at.map(place => place % (bytes.length + 1)), bytes.length]
  places.sort((a, b) => a - b)
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

const chunked = (parts: readonly string[]) =>
  `${parts.map(part => `${part.length.toString(16)};x=1\r\n${part}\r\n`).join('')}0\r\ntrailer: 1\r\n\r\n`

/** The text of an answer, and what it says. */
const answer = fc
  .record({
    status: fc.constantFrom(200, 202, 400, 500, 204, 304),
    type: fc.constantFrom('', 'application/json', 'text/event-stream; charset=utf-8'),
    parts: fc.array(fc.stringMatching(/^[\x00-\xff]{1,40}$/), { maxLength: 4 }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    before: fc.constantFrom(
      '',
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n',
    ),
  })
  .map(({ status, type, parts, framing, before }) => {
    const isBare = status === 204 || status === 304
    const body = isBare ? '' : parts.join('')
    const lines = [
      `HTTP/1.1 ${status} Some Words`,
      ...(type ? [`Content-Type:${type}  `] : []),
      ...(framing === 'length' && !isBare ? [`content-LENGTH: ${body.length}`] : []),
      ...(framing === 'chunked' && !isBare ? ['Transfer-Encoding: Chunked'] : []),
      'date: today',
    ]
    const text = `${before}${lines.join('\r\n')}\r\n\r\n${framing === 'chunked' && !isBare ? chunked(parts) : body}`
    const isLast = framing === 'close' && !isBare
    return { text, expected: { status, type, body, isLast } }
  })

t.test('an answer is the same wherever its pieces end', t => {
  const places = fc.array(fc.nat(2_000), { maxLength: 8 })
  fc.assert(
    fc.property(answer, places, ({ text, expected }, at) => {
      t.strictSame(readAll(cut(Buffer.from(text, 'latin1'), at)), [expected])
      const bytes = [...Buffer.from(text, 'latin1')].map(byte => Buffer.from([byte]))
      t.strictSame(readAll(bytes), [expected], 'byte by byte')
      return t.passing()
    }),
    { numRuns: 60 },
  )
  t.end()
})

t.test('answers follow each other on one connection', t => {
  const [first, second] = ['{"n":1}', '{"n":22}']
  const head = (length: number) =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nkeep-alive: timeout=7\r\n\r\n`
  const texts = [first, first, second].map(body => Buffer.from(head(body.length) + body))
  t.strictSame(
    readAll(texts).map(({ body }) => body),
    [first, first, second],
  )
  t.end()
})

t.test('what has two ends, or none, is broken', t => {
  const ok = 'HTTP/1.1 200 OK\r\n'
  const broken = {
    'two lengths': `${ok}content-length: 1\r\ncontent-length: 1\r\n\r\nx`,
    'a length that is none': `${ok}content-length: +1\r\n\r\nx`,
    'a length with a list': `${ok}content-length: 1, 1\r\n\r\nx`,
    'a length and chunks': `${ok}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'another coding': `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'a folded header': `${ok}a: b\r\n c\r\n\r\n`,
    'a header without a name': `${ok}: b\r\n\r\n`,
    'a space before the colon': `${ok}content-length : 1\r\n\r\nx`,
    'half a line end in the first line': `HTTP/1.1 200 OK\r\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'half a line end in a header': `${ok}a: b\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
    'a control in a header': `${ok}a: b\0c\r\n\r\n`,
    'no HTTP': 'hello\r\n\r\n',
    'another version': 'HTTP/2 200 OK\r\n\r\n',
    'another protocol': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'a chunk without a size': `${ok}transfer-encoding: chunked\r\n\r\nx\r\n`,
    'a chunk that is longer': `${ok}transfer-encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n`,
    'a chunk with half a line end': `${ok}transfer-encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n`,
    'a head without an end': `${ok}a: ${'x'.repeat(70_000)}`,
    'a size without an end': `${ok}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}`,
    'trailers without an end': `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(5_000)}`,
  }
  for (const [what, text] of Object.entries(broken)) {
    t.throws(() => readAll([Buffer.from(text)]), { code: 'ERR_HTTP_ANSWER' }, what)
    const bytes = cut(Buffer.from(text), [5, 21, 40, 60])
    t.throws(() => readAll(bytes), { code: 'ERR_HTTP_ANSWER' }, `${what}, in pieces`)
  }
  const cutOff = [
    `${ok}content-length: 5\r\n\r\nx`,
    `${ok}transfer-encoding: chunked\r\n\r\n5\r\nx`,
    'HTTP/1.1 2',
  ]
  for (const text of cutOff) t.strictSame(readAll([Buffer.from(text)]), [], 'it is cut off')
  const idle = new AnswerReader()
  t.throws(() => idle.read(Buffer.from(ok)), { code: 'ERR_HTTP_ANSWER' }, 'nobody asked')
  const [more] = readAll([Buffer.from(`${ok}content-length: 1\r\n\r\nxHTTP/1.1 200`)])
  t.match(more, { body: 'x', isLast: true }, 'what follows is nobody’s')
  t.end()
})

t.test('whether and for how long the connection is kept', t => {
  const cases: [string, boolean][] = [
    ['HTTP/1.1 200 OK\r\ncontent-length: 0', false],
    ['HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: x, Close', true],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0', true],
    ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\nConnection: Keep-Alive', false],
    ['HTTP/1.1 200 OK', true],
    ['HTTP/1.1 204', false],
  ]
  for (const [head, isLast] of cases)
    t.equal(readAll([Buffer.from(`${head}\r\n\r\n`)])[0]?.isLast, isLast, head)
  t.end()
})

t.test('what is read is what Node reads, of changed bytes too', async t => {
  let bytes = Buffer.alloc(0)
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const byNode = () =>
    new Promise<Pick<Read, 'status' | 'body'> | undefined>(resolve => {
      const request = nodeRequest({ port, host: '127.0.0.1', agent: false }, response => {
        const body: Buffer[] = []
        response.on('data', (chunk: Buffer) => body.push(chunk))
        response.on('error', () => resolve(undefined))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(body).toString('latin1'),
          }),
        )
      })
      request.on('error', () => resolve(undefined))
      request.end()
    })
  const change = fc.option(fc.record({ at: fc.nat(400), to: fc.constantFrom(...' \r\n:0x,\0a') }))
  let taken = 0
  await fc.assert(
    fc.asyncProperty(answer, change, async ({ text }, changed) => {
      const [at, to] = changed ? [changed.at % text.length, changed.to] : [0, text[0]]
      bytes = Buffer.from(text.slice(0, at) + to + text.slice(at + 1), 'latin1')
      let read: Read | undefined
      try {
        read = readAll([bytes])[0]
      } catch (error) {
        if (!(error instanceof BrokenAnswer)) throw error
      }
      if (!read) return // refused or cut off: nothing is taken for what it is not
      const known = await byNode()
      if (!known) return // it is of another mind on what to refuse
      taken++
      const { status, body } = read
      t.strictSame(known, { status, body })
      return t.passing()
    }),
    { numRuns: 300, endOnFailure: true },
  )
  t.ok(taken > 100, `${taken} of 300 were read by both`)
})

t.test('a head that is like the one before is read as if it were the first', t => {
  const read = (known: { read: typeof readAnswerHead }, text: string) => {
    try {
      return known.read(text)
    } catch (error) {
      return String(error)
    }
  }
  const headOf = fc
    .tuple(
      fc.constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 304 Not Modified', 'HTTP/1.0 200 OK'),
      fc.constantFrom(
        'Content-Length: ',
        'content-length:',
        'x-content-length: ',
        'a: 1\r\nContent-Length:\t',
      ),
      fc.constantFrom(
        '7',
        '12',
        '345',
        '0',
        '007',
        '',
        '-1',
        '1 ',
        '1x',
        '12\r\ncontent-length: 1',
        '9'.repeat(16),
      ),
      fc.constantFrom(
        '',
        '\r\nDate: now',
        '\r\nDate: 1',
        '\r\nconnection: close',
        '\r\ntransfer-encoding: chunked',
      ),
    )
    .map(([line, name, digits, more]) => `${line}\r\n${name}${digits}${more}`)
  const isSame = fc.property(fc.array(headOf, { minLength: 2, maxLength: 12 }), texts => {
    const known = new KnownAnswerHead()
    for (const text of texts)
      t.strictSame(read(known, text), read({ read: readAnswerHead }, text), text)
  })
  fc.assert(isSame, { numRuns: 300, interruptAfterTimeLimit: 5_000 })
  t.end()
})
