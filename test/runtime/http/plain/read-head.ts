import type { Socket } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { KnownHeads } from '../../../../runtime/http/plain/known-heads.ts'
import { readHead } from '../../../../runtime/http/plain/read-head.ts'
import { echo, post, until, type Echo } from '../../../support/echo-front.ts'

const headOf = (lines: string[], first = 'POST /mcp HTTP/1.1') =>
  readHead([first, ...lines, '', ''].join('\r\n'))
const plain = ['Host: here', 'Content-Length: 12']
const traceOf = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`

t.test('a head of the one form is read as node:http reads it', t => {
  const head = headOf([
    ...['hOST:here:80', 'Content-Length:\t 12 ', 'Connection: Keep-Alive', 'X-Odd: a \t b\t'],
  ])
  t.strictSame(head?.headers, { host: 'here:80', connection: 'Keep-Alive', 'x-odd': 'a \t b' })
  t.equal(head?.url, '/mcp')
  t.equal(head?.length, 12)
  t.strictSame(headOf(plain)?.lengthAt, [48, 50])
  const trace = `Traceparent: ${traceOf('a')}`
  t.equal(headOf([trace, ...plain])?.traceAt, 33)
  const held = [[...plain, trace], [`${trace}0`, ...plain], [trace.toUpperCase(), ...plain], plain]
  for (const lines of held) t.equal(headOf(lines)?.traceAt, undefined)
  t.equal(headOf(plain, 'POST /a/b%20c?d=[]&e HTTP/1.1'), undefined)
  t.equal(headOf(plain, 'POST /a/b%20c?d=1&e HTTP/1.1')?.url, '/a/b%20c?d=1&e')
  t.end()
})

t.test('whatever readers could be at odds about is not read', t => {
  const firsts = [
    ...['GET /mcp HTTP/1.1', 'post /mcp HTTP/1.1', 'POST /mcp HTTP/1.0', 'POST  /mcp HTTP/1.1'],
    ...['POST http://here/mcp HTTP/1.1', 'POST * HTTP/1.1', 'POST /mcp HTTP/1.1 ', 'POST /mcp'],
    ...['POST /m\tcp HTTP/1.1', 'POST /mcp#x HTTP/1.1', 'POST /é HTTP/1.1', ' POST /mcp HTTP/1.1'],
    ...['\r\nPOST /mcp HTTP/1.1', 'POST /mcp HTTP/1.1\nX: y', 'POST /mcp HTTP/2.0', ''],
  ]
  for (const first of firsts) t.equal(headOf(plain, first), undefined, JSON.stringify(first))
  const more = [
    ...['Host: there', 'host: here', 'Content-Length: 12', 'content-length: 3', 'X: 1\r\nx: 2'],
    ...['Transfer-Encoding: chunked', 'Transfer-Encoding : chunked', 'Expect: 100-continue'],
    ...['Upgrade: websocket', 'Connection: close', 'Connection: keep-alive, TE', 'TE: trailers'],
    ...['Connection: Upgrade', 'Proxy-Connection: close', 'Trailer: x', 'Set-Cookie: a=b'],
    ...['X : y', ' X: y', '\tfolded', 'X: a\r\n b', 'X', ': y', 'X:', 'X: ', 'X: é', 'X: a\x00b'],
    ...['X: a\rb', 'X: a\nb', 'X: a\x7f', 'X(: y', 'é: y', '__proto__: y', 'constructor: y'],
  ]
  for (const line of more) t.equal(headOf([...plain, line]), undefined, JSON.stringify(line))
  const lengths = ['', '+12', '-1', '1 2', '12,12', '0x10', '012', '1e3', '12.0', '1234567890']
  for (const length of lengths)
    t.equal(headOf(['Host: here', `Content-Length: ${length}`]), undefined, `length "${length}"`)
  t.equal(headOf(['Host: here']), undefined, 'without a length')
  t.equal(headOf(['Content-Length: 12']), undefined, 'without a host')
  t.equal(headOf([...plain, `X: ${'a'.repeat(16 * 1024)}`]), undefined, 'longer than 16 KiB')
  const hundred = Array.from({ length: 99 }, (_, i) => `X-${i}: y`)
  t.equal(headOf([...plain, ...hundred]), undefined, 'more than 100 headers')
  t.ok(headOf([...plain, ...hundred.slice(1)]))
  t.equal(readHead('POST /mcp HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n'), undefined)
  t.equal(readHead('POST /mcp HTTP/1.1\nHost: here\nContent-Length: 1\n\n'), undefined)
  t.end()
})

/** What a server answers to the chunks, and to the end of the client's side after them. */
async function answersOf({ open, sockets }: Echo, chunks: readonly Buffer[]) {
  const client = await open()
  // A port is used again: an earlier connection may have had it.
  const isIts = (end: Socket) => end.remotePort === client.socket.localPort && !end.destroyed
  await until(() => sockets.some(isIts), 'it is accepted')
  const socket = sockets.findLast(isIts)
  let sent = 0
  const isOver = () => client.isClosed || socket?.destroyed === true
  const isRead = () => isOver() || Number(socket?.bytesRead) >= sent
  for (const chunk of chunks) {
    if (isOver()) break
    client.socket.write(chunk)
    sent += chunk.length
    await until(isRead, 'all has been read')
    for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  client.socket.end()
  await until(() => client.isClosed, 'the connection is closed')
  return client.text
}

const oddLines = [
  ...['Transfer-Encoding: chunked', 'Content-Length: 3', 'Content-Length: 00', 'Host: other'],
  ...['X : y', 'X:y', 'X:\t y \t', ' folded', '\tfolded', 'X: \x01', 'X: é', 'X: a\rb', 'X: a\nb'],
  ...['Connection: close', 'Connection: keep-alive', 'Connection: x', 'Keep-Alive: timeout=5', 'X'],
  ...['Expect: 100-continue', 'Expect: x', 'Upgrade: h2c', 'TE: trailers', 'X:', ': y', 'X: a, b'],
  ...['Cookie: a=b', 'Set-Cookie: a=b', 'Accept: a', 'ACCEPT: b', '__proto__: y', 'constructor: y'],
  ...['Mcp-Name: a  b', 'X-"a: b', 'Authorization: Bearer x', 'x_y: z', 'Trailer: X', 'X: \x7f'],
]
const traces = ['a', 'b', 'g', 'A'].map(digit => `traceparent: ${traceOf(digit)}`)
const request = fc.record({
  first: fc.oneof(
    { weight: 60, arbitrary: fc.constant('POST /mcp HTTP/1.1') },
    fc.constantFrom(
      ...['GET /mcp HTTP/1.1', 'POST /mcp?a=b HTTP/1.1', 'POST http://x/mcp HTTP/1.1'],
      ...['POST /mcp HTTP/1.0', 'post /mcp HTTP/1.1', 'POST  /mcp HTTP/1.1', 'POST /é HTTP/1.1'],
      ...['POST /a#b HTTP/1.1', 'POST /a"<> HTTP/1.1', '\r\nPOST /mcp HTTP/1.1', 'POST * HTTP/1.1'],
    ),
  ),
  lines: fc.array(
    fc.oneof(
      { weight: 60, arbitrary: fc.stringMatching(/^x-[a-z0-9!~|]{1,6}:[ \t]{0,2}[ -~]{0,12}$/) },
      fc.constantFrom(...oddLines),
      fc.constantFrom(...traces),
    ),
    { maxLength: 3 },
  ),
  length: fc.oneof(
    { weight: 40, arbitrary: fc.constant((bytes: number): string => String(bytes)) },
    fc.constantFrom(
      ...[(n: number) => `0${n}`, (n: number) => `+${n}`, (n: number) => `${n} `, () => ''],
      ...[(n: number) => String(n + 3), (n: number) => String(Math.max(n - 1, 0)), () => 'a'],
    ),
  ),
  host: fc.oneof({ weight: 30, arbitrary: fc.constant(['Host: here']) }, fc.constant([])),
  body: fc.string({ unit: 'grapheme', maxLength: 20 }),
  end: fc.oneof({ weight: 40, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r')),
})

/**
 * What is broken ends the connection at once, with it answers to what came before it in the same chunk: which of them are out by then
 * is a matter of turns of the event loop, and not the same with each way in which node:http gets its bytes.
 */
function isSameAs(expected: string, seen: string): boolean {
  if (expected === seen) return true
  const [one, other] = [expected, seen].map(text => /^([^]*?)HTTP\/1\.1 4/.exec(text))
  if (!one || !other) return false // both are refused
  return one[1]!.startsWith(other[1]!) || other[1]!.startsWith(one[1]!)
}

type Made = typeof request extends fc.Arbitrary<infer T> ? T : never
const textOf = ({ first, lines, length, host, body, end }: Made): string => {
  const field = `Content-Length: ${length(Buffer.byteLength(body))}`
  return [first, ...host, ...lines, field, '', body].join(end)
}

t.test('with the reader in front, each client sees what it sees of node:http alone', async t => {
  const [alone, fronted] = [await echo(t, { front: false }), await echo(t)]
  const isSame = fc.asyncProperty(
    fc.array(request, { minLength: 1, maxLength: 3 }),
    fc.boolean(),
    fc.array(fc.nat(), { maxLength: 2 }),
    async (requests, areApart, splits) => {
      const texts = requests.map(textOf)
      const bytes = Buffer.from(texts.join(''))
      const ends = texts.map((_, i) => Buffer.byteLength(texts.slice(0, i + 1).join('')))
      const cuts = [...(areApart ? ends : []), ...splits.map(n => n % bytes.length), bytes.length]
      cuts.sort((a, b) => a - b)
      const chunks = cuts.map((to, i) => bytes.subarray(cuts[i - 1] ?? 0, to))
      const seen = await answersOf(fronted, chunks)
      const expected = await answersOf(alone, chunks)
      if (!isSameAs(expected, seen)) throw new Error(`${JSON.stringify({ expected, seen })}`)
    },
  )
  await fc.assert(isSame, { numRuns: 150, endOnFailure: true, interruptAfterTimeLimit: 8_000 })
  const whole = [Buffer.from(post('{"a":"é😀"}')), Buffer.from(post('x'.repeat(70_000)))]
  t.equal(await answersOf(fronted, whole), await answersOf(alone, whole))
  t.ok(fronted.count.plain > 5 && fronted.count.node > 5, JSON.stringify(fronted.count))
})

t.test('of requests that differ in their trace each has its own, known head or not', async t => {
  const [alone, fronted] = [await echo(t, { front: false }), await echo(t)]
  const traced = (value: string, more: string[] = [], body = 'x') =>
    Buffer.from(
      [
        ...['POST /mcp HTTP/1.1', 'Host: here', `traceparent: ${value}`, ...more],
        ...[`Content-Length: ${body.length}`, '', body],
      ].join('\r\n'),
    )
  const [a, b] = [traceOf('a'), traceOf('b')]
  const plainOnes = [
    ...[traced(a), traced(a), traced(b), traced(b, [], 'x'.repeat(1234)), traced(a, ['X: y'])],
    ...[traced(b, ['X: y']), traced(`${a} `), traced(b.toUpperCase()), traced(`${a}-more`)],
    ...[traced(b), traced(a.slice(0, -1)), traced(a.replaceAll('-', ' '))],
  ]
  const seen = await answersOf(fronted, plainOnes)
  t.equal(seen, await answersOf(alone, plainOnes))
  t.match(seen, new RegExp(`${a}[^]*${b}[^]*${a}`))
  t.equal(fronted.count.node, 0)
  const broken = [
    ...[`${a}\r\nx: y`, `${a.slice(0, 53)}\r\n`, `${a.slice(2)}\r\ntraceparent: ${b}`],
    ...[`${a.slice(0, 53)}\rb`, `${a.slice(0, 53)}\nb`, `${a.slice(0, 54)}\x00`, ''],
    ...[`${a.slice(0, 53)}é`],
  ]
  for (const value of broken) {
    const chunks = [traced(a), traced(value), traced(b)]
    t.equal(await answersOf(fronted, chunks), await answersOf(alone, chunks), JSON.stringify(value))
  }
})

t.test('a trace stands beside the head, which is that of every call of its client', t => {
  const asked: unknown[] = []
  const heads = new KnownHeads(head => asked.push(head) > 0)
  const [a, b] = [traceOf('a'), traceOf('b')]
  const cut = (lines: string[], body = '{}') =>
    heads.cut(
      Buffer.from(
        [
          ...['POST /mcp HTTP/1.1', 'host: here', ...lines],
          ...[`content-length: ${body.length}`, '', body],
        ].join('\r\n'),
      ),
    )
  for (const trace of [a, b, a]) {
    const found = cut([`traceparent: ${trace}`], 'x'.repeat(Number(`0x${trace[3]}`)))
    t.equal(found?.traceparent, trace)
    t.strictSame(Object.keys(found?.head.headers ?? {}), ['host'])
  }
  t.equal(asked.length, 1)
  t.equal(cut([])?.traceparent, undefined)
  for (const value of [`0${a.slice(0, -1)}`, a.replaceAll('a', '0'), a.toUpperCase()]) {
    const found = cut([`traceparent: ${value}`])
    t.equal(found?.traceparent, undefined, value)
    t.equal(found?.head.headers['traceparent'], value)
  }
  for (const more of [a, b, 'x'])
    t.equal(cut([`traceparent: ${a}`, `traceparent: ${more}`]), undefined, 'two of them')
  t.end()
})

t.test('the last four heads of a connection are read once, and mean what each says', t => {
  const asked: unknown[] = []
  const heads = new KnownHeads(({ headers }) => asked.push(headers['mcp-name']) > 0)
  const read = (name: string, body: string) => {
    const bytes = Buffer.from(post(body, [`Mcp-Name: ${name}`]))
    const cut = heads.cut(bytes)
    t.equal(cut?.head.headers['mcp-name'], name)
    t.equal(bytes.toString('utf8', cut?.from, cut?.end), body)
  }
  const names = ['a', 'ab', 'b', 'B']
  for (let round = 0; round < 3; round++)
    for (const name of names) read(name, 'x'.repeat(9 + round))
  t.strictSame(asked, names)
  read('c', '')
  for (const name of ['B', 'b', 'ab', 'c', 'a']) read(name, '{}')
  t.strictSame(asked, [...names, 'c', 'a'], 'a fifth takes the place of the oldest')
  t.end()
})
