/** The registry over real sockets, on both stores: every route, what it refuses, and what watchers are told. */
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { digestOf } from '../../../core/manifest/digest.ts'
import type { AgentResource, Problem, ResolveAnswer } from '../../../core/model/registry-api.ts'
import type { StoreLocation } from '../../../core/registry/store/configuration.ts'
import { createRegistryClient } from '../../../core/client/registry-client.ts'
import { until } from '../../support/mesh.ts'
import { startPostgres } from '../../support/postgres.ts'
import { manifestOf, openRegistry } from '../../support/registry.ts'

const need = (capability: string, more: object = {}) => ({ needs: { d: { capability, ...more } } })
const optional = { required: false }

interface Sent {
  status: number
  headers: Headers
  problem: Problem
  text: string
}

async function send(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Sent> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const problem = (text.startsWith('{') ? JSON.parse(text) : {}) as Problem
  return { status: response.status, headers: response.headers, problem, text }
}

const conditionOf = ({ status }: AgentResource, type: string) =>
  status.conditions.find(c => c.type === type)

t.test('what is refused', async t => {
  const registry = await openRegistry(t)
  const at = (path: string) => `${registry.url}${path}`
  const agent = at('/v1/namespaces/default/agents/a')
  const manifest = manifestOf('a')
  const announcement = {
    ...{ id: 'a-1', namespace: 'default', agent: 'a', digest: digestOf(manifest), manifest },
    ...{
      endpoint: 'http://127.0.0.1:1/mcp',
      pid: 1,
      host: 'h',
      rejoin: false,
      observedGeneration: 0,
    },
  }
  const instances = at('/v1/instances')
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const table: [string, Promise<Sent>, number, string, RegExp?][] = [
    ['an unknown path', send(at('/v1/nothing'), 'GET'), 404, 'MESH_ROUTE_MISSING', /\/v1\/nothing/],
    [
      'a path that cannot be decoded',
      send(at('/v1/namespaces/%E0%A4%A/agents'), 'POST', {}),
      405,
      'MESH_METHOD_REFUSED',
    ],
    ['a wrong method', send(instances, 'GET'), 405, 'MESH_METHOD_REFUSED', /does not take GET/],
    [
      'an unknown agent',
      send(agent, 'GET'),
      404,
      'MESH_RESOURCE_MISSING',
      /"a" in namespace "default"/,
    ],
    ['an unknown agent to delete', send(agent, 'DELETE'), 404, 'MESH_RESOURCE_MISSING'],
    [
      'an unknown lease',
      send(at('/v1/instances/x/lease'), 'PUT'),
      410,
      'MESH_LEASE_EXPIRED',
      /"x"/,
    ],
    ['an unknown watch', send(at('/v1/instances/x/watch'), 'GET'), 410, 'MESH_LEASE_EXPIRED'],
    ['an unknown drain', send(at('/v1/instances/x/drain'), 'POST'), 410, 'MESH_LEASE_EXPIRED'],
    ['no JSON', send(agent, 'PUT', '{"a":'), 400, 'MESH_BODY_INVALID', /no JSON/],
    ['an empty body', send(agent, 'PUT', ''), 400, 'MESH_BODY_INVALID', /no JSON/],
    [
      'no UTF-8',
      send(agent, 'PUT', new Uint8Array([0x22, 0xff, 0x22])),
      400,
      'MESH_BODY_INVALID',
      /UTF-8/,
    ],
    ['too deep', send(agent, 'PUT', deep), 400, 'MESH_BODY_INVALID', /deeper than 64/],
    [
      'too large',
      send(agent, 'PUT', `"${'x'.repeat(1024 * 1024)}"`),
      413,
      'MESH_BODY_TOO_LARGE',
      /1048576/,
    ],
    [
      'another type',
      send(agent, 'PUT', '{}', { 'content-type': 'text/yaml' }),
      415,
      'MESH_BODY_TYPE',
      /text\/yaml/,
    ],
    [
      'an encoding',
      send(agent, 'PUT', '{}', { 'content-encoding': 'gzip' }),
      415,
      'MESH_BODY_TYPE',
      /gzip/,
    ],
    [
      'another origin',
      send(agent, 'GET', undefined, { origin: 'http://evil.test' }),
      403,
      'MESH_HOST_REFUSED',
      /evil/,
    ],
    [
      'the null origin',
      send(agent, 'GET', undefined, { origin: 'null' }),
      403,
      'MESH_HOST_REFUSED',
    ],
    [
      'a manifest elsewhere',
      send(agent, 'PUT', manifestOf('b')),
      400,
      'MESH_BODY_INVALID',
      /path names "a"/,
    ],
    [
      'a bad If-Match',
      send(agent, 'PUT', manifest, { 'if-match': 'x' }),
      400,
      'MESH_USAGE_INVALID',
      /If-Match "x"/,
    ],
    [
      'a bad flag',
      send(`${agent}?dryRun=maybe`, 'PUT', manifest),
      400,
      'MESH_USAGE_INVALID',
      /"maybe"/,
    ],
    ['a null announcement', send(instances, 'POST', 'null'), 400, 'MESH_BODY_INVALID', /no object/],
    [
      'an empty announcement',
      send(instances, 'POST', {}),
      400,
      'MESH_BODY_INVALID',
      /id is missing; namespace/,
    ],
    [
      'a bad endpoint',
      send(instances, 'POST', { ...announcement, endpoint: 'file:///etc' }),
      400,
      'MESH_BODY_INVALID',
      /endpoint "file/,
    ],
    [
      'an endpoint with a password',
      send(instances, 'POST', { ...announcement, endpoint: 'http://u:p@h/' }),
      400,
      'MESH_BODY_INVALID',
    ],
    [
      'a bad drift',
      send(instances, 'POST', { ...announcement, drift: 1 }),
      400,
      'MESH_BODY_INVALID',
      /drift/,
    ],
    [
      'an unknown digest',
      send(instances, 'POST', { ...announcement, manifest: undefined }),
      428,
      'MESH_MANIFEST_REQUIRED',
      /sha256/,
    ],
    [
      'a digest of another manifest',
      send(instances, 'POST', { ...announcement, manifest: manifestOf('a', { b: {} }) }),
      400,
      'MESH_BODY_INVALID',
      /with digest/,
    ],
    [
      'resolve without a capability',
      send(at('/v1/resolve'), 'GET'),
      400,
      'MESH_USAGE_INVALID',
      /no capability/,
    ],
    [
      'resolve with two',
      send(at('/v1/resolve?capability=a&capability=b'), 'GET'),
      400,
      'MESH_USAGE_INVALID',
      /twice/,
    ],
    [
      'resolve with no range',
      send(at('/v1/resolve?capability=a&version=x.y.z.w'), 'GET'),
      400,
      'MESH_USAGE_INVALID',
      /no range/,
    ],
    [
      'resolve with an odd tag',
      send(at('/v1/resolve?capability=a&tags=%20%20'), 'GET'),
      400,
      'MESH_USAGE_INVALID',
    ],
  ]
  const ids = new Set<string>()
  for (const [name, sent, status, code, text = /./] of table) {
    const { problem, headers, ...rest } = await sent
    t.match({ ...rest, ...problem }, { status, code, detail: text, mend: /./, title: /./ }, name)
    t.match(headers.get('content-type'), /^application\/problem\+json/, name)
    t.equal(headers.get('x-request-id'), problem.requestId, name)
    ids.add(problem.requestId)
  }
  t.equal(ids.size, table.length, 'each request has an id of its own')
  const idOf = async (given: string) =>
    (await send(agent, 'GET', undefined, { 'x-request-id': given })).headers.get('x-request-id')
  t.equal(await idOf('of-the-gateway/1:2'), 'of-the-gateway/1:2')
  for (const odd of ['a b', 'x'.repeat(129), '{"a":1}'])
    t.match(await idOf(odd), /^[\w-]{8,20}$/, odd)
  t.equal((await send(instances, 'GET')).headers.get('allow'), 'POST')
  t.equal((await fetch(at('/v1/agents'), { method: 'HEAD' })).status, 200)

  const faulty = {
    ...manifest,
    spec: { version: 'one', tools: [{ name: 'a b', handler: 'x', colour: 1 }] },
  }
  const { status, problem } = await send(agent, 'PUT', faulty)
  t.match({ status, code: problem.code }, { status: 422, code: 'MESH_MANIFEST_INVALID' })
  const paths = problem.faults?.map(fault => fault.path.join('.')).sort()
  t.strictSame(paths, [
    'spec.tools.0.colour',
    'spec.tools.0.handler',
    'spec.tools.0.name',
    'spec.version',
  ])
  t.strictSame((await registry.client.agents()).items, [], 'nothing of this left a trace')
  t.notMatch(
    registry.lines.join(''),
    /request failed/,
    'and none of it was a failure of the registry',
  )
})

t.test('Host has to name the registry', async t => {
  const registry = await openRegistry(t, { advertise: ['mesh.example'] })
  const { port } = new URL(registry.url)
  const statusFor = (host: string) =>
    new Promise<number | undefined>(resolve => {
      httpRequest({ port, host: '127.0.0.1', path: '/healthz', headers: { host } }, response => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
  for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]:1', 'MESH.example', 'a.localhost']) {
    t.equal(await statusFor(host), 200, host)
  }
  for (const host of [
    'evil.test',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'localhost@evil.test',
  ]) {
    t.equal(await statusFor(host), 403, host)
  }
})

t.test('with a token everything below /v1 needs it, and no log or error has it', async t => {
  const registry = await openRegistry(t, { token: 's3cret-token' })
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 's3cret-token' },
  ]) {
    for (const path of ['/v1/agents', '/v1/resolve?capability=a', '/v1/nothing', '/v1']) {
      const sent = await send(`${registry.url}${path}`, 'GET', undefined, headers)
      t.match(sent, { status: 401, problem: { code: 'MESH_TOKEN_INVALID' } }, path)
      t.equal(sent.headers.get('www-authenticate'), 'Bearer')
      t.notMatch(sent.text, /s3cret/)
    }
  }
  t.equal((await send(`${registry.url}/healthz`, 'GET')).status, 200, 'health is open')
  t.strictSame((await registry.client.agents()).items, [])
  await registry.join(manifestOf('a'))
  t.notMatch(registry.lines.join(''), /s3cret/)
  await t.rejects(openRegistry(t, { host: '0.0.0.0' }), { code: 'MESH_BIND_UNSAFE' })
})

t.test(
  'a body that does not come whole in time is answered 408, one that breaks off harms nobody',
  async t => {
    const registry = await openRegistry(t, { times: { requestMs: 300 } })
    const { port } = new URL(registry.url)
    const head =
      'POST /v1/instances HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{'
    const slow = connect(Number(port), '127.0.0.1')
    let answer = ''
    slow.on('data', chunk => (answer += String(chunk)))
    slow.write(head)
    const broken = connect(Number(port), '127.0.0.1')
    broken.write(head, () => broken.destroy())
    await new Promise(resolve => slow.once('close', resolve))
    t.match(answer, /^HTTP\/1\.1 408/)
    t.equal(await registry.client.isReachable(), true)
  },
)

t.test('announce: new, known, without manifest, conflict, rejoin, unknown again', async t => {
  const registry = await openRegistry(t)
  const { client } = registry
  const a = await registry.join(manifestOf('a'))
  t.match(a.receipt, { id: a.id, lease: { ttlMs: 15_000 }, generation: 1 })
  t.match(await client.agent('default', 'a'), {
    metadata: { name: 'a', namespace: 'default', generation: 1, origin: 'announced' },
    spec: { tools: [{ name: 'a' }] },
    status: {
      phase: 'Ready',
      observedGeneration: 1,
      instances: [{ id: a.id, state: 'ready', observedGeneration: 1 }],
    },
  })
  const revision = (await client.agents()).revision
  await a.announce({}, { isBare: true })
  t.equal((await client.agents()).revision, revision, 'the same again is no change')
  const second = await registry.join(manifestOf('a'))
  t.equal(second.receipt.generation, 1)
  t.equal((await client.agent('default', 'a')).status.instances.length, 2)

  const other = manifestOf('a', { b: {} })
  await t.rejects(registry.join(other), { code: 'MESH_AGENT_CONFLICT', message: new RegExp(a.id) })
  const rejoined = await registry.join(other, { rejoin: true })
  t.equal(rejoined.receipt.generation, 1)
  t.match(await client.agent('default', 'a'), {
    spec: { tools: [{ name: 'a' }] },
    status: { phase: 'Drifted' },
  })
  await client.leave(rejoined.id)
  t.equal(await rejoined.ended.then(() => 'ended'), 'ended', 'its stream is closed')
  await t.rejects(registry.join(manifestOf('b'), { id: a.id }), { code: 'MESH_AGENT_CONFLICT' })

  await client.leave(a.id)
  await client.drain(second.id)
  const newer = await registry.join(other)
  t.equal(newer.receipt.generation, 2, 'nobody that is ready runs the old one')
  await client.leave(second.id)
  await client.leave(newer.id)
  await client.leave(newer.id)
  t.strictSame(
    (await client.agents()).items,
    [],
    'with its last instance an announced agent is gone',
  )
  await t.rejects(client.renewLease(a.id), { code: 'MESH_LEASE_EXPIRED' })
  await a.announce({ rejoin: true })
  await client.renewLease(a.id)
})

t.test('watch: a snapshot, then only what changes, only for those concerned', async t => {
  const registry = await openRegistry(t)
  const consumer = await registry.join(manifestOf('consumer', { c: need('p', optional) }))
  const bystander = await registry.join(manifestOf('bystander', { b: need('q', optional) }))
  t.match(consumer.events, [
    { type: 'snapshot', settling: false, generation: 1, resolutions: { 'c/d': { endpoints: [] } } },
  ])
  t.match(consumer.resolutions['c/d']?.reason, /no instance offers "p" in namespace "default"/)

  const one = await registry.join(manifestOf('provider', { p: {} }))
  await until(() => consumer.endpoints('c/d').length === 1)
  const two = await registry.join(manifestOf('provider', { p: {} }))
  await until(() => consumer.endpoints('c/d').length === 2)
  t.match(consumer.resolutions['c/d'], {
    alternative: 0,
    endpoints: [one.id, two.id]
      .sort()
      .map(instance => ({ instance, agent: 'provider', tool: 'p' })),
  })

  one.kill()
  await until(() => consumer.endpoints('c/d').length === 1)
  t.strictSame(consumer.endpoints('c/d'), [two.id])
  t.equal(await registry.state(one.id), 'suspect')
  await one.watch()
  await until(() => consumer.endpoints('c/d').length === 2)
  await registry.client.drain(two.id)
  await until(() => consumer.endpoints('c/d').length === 1)
  t.equal(await registry.state(two.id), 'draining')
  await registry.client.leave(two.id)
  await registry.client.leave(one.id)
  await until(() => consumer.endpoints('c/d').length === 0)

  t.strictSame(
    consumer.events.map(event => event.type),
    ['snapshot', ...Array<string>(6).fill('resolutions')],
  )
  const revisions = consumer.events.map(event => event.revision)
  t.strictSame(
    revisions,
    [...new Set(revisions)].sort((a, b) => a - b),
    'revisions grow',
  )
  t.strictSame(
    bystander.events.map(event => event.type),
    ['snapshot'],
  )
})

t.test('from the end of a stream to its consumer: milliseconds', async t => {
  const registry = await openRegistry(t)
  const consumer = await registry.join(manifestOf('consumer', { c: need('p', optional) }))
  const times: number[] = []
  for (let round = 0; round < 20; round++) {
    const provider = await registry.join(manifestOf('provider', { p: {} }))
    await until(() => consumer.endpoints('c/d').length === 1)
    const from = performance.now()
    provider.kill()
    while (consumer.endpoints('c/d').length > 0) await new Promise(resolve => setImmediate(resolve))
    times.push(performance.now() - from)
    await registry.client.leave(provider.id)
  }
  const p50 = times.sort((a, b) => a - b)[10]!
  t.comment(`p50 ${p50.toFixed(1)} ms, worst ${times.at(-1)!.toFixed(1)} ms`)
  t.ok(p50 < 20)
})

t.test('liveness: suspect without a watch, gone after the grace or with its lease', async t => {
  const times = { ttlMs: 1_000, graceMs: 300, watchWithinMs: 150 }
  const registry = await openRegistry(t, { times })
  const { client } = registry
  const silent = await registry.join(manifestOf('silent'), { isWatching: false })
  t.equal(await registry.state(silent.id), 'ready')
  await until(async () => (await registry.state(silent.id)) === 'suspect')
  await until(async () => (await registry.state(silent.id)) === undefined)
  await t.rejects(client.renewLease(silent.id), { code: 'MESH_LEASE_EXPIRED' })

  const renewed = await registry.join(manifestOf('renewed'))
  const expired = await registry.join(manifestOf('expired'))
  const end = performance.now() + 1_500
  while (performance.now() < end) {
    await client.renewLease(renewed.id)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  t.equal(await registry.state(renewed.id), 'ready', 'renewed beyond its first lease')
  t.equal(await registry.state(expired.id), undefined, 'though its stream was open')
  t.equal(await expired.ended, 'closed')
  await expired.watch()
  t.equal(await expired.ended, 'unknown', 'it has to announce itself again')

  renewed.kill()
  await until(async () => (await registry.state(renewed.id)) === 'suspect')
  await renewed.watch()
  t.equal(await registry.state(renewed.id), 'ready', 'back within the grace')
})

t.test('a second watch takes the place of the first without a moment of suspicion', async t => {
  const registry = await openRegistry(t)
  const consumer = await registry.join(manifestOf('consumer', { c: need('p', optional) }))
  const provider = await registry.join(manifestOf('provider', { p: {} }))
  await until(() => consumer.endpoints('c/d').length === 1)
  const first = provider.ended
  await provider.watch()
  t.equal(await first, 'closed')
  t.equal(await registry.state(provider.id), 'ready')
  t.equal(consumer.events.length, 2)
})

t.test(
  'required dependencies: the whole chain is out with the first broken edge, and recovers',
  async t => {
    const registry = await openRegistry(t)
    const a = await registry.join(manifestOf('a', { x: need('y') }))
    const b = await registry.join(manifestOf('b', { y: need('z') }))
    t.match(b.resolutions['y/d']?.reason, /no instance offers "z"/)
    const c = await registry.join(manifestOf('c', { z: {} }))
    await until(() => a.endpoints('x/d').length === 1)
    t.strictSame(a.endpoints('x/d'), [b.id])
    t.equal((await registry.client.agent('default', 'a')).status.phase, 'Ready')

    c.kill()
    await until(() => a.endpoints('x/d').length === 0)
    t.match(
      a.resolutions['x/d']?.reason,
      /b\/y .*but the required dependency b\/y -> d is unresolved: "z" is offered by c\/z .* suspect/,
    )
    const broken = await registry.client.agent('default', 'a')
    t.equal(broken.status.phase, 'Degraded')
    t.match(conditionOf(broken, 'Ready'), {
      status: 'False',
      reason: 'DependencyUnresolved',
      message: /b\/y -> d/,
    })
    const answer = await registry.client.resolve({ capability: 'y' })
    t.match(answer, {
      endpoints: [],
      excluded: [{ instance: b.id, stage: 'availability', reason: /b\/y -> d/ }],
    })
    await c.watch()
    await until(() => a.endpoints('x/d').length === 1)

    const closing = manifestOf('c', { z: need('x') })
    const text = /c\/z -> a\/x -> b\/y -> c\/z/
    await t.rejects(registry.client.apply(closing), {
      code: 'MESH_DEPENDENCY_CYCLE',
      message: text,
    })
    await registry.client.leave(c.id)
    await t.rejects(registry.join(closing), { code: 'MESH_DEPENDENCY_CYCLE', message: text })
    const mended = await registry.join(manifestOf('c', { z: need('x', optional) }))
    await until(() => mended.endpoints('z/d').length === 1)
  },
)

t.test('an unresolved optional dependency leaves the agent Ready and says so', async t => {
  const registry = await openRegistry(t)
  await registry.join(
    manifestOf('a', {
      x: {
        needs: {
          one: { capability: 'p' },
          two: { capability: 'q', required: false },
          three: { capability: 'p' },
        },
      },
      p: {},
    }),
  )
  const agent = await registry.client.agent('default', 'a')
  t.equal(agent.status.phase, 'Ready')
  t.strictSame(
    agent.status.resolutions.map(r => [r.dependency, r.endpoints.length]),
    [
      ['one', 1],
      ['two', 0],
      ['three', 1],
    ],
  )
  t.match(conditionOf(agent, 'DependenciesResolved'), {
    status: 'False',
    reason: 'OptionalUnresolved',
    message: /x\/two: no instance offers "q"/,
  })
  t.match(conditionOf(agent, 'Ready'), { status: 'True' })
  t.match(conditionOf(agent, 'Degraded'), { status: 'True', reason: 'DependencyUnresolved' })
})

t.test('namespaces see their own only; resolve says what was left out', async t => {
  const registry = await openRegistry(t)
  const blue = { namespace: 'blue' }
  const tools = { p: { tags: ['fast'] } }
  const here = await registry.join(manifestOf('p', tools))
  const there = await registry.join(manifestOf('p', tools, { ...blue, version: '2.0.0' }))
  const consumers = [
    await registry.join(manifestOf('c', { c: need('p') })),
    await registry.join(manifestOf('c', { c: need('p') }, blue)),
  ]
  t.strictSame(
    consumers.map(each => each.endpoints('c/d')),
    [[here.id], [there.id]],
  )
  t.match(await registry.client.resolve({ capability: 'p', tags: ['+fast'], namespace: 'blue' }), {
    endpoints: [{ instance: there.id, score: 10 }],
    excluded: [{ instance: here.id, stage: 'namespace', reason: /namespace "default"/ }],
  })
  const bare = await send(
    `${registry.url}/v1/resolve?capability=p&tags=+fast,none|fast&version=^1`,
    'GET',
  )
  t.match(
    JSON.parse(bare.text) as ResolveAnswer,
    { endpoints: [{ instance: here.id, score: 15 }] },
    'as people type it',
  )
  t.strictSame(
    (await registry.client.agents(blue)).items.map(a => a.metadata.name),
    ['c', 'p'],
  )
  t.equal((await registry.client.agents()).items.length, 4)
})

t.test(
  'a registry that has just started says so until everybody had time to come back',
  async t => {
    const registry = await openRegistry(t, { times: { settleMs: 400 } })
    const consumer = await registry.join(manifestOf('consumer', { c: need('p', optional) }))
    t.match(consumer.events, [{ type: 'snapshot', settling: true }])
    const provider = await registry.join(manifestOf('p'))
    await until(() => consumer.events.length === 3)
    t.match(consumer.events.slice(1), [
      { type: 'resolutions', settling: true },
      {
        type: 'snapshot',
        settling: false,
        resolutions: { 'c/d': { endpoints: [{ instance: provider.id }] } },
      },
    ])
  },
)

t.test(
  'a watcher that reads nothing is bounded and gets the latest when it reads again',
  async t => {
    const registry = await openRegistry(t, { times: { keepAliveMs: 60_000 } })
    const description = 'x'.repeat(60)
    const tools = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`p${i}`, { capability: 'p', tags: [description] }]),
    )
    const consumer = await registry.join(manifestOf('consumer', { c: need('p', optional) }), {
      isWatching: false,
    })
    const { port } = new URL(registry.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.pause()
    t.teardown(() => socket.destroy())
    socket.write(`GET /v1/instances/${consumer.id}/watch HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    const provider = await registry.join(manifestOf('provider', tools))
    let last = ''
    for (let i = 0; i < 1_500; i++) {
      last = `http://127.0.0.1:9/changed-${i}`
      await provider.announce({ endpoint: last }, { isBare: true })
    }
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.resume()
    await until(() => text.includes(`${last}"`))
    const events = text.split('\nevent: ').length - 1
    t.ok(events < 1_400, `${events} events for 1,500 changes: those in between were not queued`)
  },
)

t.test('SIGTERM and the like: streams end, open connections too, at once', async t => {
  const registry = await openRegistry(t)
  const agents = await Promise.all(['a', 'b', 'c'].map(name => registry.join(manifestOf(name))))
  await registry.client.agents()
  const from = performance.now()
  await registry.close()
  t.strictSame(await Promise.all(agents.map(agent => agent.ended)), ['closed', 'closed', 'closed'])
  t.ok(performance.now() - from < 2_500)
  t.notMatch(registry.lines.join(''), /changed state/, 'nobody was suspected')
  await t.rejects(registry.client.agents(), { code: 'MESH_REGISTRY_UNREACHABLE' })
})

/** What the store takes part in. */
function stored(t: Test, place: (t: Test) => StoreLocation, remembered: string[]) {
  const dated = (version: string) => manifestOf('a', { x: need('p', optional) }, { version })

  t.test('apply: created, configured, unchanged, dry run, If-Match', async t => {
    const registry = await openRegistry(t, { store: place(t) })
    const { client } = registry
    const url = `${registry.url}/v1/namespaces/default/agents/a`
    const dry = await send(`${url}?dryRun=true`, 'PUT', dated('1.0.0'))
    t.match(dry, { status: 200, problem: { result: 'created', generation: 1 } })
    await t.rejects(client.agent('default', 'a'), { code: 'MESH_RESOURCE_MISSING' })
    const created = await send(url, 'PUT', dated('1.0.0'))
    t.match(created, { status: 201, problem: { result: 'created', generation: 1 } })
    t.match(await client.apply(dated('1.0.0')), { result: 'unchanged', generation: 1 })
    await t.rejects(client.apply(dated('2.0.0'), { ifMatch: 7 }), {
      code: 'MESH_GENERATION_CONFLICT',
      message: /generation 1, not 7/,
    })
    t.match(await client.apply(dated('2.0.0'), { ifMatch: 1 }), {
      result: 'configured',
      generation: 2,
    })
    const results = await Promise.all(
      ['3', '4', '5', '6'].map(n => client.apply(dated(`${n}.0.0`))),
    )
    t.strictSame(
      results.map(result => result.generation).sort(),
      [3, 4, 5, 6],
      'no gap, none twice',
    )
    const agent = await client.agent('default', 'a')
    t.match(agent.metadata, { generation: 6, origin: 'applied' })
    t.match(agent.status, { phase: 'Offline', observedGeneration: 0, instances: [] })
    t.match(conditionOf(agent, 'Ready'), { status: 'False', reason: 'NoInstance' })
    t.match(conditionOf(agent, 'Degraded'), { status: 'True', reason: 'NoInstance' })
    await client.deleteAgent('default', 'a')
    await t.rejects(client.agent('default', 'a'), { code: 'MESH_RESOURCE_MISSING' })
  })

  t.test('an apply reaches running instances, which follow or say why not', async t => {
    const registry = await openRegistry(t, { store: place(t) })
    const { client } = registry
    const able = await registry.join(dated('1.0.0'))
    const unable = await registry.join(dated('1.0.0'))
    const before = conditionOf(await client.agent('default', 'a'), 'Ready')
    t.match(await client.apply(dated('1.0.0')), { result: 'unchanged', generation: 1 })
    t.match(await client.apply(dated('1.1.0')), { result: 'configured', generation: 2 })
    await until(() => able.events.length === 2 && unable.events.length === 2)
    t.match(able.events[1], {
      type: 'manifest',
      generation: 2,
      manifest: { spec: { version: '1.1.0' } },
    })
    const following = await client.agent('default', 'a')
    t.match(conditionOf(following, 'Drifted'), {
      status: 'Unknown',
      reason: 'Following',
      observedGeneration: 2,
    })
    t.strictSame(
      following.status.instances.map(i => i.observedGeneration),
      [1, 1],
    )

    able.manifest = dated('1.1.0')
    await able.announce({ observedGeneration: 2 })
    await until(() => able.events.length === 3)
    t.match(able.events[2], { type: 'snapshot', generation: 2, manifest: undefined })
    await unable.announce({ drift: { generation: 2, reason: 'it has no handler ./new.ts' } })
    const drifted = await client.agent('default', 'a')
    t.equal(drifted.status.phase, 'Drifted')
    t.strictSame(
      drifted.status.instances.map(i => [i.id === able.id, i.observedGeneration]).sort(),
      [
        [false, 1],
        [true, 2],
      ],
    )
    t.match(conditionOf(drifted, 'Drifted'), {
      status: 'True',
      reason: 'CannotFollow',
      message: /no handler .\/new\.ts/,
    })
    t.equal(
      conditionOf(drifted, 'Ready')?.lastTransitionTime,
      before?.lastTransitionTime,
      'its status did not change',
    )

    const late = await registry.join(dated('1.0.0'))
    t.match(late.events, [
      { type: 'snapshot', generation: 2, manifest: { spec: { version: '1.1.0' } } },
    ])
    t.equal(unable.events.length, 2, 'one that cannot follow is not asked again')
    await client.apply(dated('1.2.0'))
    await until(() => unable.events.length === 3)
    t.match(unable.events[2], { type: 'manifest', generation: 3 }, 'but for the next generation')
  })

  t.test('versions and tags that are applied count when the instance serves them', async t => {
    const registry = await openRegistry(t, { store: place(t) })
    const consumer = await registry.join(
      manifestOf('c', { c: need('p', { tags: ['new'], required: false }) }),
    )
    const provider = await registry.join(manifestOf('p'))
    await until(() => consumer.resolutions['c/d']?.reason?.includes('it has no tag "new"'))
    provider.manifest = manifestOf('p', { p: { tags: ['new'] } })
    await registry.client.apply(provider.manifest)
    await until(() => provider.events.length === 2)
    t.strictSame(consumer.endpoints('c/d'), [], 'not before')
    await provider.announce({ observedGeneration: 2 })
    await until(() => consumer.endpoints('c/d').length === 1)
  })

  t.test('delete: instances are told to leave, and are picked no more', async t => {
    const registry = await openRegistry(t, { store: place(t) })
    const { client } = registry
    const consumer = await registry.join(manifestOf('c', { c: need('p', optional) }))
    const provider = await registry.join(manifestOf('p'))
    await client.apply(manifestOf('p', undefined, { version: '2.0.0' }))
    await until(() => consumer.endpoints('c/d').length === 1)
    await client.deleteAgent('default', 'p')
    await until(() => consumer.endpoints('c/d').length === 0)
    await until(() => provider.events.at(-1)?.type === 'deleted')
    t.strictSame(
      (await client.agents()).items.map(a => a.metadata.name),
      ['c'],
    )
    provider.kill()
    await provider.announce({ rejoin: true })
    await provider.watch()
    t.equal(
      provider.events.at(-1)?.type,
      'deleted',
      'it is told again, and does not bring the agent back',
    )
    t.equal((await client.agents()).items.length, 1)
    const successor = await registry.join(manifestOf('p'))
    t.equal(successor.receipt.generation, 1, 'another process of that name is a new agent')
    await client.leave(provider.id)
    t.strictSame(
      (await client.agent('default', 'p')).status.instances.map(i => i.id),
      [successor.id],
    )
  })

  t.test(
    'a restart over the same store keeps manifests, generations, and revisions that grow',
    async t => {
      const store = place(t)
      const first = await openRegistry(t, { store })
      const a = await first.join(dated('1.0.0'))
      await first.join(manifestOf('announced'))
      await first.client.apply(dated('2.0.0'))
      await first.client.apply(manifestOf('gone'))
      await first.client.deleteAgent('default', 'gone')
      const { revision } = await first.client.agents()
      await first.close()

      const second = await openRegistry(t, { store })
      const list = await second.client.agents()
      t.match(list.items[0], {
        metadata: { name: 'a', generation: 2, origin: 'applied' },
        spec: { version: '2.0.0' },
      })
      t.strictSame(
        list.items.map(({ metadata, status }) => `${metadata.name} ${status.phase}`),
        remembered,
      )
      t.ok(list.revision >= revision)
      const watch = await fetch(`${second.url}/v1/instances/${a.id}/watch`)
      t.match([watch.status, await watch.json()], [410, { code: 'MESH_LEASE_EXPIRED' }])
      const back = await second.join(dated('1.0.0'), { id: a.id, rejoin: true })
      t.match(back.events, [
        { type: 'snapshot', generation: 2, manifest: { spec: { version: '2.0.0' } } },
      ])
      t.match(await second.client.apply(dated('3.0.0')), { generation: 3 })
      t.equal((await send(`${second.url}/readyz`, 'GET')).status, 200)
    },
  )
}

t.test('on SQLite', async t =>
  // What was only announced comes back with its instances.
  stored(t, t => ({ kind: 'file', path: `${t.testdir()}/registry.db` }), ['a Offline']),
)

t.test('on PostgreSQL', async t => {
  const postgres = await startPostgres(t)
  if (!postgres) return
  // Where others may have gone on, instances are known until they are judged.
  stored(t, () => ({ kind: 'postgres', url: postgres.database() }), ['a Ready', 'announced Ready'])

  t.test(
    'while the database is down applies fail clearly, agents live on, and it recovers',
    async t => {
      const registry = await openRegistry(t, {
        store: { kind: 'postgres', url: postgres.database() },
      })
      const agent = await registry.join(manifestOf('a'))
      await postgres.stop()
      const url = `${registry.url}/v1/namespaces/default/agents/a`
      const refused = await send(url, 'PUT', manifestOf('a', undefined, { version: '2.0.0' }))
      t.match(refused, { status: 503, problem: { code: 'MESH_STORE_UNAVAILABLE' } })
      t.equal(refused.headers.get('retry-after'), '1')
      const logged = `"requestId":"${refused.problem.requestId}"`
      t.ok(
        registry.lines.some(line => line.includes(logged)),
        'the log names the request',
      )
      t.equal((await send(`${registry.url}/readyz`, 'GET')).status, 503)
      t.equal((await send(`${registry.url}/healthz`, 'GET')).status, 200)
      await registry.client.renewLease(agent.id)
      t.match(await registry.client.agent('default', 'a'), {
        metadata: { generation: 1, origin: 'announced' },
      })
      await postgres.start()
      const client = createRegistryClient({ urls: [registry.url] })
      t.teardown(() => client.close())
      t.match(await client.apply(manifestOf('a', undefined, { version: '2.0.0' })), {
        generation: 2,
      })
    },
  )
})
