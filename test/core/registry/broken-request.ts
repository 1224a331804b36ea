/** What is no request, and what is none that the registry takes: a clear 4xx over a real socket, no crash, no leak (scenario 36). */
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { digestOf } from '../../../core/manifest/digest.ts'
import type { Problem } from '../../../core/model/registry-api.ts'
import { until } from '../../support/mesh.ts'
import { manifestOf, openRegistry } from '../../support/registry.ts'

/** Everything that comes back until the registry closes, or `ms` after the last byte was sent. */
function raw(url: string, bytes: string | Uint8Array, ms = 5_000): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let answer = ''
    const late = setTimeout(() => socket.destroy(), ms)
    socket.on('data', chunk => (answer += chunk.toString('latin1')))
    socket.on('error', () => undefined) // a reset: what came is the answer
    socket.on('close', () => {
      clearTimeout(late)
      resolve(answer)
    })
    socket.write(bytes)
  })
}

const head = (line: string, ...headers: string[]) =>
  [line, 'Host: localhost', ...headers, '', ''].join('\r\n')
const bodyOf = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as Problem

t.test('what is no HTTP, and heads that are too large or too slow', async t => {
  const registry = await openRegistry(t, { times: { requestMs: 400 } })
  const json = 'Content-Type: application/json'
  const table: [string, string, number, string][] = [
    ['noise', '\x16\x03\x01\x02\x00\r\n\r\n', 400, 'MESH_REQUEST_MALFORMED'],
    ['no version and no host', 'GET /healthz\r\n\r\n', 403, 'MESH_HOST_REFUSED'],
    ['no method', 'FETCH / HTTP/1.1\r\n\r\n', 400, 'MESH_REQUEST_MALFORMED'],
    ['a header without a colon', head('GET / HTTP/1.1', 'x'), 400, 'MESH_REQUEST_MALFORMED'],
    [
      'two lengths',
      head('POST /v1/instances HTTP/1.1', json, 'Content-Length: 2', 'Content-Length: 3'),
      ...([400, 'MESH_REQUEST_MALFORMED'] as const),
    ],
    [
      'a length and chunks',
      head('POST / HTTP/1.1', json, 'Content-Length: 2', 'Transfer-Encoding: chunked') +
        '0\r\n\r\n',
      ...([400, 'MESH_REQUEST_MALFORMED'] as const),
    ],
    [
      'a chunk of no length',
      head('POST /v1/instances HTTP/1.1', json, 'Transfer-Encoding: chunked') + 'zz\r\n',
      ...([400, 'MESH_REQUEST_MALFORMED'] as const),
    ],
    [
      'a huge header',
      head('GET / HTTP/1.1', `X: ${'x'.repeat(20_000)}`),
      431,
      'MESH_HEADERS_TOO_LARGE',
    ],
    ['a huge path', head(`GET /${'x'.repeat(20_000)} HTTP/1.1`), 431, 'MESH_HEADERS_TOO_LARGE'],
    ['a head that does not end', 'GET / HTTP/1.1\r\nHost: l', 408, 'MESH_REQUEST_SLOW'],
    [
      'a body that does not end',
      head('POST /v1/instances HTTP/1.1', json, 'Content-Length: 99') + '{',
      ...([408, 'MESH_REQUEST_SLOW'] as const),
    ],
  ]
  const answers = await Promise.all(table.map(([, bytes]) => raw(registry.url, bytes)))
  for (const [i, [name, , status, code]] of table.entries()) {
    const answer = answers[i]!
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} [A-Z]`), name)
    t.match(answer, /\r\ncontent-type: application\/problem\+json/i, name)
    t.match(bodyOf(answer), { status, code, detail: /./, mend: /./ }, name)
  }
  t.notMatch(registry.lines.join('\n'), /stack|"level":50/, 'none of it is a fault of the registry')
  t.equal(await registry.client.isReachable(), true)
})

t.test('noise behind a watch that is open ends it, and puts nothing into it', async t => {
  const registry = await openRegistry(t)
  const { id } = await registry.join(manifestOf('a'), { isWatching: false })
  const answer = await raw(
    registry.url,
    `${head(`GET /v1/instances/${id}/watch HTTP/1.1`)}nonsense\r\n\r\n`,
  )
  t.notMatch(answer, /HTTP\/1\.1 400.*HTTP|snapshot.*HTTP\/1\.1 400/s)
  await until(async () => !registry.mesh.watchers.has(id), { what: 'the end of the watch' })
})

t.test('a body of 20 MB is answered 413, which its sender gets to read', async t => {
  const registry = await openRegistry(t, { token: 'secret' })
  const put = async (authorization: string) => {
    const response = await fetch(`${registry.url}/v1/namespaces/default/agents/a`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization },
      body: new Uint8Array(20 * 1024 * 1024).fill(0x20),
    })
    return { status: response.status, problem: (await response.json()) as Problem }
  }
  for (let i = 0; i < 3; i++) {
    t.match(await put('Bearer secret'), { status: 413, problem: { code: 'MESH_BODY_TOO_LARGE' } })
    t.match(await put('Bearer wrong'), { status: 401, problem: { code: 'MESH_TOKEN_INVALID' } })
  }
  const endless = `${head('PUT /v1/namespaces/default/agents/a HTTP/1.1', 'Content-Type: application/json', 'Authorization: Bearer secret', 'Content-Length: 9000000000')}${' '.repeat(2_000_000)}`
  const from = performance.now()
  t.match(await raw(registry.url, endless, 8_000), /^HTTP\/1\.1 413 /)
  t.ok(performance.now() - from < 6_000, 'one that never ends is not waited for')
})

t.test('paths and queries that mean nothing', async t => {
  const registry = await openRegistry(t)
  const { id } = await registry.join(manifestOf('a'))
  const table: [string, number, RegExp][] = [
    ['/v1/namespaces/No_Such/agents', 400, /namespace "No_Such" is no DNS label/],
    ['/v1/namespaces/%E0%A4%A/agents', 400, /is no DNS label/],
    ['/v1/namespaces/..%2f..%2fetc/agents/passwd', 400, /is no DNS label/],
    [`/v1/namespaces/${'n'.repeat(64)}/agents`, 400, /is no DNS label/],
    ['/v1/graph?namespace=A', 400, /namespace "A"/],
    ['/v1/resolve?capability=a&namespace=', 400, /namespace ""/],
    ['/v1/agents?labelselector=a', 400, /takes no parameter "labelselector"/],
    ['/v1/agents?__proto__=1', 400, /takes no parameter "__proto__"/],
    ['/v1/events?afer=1', 400, /takes no parameter "afer"/],
    ['/healthz?verbose', 400, /takes no parameter "verbose"/],
    [`/v1/instances/${id}/watch?after=3`, 400, /takes no parameter "after"/],
    ['/v1/nothing?x=1', 404, /nothing at/],
    ['/v1/agents?limit=1&watch=false&labelSelector=a', 200, /^$/],
    ['/v1/namespaces/default/agents/%00', 404, /./],
  ]
  for (const [path, status, detail] of table) {
    const response = await fetch(`${registry.url}${path}`)
    const problem = (await response.json()) as Problem
    t.match([response.status, problem.detail ?? ''], [status, detail], path)
  }
  const near = await fetch(`${registry.url}/v1/agents?labelselector=a`)
  t.match(await near.json(), { code: 'MESH_USAGE_INVALID', mend: 'did you mean "labelSelector"?' })
  t.equal((await fetch(`${registry.url}/v1/agents?limt=1`, { method: 'HEAD' })).status, 400)
})

t.test(
  'thousands of odd requests: each a clear 4xx or taken, nothing crashes, nothing stays',
  async t => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const registry = await openRegistry(t, { times: { requestMs: 500 } })
    const manifest = manifestOf('a', { a: { needs: { d: { capability: 'p', required: false } } } })
    const announcement = {
      ...{ id: 'a-1', namespace: 'default', agent: 'a', digest: digestOf(manifest), manifest },
      ...{ endpoint: 'http://127.0.0.1:1/mcp', pid: 1, host: 'h', rejoin: false },
      observedGeneration: 0,
    }
    const odd = fc.oneof(
      fc.constantFrom(null, -1, 1e308, '', '__proto__', '\0', '${env:HOME}', [], {}, true),
      fc.jsonValue({ maxDepth: 4 }),
      fc.string({ unit: 'binary' }),
    )
    const keys = ['__proto__', 'constructor', 'spec', 'metadata', 'id', 'manifest', 'tools', 'x']
    /** The body with one place of it turned into something else. */
    const spoilt = fc
      .tuple(
        fc.constantFrom<object>(manifest, announcement),
        fc.nat(400),
        odd,
        fc.constantFrom(...keys),
      )
      .map(([body, at, value, key]) => {
        const text = JSON.stringify(body)
        const places = [...text.matchAll(/"[^"]*"(?!:)|true|false|\b\d+\b/g)]
        const place = places[at % (places.length + 1)]
        const json = JSON.stringify(value) ?? 'null'
        if (!place) return `{"${key}":${json},${text.slice(1)}`
        return text.slice(0, place.index) + json + text.slice(place.index + place[0].length)
      })
    const cut = fc.tuple(spoilt, fc.nat(500)).map(([text, n]) => text.slice(0, n))
    const request = fc.record({
      method: fc.constantFrom(
        'PUT',
        'PUT',
        'PUT',
        'POST',
        'POST',
        'POST',
        'GET',
        'DELETE',
        'PATCH',
        'HEAD',
        'OPTIONS',
      ),
      path: fc.oneof(
        fc.constantFrom('/v1/instances', '/v1/namespaces/default/agents/a', '/v1/agents'),
        fc.constantFrom('/v1/namespaces/default/agents/a/rollback', '/v1/instances/a-1/lease'),
        fc.webPath().map(path => `/v1${path}`),
        fc
          .tuple(fc.constantFrom('resolve', 'events', 'graph', 'agents'), fc.webQueryParameters())
          .map(([route, query]) => `/v1/${route}?capability=${query}`),
      ),
      body: fc.oneof(spoilt, cut, fc.json({ maxDepth: 70 }), fc.constant(undefined)),
    })
    const statuses = new Map<number, number>()
    const run = async (count: number) => {
      for (const { method, path, body } of fc.sample(request, count)) {
        const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD'
        const response = await fetch(`${registry.url}${path}`, {
          ...{ method, signal: AbortSignal.timeout(5_000) },
          ...(hasBody ? { body, headers: { 'content-type': 'application/json' } } : {}),
        })
        await response.body?.cancel()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        if (response.status >= 500)
          t.fail(`${method} ${path} ${body} is answered ${response.status}`)
      }
      for (const noise of fc.sample(fc.uint8Array({ maxLength: 60 }), count / 20))
        await raw(
          registry.url,
          Buffer.concat([Buffer.from('GET '), noise, Buffer.from('\r\n\r\n')]),
          60,
        )
      await registry.client.deleteAgent('default', 'a').catch(() => undefined)
      for (const { metadata, status } of (await registry.client.agents()).items) {
        for (const { id } of status.instances) await registry.client.leave(id)
        await registry.client.deleteAgent(metadata.namespace, metadata.name).catch(() => undefined)
      }
      await until(() => registry.mesh.index.instances.size === 0, { what: 'an empty mesh' })
      collect()
      return {
        heap: process.memoryUsage().heapUsed,
        handles: process.getActiveResourcesInfo().length,
      }
    }
    await run(1_000) // what is made once is made
    const first = await run(3_000)
    const last = await run(3_000)
    t.comment([...statuses].sort().join(' '), `${first.heap} -> ${last.heap} bytes`)
    t.ok([200, 400, 404, 405, 422].every(status => statuses.has(status)))
    t.ok(last.heap < first.heap + 5_000_000, 'the heap is as before')
    t.ok(last.handles < first.handles + 10, 'and so are sockets and timers')
    t.equal(({} as Record<string, unknown>)['polluted'], undefined)
    t.strictSame(Object.keys(Object.prototype), [])
    t.notMatch(registry.lines.join('\n'), /"stack"/)
  },
)
