import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { createEventParser, type ServerSentEvent } from '../../../core/client/event-stream.ts'
import { portHolder } from '../../../core/client/port-holder.ts'
import { createRegistryClient } from '../../../core/client/registry-client.ts'
import { watchInstance, type WatchOptions } from '../../../core/client/watch.ts'
import type { MeshError } from '../../../core/model/error.ts'
import type { WatchEvent } from '../../../core/model/registry-api.ts'
import { freePort } from '../../support/mesh.ts'

async function serve(t: Test, listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function clientOf(t: Test, urls: string[], options = {}) {
  const client = createRegistryClient({ urls, token: 's3cret', ...options })
  t.teardown(() => client.close())
  return client
}

const json =
  (status: number, value: unknown): RequestListener =>
  (_, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(value))

t.test(
  'nobody answers: the error names every URL tried, and neither token nor password',
  async t => {
    const ports = [await freePort(), await freePort()]
    const client = clientOf(t, [
      `http://127.0.0.1:${ports[0]}/`,
      `http://user:s3cret@127.0.0.1:${ports[1]}`,
    ])
    const error = (await client.agents().catch((e: unknown) => e)) as MeshError
    t.equal(error.code, 'MESH_REGISTRY_UNREACHABLE')
    for (const port of ports) t.match(error.message, `http://127.0.0.1:${port} (`)
    t.notMatch(JSON.stringify([error.message, error.mend, error.stack]), /s3cret/)
    const unknown = clientOf(t, ['http://nowhere.invalid'])
    await t.rejects(unknown.agents(), {
      code: 'MESH_REGISTRY_UNREACHABLE',
      message: /http:\/\/nowhere\.invalid/,
    })
    t.equal(await client.isReachable(), false)
  },
)

t.test(
  'of several it stays with the one that answers, and moves on when that one ends',
  async t => {
    const one = await serve(t, json(200, { items: [], revision: 1 }))
    const two = await serve(t, json(200, { items: [], revision: 2 }))
    const client = clientOf(t, [`http://127.0.0.1:${await freePort()}`, one.url, two.url])
    t.equal((await client.agents()).revision, 1)
    t.equal(client.url, one.url)
    one.server.close()
    one.server.closeAllConnections()
    t.equal((await client.agents()).revision, 2)
    t.equal(client.url, two.url)
  },
)

t.test('what it sends: paths are escaped, the token and If-Match go along', async t => {
  const seen: [string, string, string | undefined][] = []
  const { url } = await serve(t, (request, response) => {
    const { method = '', headers } = request
    seen.push([method, request.url ?? '', headers['if-match']])
    t.equal(headers.authorization, 'Bearer s3cret')
    json(200, {})(request, response)
  })
  const client = clientOf(t, [`${url}/below`])
  await client.renewLease('a/b')
  await client.resolve({ capability: 'c', tags: ['+x', 'y'], version: '^1', namespace: 'n' })
  const manifest = { metadata: { name: 'a' } } as Parameters<typeof client.apply>[0]
  await client.apply(manifest, { dryRun: true, ifMatch: 3 })
  t.strictSame(seen, [
    ['PUT', '/below/v1/instances/a%2Fb/lease', undefined],
    ['GET', '/below/v1/resolve?capability=c&version=%5E1&tags=%2Bx%2Cy&namespace=n', undefined],
    ['PUT', '/below/v1/namespaces/default/agents/a?dryRun=true', '3'],
  ])
})

t.test('answers become values or errors', async t => {
  const faults = [{ code: 'MESH_FIELD_TYPE', message: 'm', mend: 'n', path: ['spec'] }]
  const problem = {
    status: 422,
    code: 'MESH_MANIFEST_INVALID',
    detail: 'it has 1 fault',
    mend: 'mend it',
  }
  const known = clientOf(t, [(await serve(t, json(422, { ...problem, faults }))).url])
  await t.rejects(known.agents(), {
    ...{ code: problem.code, message: problem.detail },
    mend: 'mend it',
    details: { faults },
  })
  const newer = clientOf(t, [
    (await serve(t, json(422, { ...problem, code: 'MESH_NEW_CODE' }))).url,
  ])
  await t.rejects(newer.agents(), { code: 'MESH_INTERNAL_FAILED', message: problem.detail })
  const gone = clientOf(t, [
    (await serve(t, json(410, { ...problem, code: 'MESH_LEASE_EXPIRED' }))).url,
  ])
  await gone.leave('x')
  await t.rejects(gone.renewLease('x'), { code: 'MESH_LEASE_EXPIRED' })
  const page = clientOf(t, [(await serve(t, (_, response) => void response.end('<html>'))).url])
  await t.rejects(page.agents(), {
    code: 'MESH_REGISTRY_UNREACHABLE',
    message: /no registry of this mesh/,
  })
})

t.test('a registry that hangs is bounded; a signal ends a request with its own reason', async t => {
  const { url } = await serve(t, () => undefined)
  const client = clientOf(t, [url], { timeoutMs: 100 })
  await t.rejects(client.agents(), { code: 'MESH_REGISTRY_UNREACHABLE', message: /within 100 ms/ })
  const reason = new Error('stopped')
  const abort = new AbortController()
  setTimeout(() => abort.abort(reason), 20)
  await t.rejects(client.renewLease('x', abort.signal), reason)
  await t.rejects(client.renewLease('x', abort.signal), reason)
})

t.test('a kept connection that was closed meanwhile costs no error', async t => {
  const { url } = await serve(t, (request, response) => {
    json(200, { items: [], revision: 1 })(request, response)
    response.once('finish', () => setImmediate(() => request.socket.destroy()))
  })
  const client = clientOf(t, [url])
  for (let i = 0; i < 20; i++) await client.agents()
})

t.test('a URL that is none is refused at once', async t => {
  for (const url of ['registry:8000', 'ftp://h', '', 'http://']) {
    t.throws(() => createRegistryClient({ urls: [url] }), { code: 'MESH_USAGE_INVALID' }, url)
  }
  t.throws(() => createRegistryClient({ urls: [] }), { code: 'MESH_USAGE_INVALID' })
})

t.test('the watch', async t => {
  const snapshot = {
    type: 'snapshot',
    revision: 1,
    settling: false,
    generation: 1,
    resolutions: {},
  }
  const watch = async (t: Test, listener: RequestListener, options: Partial<WatchOptions> = {}) => {
    const { url } = await serve(t, listener)
    const events: WatchEvent[] = []
    let opened = 0
    const signal = new AbortController().signal
    const ended = await watchInstance({
      ...{ url, id: 'a', signal, onEvent: event => void events.push(event) },
      ...{ onOpen: () => void opened++, ...options },
    })
    return { ended, opened, types: events.map(event => event.type) }
  }
  const stream =
    (...chunks: string[]): RequestListener =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const chunk of chunks) response.write(chunk)
      response.end()
    }
  const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`

  t.test('hands on what comes until the stream ends', async t => {
    const newer = event({ type: 'invented', revision: 2 })
    const found = await watch(
      t,
      stream(event(snapshot), ': keep-alive\n\n', newer, event({ type: 'deleted', revision: 3 })),
    )
    t.strictSame(found, { ended: 'closed', opened: 1, types: ['snapshot', 'deleted'] })
  })
  t.test('it goes on behind the last event, and gives each with its id', async t => {
    const ids: string[] = []
    const onEvent = (_: WatchEvent, id: string) => void ids.push(id)
    const echo: RequestListener = (request, response) => {
      const last = String(request.headers['last-event-id'])
      stream(`id: after-${last}\n${event(snapshot)}`)(request, response)
    }
    await watch(t, echo, { onEvent })
    await watch(t, echo, { onEvent, lastEventId: 'ab12-7' })
    await watch(t, stream(event(snapshot)), { onEvent })
    t.strictSame(ids, ['after-undefined', 'after-ab12-7', ''])
  })
  t.test('410 is unknown, every other refusal and no connection at all closed', async t => {
    const refused = { opened: 0, types: [] }
    t.strictSame(await watch(t, json(410, {})), { ended: 'unknown', ...refused })
    t.strictSame(await watch(t, json(503, {})), { ended: 'closed', ...refused })
    const url = `http://127.0.0.1:${await freePort()}`
    t.strictSame(await watch(t, json(200, {}), { url }), { ended: 'closed', ...refused })
  })
  t.test('nonsense breaks the stream', async t => {
    const found = await watch(t, stream(event(snapshot), 'data: {nonsense\n\n', event(snapshot)))
    t.strictSame(found.types, ['snapshot'])
  })
  t.test('silence is a broken stream, comments are none', async t => {
    const from = performance.now()
    const found = await watch(
      t,
      (_, response) => {
        response.writeHead(200).write(event(snapshot))
        let beats = 0
        const beat = setInterval(
          () => (++beats < 6 ? response.write(': \n\n') : clearInterval(beat)),
          100,
        )
      },
      { silenceMs: 300 },
    )
    t.equal(found.ended, 'closed')
    t.ok(performance.now() - from > 700)
  })
  t.test('a signal ends it, and what onEvent throws is thrown on', async t => {
    const open: RequestListener = (_, response) =>
      void response.writeHead(200).write(event(snapshot))
    const abort = new AbortController()
    const onEvent = () => abort.abort()
    t.match(await watch(t, open, { signal: abort.signal, onEvent }), { ended: 'closed' })
    t.match(await watch(t, open, { signal: abort.signal }), { ended: 'closed', opened: 0 })
    const failing = () => {
      throw new Error('mine')
    }
    await t.rejects(watch(t, open, { onEvent: failing }), { message: 'mine' })
  })
})

t.test('event streams parse alike however they are cut', async t => {
  const parse = (chunks: Uint8Array[]) => {
    const events: ServerSentEvent[] = []
    const take = createEventParser(event => events.push(event))
    for (const chunk of chunks) take(chunk)
    return events
  }
  const text =
    '\ufeffid: 7\r\nevent: a\r\ndata: ü1\r\ndata:2\r\n\r\n: note\n\ndata\n\nevent: lost\n\rid: 8\rdata:  x😀\r\rdata: unfinished'
  const bytes = new TextEncoder().encode(text)
  const whole = [
    { id: '7', event: 'a', data: 'ü1\n2' },
    { id: '7', event: 'message', data: '' },
    { id: '8', event: 'message', data: ' x😀' },
  ]
  t.strictSame(parse([bytes]), whole)
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), cuts => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      t.strictSame(parse(chunks), whole)
      return t.passing()
    }),
  )
  const bounded = createEventParser(() => undefined, 10)
  bounded(new TextEncoder().encode('data: 12345\n'))
  t.throws(() => bounded(new TextEncoder().encode('data: 123456789\n')), RangeError)
})

t.test(
  'says who holds a port',
  { skip: process.platform !== 'linux' && 'reads /proc' },
  async t => {
    const { url } = await serve(t, json(404, {}))
    t.match(await portHolder('127.0.0.1', Number(new URL(url).port)), `(pid ${process.pid})`)
    t.equal(await portHolder('127.0.0.1', await freePort()), undefined)
  },
)
