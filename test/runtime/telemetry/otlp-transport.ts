/** How an export request is sent: what is sent again and until when, what is final, and what stands in its head. */
import { execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { OtlpTransport, type TransportOptions } from '../../../runtime/telemetry/otlp/transport.ts'
import { otlpExporter } from '../../../runtime/telemetry/otlp/exporter.ts'

interface Seen {
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** Answers with the next of these; after the last with a plain 200. */
async function receive(t: Test, ...answers: ((response: ServerResponse) => void)[]) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url = '', headers } = request
      seen.push({ url, headers, body: Buffer.concat(chunks) })
      const answer = answers.shift()
      if (answer) answer(response)
      else response.end('all')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, port, url: `http://127.0.0.1:${port}/v1/traces` }
}

function transport(t: Test, options: Partial<TransportOptions> & { url: string }): OtlpTransport {
  const made = new OtlpTransport({ headers: {}, compression: 'none', ...options })
  t.teardown(() => made.shutdown())
  return made
}

const status = (code: number, headers = {}) => {
  return (response: ServerResponse) => void response.writeHead(code, headers).end('words of it')
}
const data = Buffer.from('spans \0ÿ')

t.test('a request as it was said to be, and its answer', async t => {
  const { seen, port, url } = await receive(t)
  const headers = { 'content-type': 'application/x-protobuf', Authorization: 'Bearer mine' }
  const plain = transport(t, { url: `${url}?a=1`, headers })
  t.match(await plain.send(data, 5_000), { status: 'success', data: Buffer.from('all') })
  const withUser = `http://me:p%40ss@127.0.0.1:${port}/`
  const zipped = transport(t, { url: withUser, compression: 'gzip' })
  t.match(await zipped.send(data, 5_000), { status: 'success' })
  const own = transport(t, { url: withUser, headers: { Authorization: 'Bearer mine' } })
  t.match(await own.send(data, 5_000), { status: 'success' })
  t.match(seen[0], { url: '/v1/traces?a=1', body: data })
  t.match(seen[0]!.headers, {
    'content-type': 'application/x-protobuf',
    authorization: 'Bearer mine',
  })
  t.match(seen[1]!.headers, {
    ...{ 'content-encoding': 'gzip', 'content-length': String(seen[1]!.body.length) },
    authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
  })
  t.strictSame(gunzipSync(seen[1]!.body), data)
  t.equal(seen[2]!.headers.authorization, 'Bearer mine')
  const odd = transport(t, { url: `http://100%:@127.0.0.1:${port}/` })
  t.match(await odd.send(data, 5_000), { status: 'success' })
  const asItStands = Buffer.from('100%:').toString('base64')
  t.equal(seen[3]!.headers.authorization, `Basic ${asItStands}`)
})

t.test('who is away for a while is asked again, within the time for all attempts', async t => {
  const { seen, url } = await receive(
    t,
    ...[status(503, { 'retry-after': '0' }), status(429, { 'retry-after': '0' })],
    ...[status(502, { 'retry-after': new Date().toUTCString() }), status(200)],
    ...[status(503, { 'retry-after': '60' }), status(504)],
    ...Array.from({ length: 9 }, () => status(503, { 'retry-after': '0' })),
  )
  const made = transport(t, { url })
  t.match(await made.send(data, 5_000), { status: 'success' })
  t.equal(seen.length, 4)
  t.match(await made.send(data, 5_000), { status: 'retryable', error: { code: 503 } })
  t.equal(seen.length, 5, 'not where it would be too late')
  t.match(await made.send(data, 500), { status: 'retryable', error: { code: 504 } })
  t.equal(seen.length, 6, 'nor where the usual pause would be')
  t.match(await made.send(data, 5_000), { status: 'retryable', error: { code: 503 } })
  t.equal(seen.length, 12, 'nor without an end')
})

t.test('what is refused is final, and its words are nobody’s', async t => {
  const { seen, url } = await receive(t, status(400), status(401), status(500), status(302))
  const made = transport(t, { url })
  for (const code of [400, 401, 500, 302]) {
    const response = await made.send(data, 5_000)
    t.match(response, { status: 'failure', error: { code } })
    t.notMatch(String((response as { error: Error }).error.message), 'words')
  }
  t.equal(seen.length, 4)
})

t.test('no answer, too much of one, one that breaks off, and nobody there', async t => {
  const cut = (response: ServerResponse) => response.destroy()
  const large = (response: ServerResponse) => response.end(Buffer.alloc(4 * 1024 * 1024 + 1))
  const { seen, url } = await receive(t, () => undefined, large, cut)
  const made = transport(t, { url })
  t.match(await made.send(data, 50), { status: 'retryable', error: { code: 'ETIMEDOUT' } })
  t.match(await made.send(data, 5_000), { status: 'failure' })
  t.match(await made.send(data, 5_000), { status: 'success' }, 'it is asked again')
  t.equal(seen.length, 4)
  const gone = await receive(t)
  const nobody = transport(t, { url: gone.url.replace(String(gone.port), '1') })
  t.match(await nobody.send(data, 100), { status: 'retryable', error: { code: 'ECONNREFUSED' } })
  const broken = transport(t, { url, headers: { 'a b': 'c' } })
  t.match(await broken.send(data, 100), { status: 'failure', error: { name: 'TypeError' } })
})

t.test(
  'over TLS with the certificate of OTEL_EXPORTER_OTLP_CERTIFICATE',
  { skip: spawnSync('openssl', ['version']).status !== 0 && 'it needs openssl' },
  async t => {
    const folder = t.testdir()
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const make = ['req', '-x509', ...kind, ...files, ...names]
    await promisify(execFile)('openssl', make, { cwd: folder })
    const [key, cert] = [await readFile(`${folder}/key.pem`), await readFile(`${folder}/cert.pem`)]
    const server = createTls({ key, cert }, (request, response) => {
      request.resume().on('end', () => response.end())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    t.teardown(() => {
      for (const name of ['ENDPOINT', 'CERTIFICATE', 'TIMEOUT'])
        delete process.env[`OTEL_EXPORTER_OTLP_${name}`]
    })
    const exported = async () => {
      const exporter = await otlpExporter('http/json', 1_000)
      const result = await new Promise(resolve => exporter.export([], resolve))
      await exporter.shutdown()
      return result
    }
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `https://localhost:${port}`
    t.match(await exported(), { code: 1, error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
    process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'] = `${folder}/cert.pem`
    t.match(await exported(), { code: 0 })
  },
)

t.test(
  'an export has no more time than a batch is given, whatever an attempt may take',
  async t => {
    const silent = () => () => undefined
    const { url, seen } = await receive(t, silent(), silent())
    process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = url
    t.teardown(() => delete process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])
    const exporter = await otlpExporter('http/protobuf', 50)
    t.teardown(() => exporter.shutdown())
    const began = performance.now()
    const result = await new Promise(resolve => exporter.export([], resolve))
    const ms = performance.now() - began
    t.match(result, { code: 1, error: {} })
    t.ok(ms > 45 && ms < 5_000, `${ms} ms, where an attempt has 10 s`)
    t.equal(seen.length, 1)
  },
)
