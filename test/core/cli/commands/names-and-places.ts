// Which registry, namespace and token a command line means; which name; and what a shell is offered to complete it.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { cli } from '../../../support/cli.ts'

const agent = (name: string, more: object = {}) => ({
  ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent' },
  metadata: { name, namespace: 'default', generation: 1, revision: 1, origin: 'announced' },
  spec: { version: '1.0.0', tools: [{ name: `${name}_tool`, capability: `${name}_service` }] },
  status: { phase: 'Ready', observedGeneration: 1, conditions: [], instances: [], resolutions: [] },
  ...more,
})

/** A registry that knows these agents, and remembers who asked for what. */
async function registry(t: Test, names: string[], more: Record<string, object> = {}) {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = []
  const items = names.map(name => agent(name, more[name]))
  const server = createServer((request, response) => {
    const { url = '', headers } = request
    seen.push({ url, headers })
    const name = /\/agents\/([^/?]+)/.exec(url)?.[1]
    const one = items.find(({ metadata }) => metadata.name === name)
    const isMissing = name !== undefined && !one
    response.writeHead(isMissing ? 404 : 200, { 'content-type': 'application/json' })
    const problem = { code: 'MESH_RESOURCE_MISSING', detail: 'not there', mend: 'look' }
    response.end(JSON.stringify(isMissing ? problem : (one ?? { items, revision: 1 })))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

t.test('a context is a registry, a namespace and a token by a name', async t => {
  const [one, two] = [await registry(t, ['a']), await registry(t, ['b'])]
  const MESH_HOME = t.testdir()
  const env = { MESH_HOME, TOKEN_OF_ONE: 's3cret' }
  const file = join(MESH_HOME, 'config.json')
  const set = ['config', 'set-context', 'one', '--registry-url', `${one.url}/`, '-n', 'shop']
  t.match(await cli([...set, '--token', '${env:TOKEN_OF_ONE}'], { env }), {
    code: 0,
    out: 'context/one set',
  })
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(file, 'utf8'), 's3cret')
  t.match(await cli(['config', 'current-context'], { env }), { out: 'local' })
  t.match(await cli(['config', 'use-context', 'one'], { env }), { code: 0 })
  t.match(await cli(['list', '-o', 'name'], { env }), { code: 0, out: 'agent/a' })
  t.match(one.seen.at(-1), {
    url: '/v1/namespaces/shop/agents',
    headers: { authorization: 'Bearer s3cret' },
  })

  t.comment('flags, then --context, then the environment, then the current context')
  const other = { ...env, MESH_REGISTRY_URL: two.url, MESH_TOKEN: 'mine' }
  t.match(await cli(['list', '-o', 'name'], { env: other }), { out: 'agent/b' })
  t.match(two.seen.at(-1)?.headers.authorization, 'Bearer mine')
  t.match(await cli(['list', '-o', 'name', '--context', 'one'], { env: other }), { out: 'agent/a' })
  const flag = ['list', '-o', 'name', '--context', 'one', '--registry-url', two.url, '-n', 'x']
  t.match(await cli(flag, { env }), { out: 'agent/b' })
  t.match(two.seen.at(-1)?.url, '/v1/namespaces/x/agents')

  t.match(await cli(['list'], { env: { MESH_HOME } }), {
    code: 1,
    err: 'error MESH_SECRET_MISSING',
  })
  t.match(await cli(['config', 'set-context', 'one', '-n', 'other'], { env }), {
    out: 'context/one changed',
  })
  t.match(JSON.parse(readFileSync(file, 'utf8')), {
    contexts: { one: { registryUrl: one.url, namespace: 'other' } },
  })
  t.match(await cli(['config', 'delete-context', 'one'], { env }), { code: 0 })
  t.match(await cli(['config', 'current-context'], { env }), { out: 'local' })
})

t.test('what is wrong with a context is said', async t => {
  const MESH_HOME = t.testdir()
  const env = { MESH_HOME }
  const cases: [string[], number, string][] = [
    [['config', 'use-context', 'locl'], 4, 'did you mean "local"?'],
    [['list', '--context', 'x'], 4, 'no context "x"'],
    [['config', 'set-context', 'a b'], 2, 'is no name of a context'],
    [['config', 'set-context', 'x', '--token', 's3cret'], 3, 'MESH_SECRET_INLINE'],
    [['config', 'set-context', 'x', '--registry-url', 'nope'], 2, 'is no http URL'],
    [['config', 'delete-context', 'local'], 2, 'is always there'],
    [['config', 'get-contexts', 'x'], 2, 'does not take "x"'],
    [['config', 'use-context'], 2, 'was given no name'],
  ]
  for (const [args, code, err] of cases) {
    const run = await cli(args, { env })
    t.match(run, { code, out: '', err }, args.join(' '))
    t.notMatch(run.err, 's3cret')
  }
  for (const text of [
    '{',
    '[]',
    '{"contexts":{"x":1}}',
    '{"contexts":{"x":{"url":"y"}}}',
    '{"contexts":{"x":{"token":"s3cret"}}}',
  ]) {
    writeFileSync(join(MESH_HOME, 'config.json'), text)
    const run = await cli(['list'], { env })
    t.match(run, { code: 2, err: /error MESH_CONTEXT_INVALID: .*config\.json/ }, text)
    t.notMatch(run.err, 's3cret')
    t.match(await cli(['version'], { env }), { code: 0 }, 'what needs no context goes on')
  }
})

t.test(
  'the beginning of a name is enough where one name begins so, for what only shows',
  async t => {
    const { url } = await registry(t, ['hello', 'shop-a', 'shop-b', 'shop'])
    const env = { MESH_REGISTRY_URL: url, MESH_HOME: t.testdir() }
    t.match(await cli(['get', 'agent', 'he', '-o', 'name'], { env }), {
      code: 0,
      out: 'agent/hello',
      said: 'he is taken for hello',
    })
    t.match(
      await cli(['get', 'agent', 'shop', '-o', 'name'], { env }),
      { out: 'agent/shop', said: '' },
      'a whole name is itself',
    )
    t.match(await cli(['get', 'agent', 'sh'], { env }), {
      code: 2,
      err: /3 names begin with "sh"\n {2}shop\n {2}shop-a\n {2}shop-b/,
    })
    t.match(await cli(['get', 'agent', 'helo'], { env }), { code: 4, err: 'did you mean "hello"?' })
    t.match(await cli(['get', 'capability', 'hello_s', '-o', 'name'], { env }), {
      out: 'capability/hello_service',
    })
    for (const args of [
      ['delete', 'agent', 'he'],
      ['rollout', 'undo', 'he'],
      ['wait', 'agent/he'],
    ]) {
      t.match(await cli(args, { env }), { code: 4, err: 'no agent "he"' }, args.join(' '))
    }
  },
)

t.test('a list is narrowed and ordered', async t => {
  const status = (phase: string, since: string[]) => ({
    ...{ phase, observedGeneration: 1, conditions: [], resolutions: [] },
    instances: since.map(since => ({
      id: since,
      state: 'ready',
      since,
      endpoint: 'http://x',
      pid: 1,
    })),
  })
  const { url } = await registry(t, ['a', 'ab', 'b', 'c'], {
    a: { status: status('Ready', ['2026-01-02']) },
    ab: { status: status('Offline', []), spec: { version: '1.10.0', tools: [{ name: 'x' }] } },
    b: { status: status('Ready', ['2026-01-01', '2026-01-03']), spec: { version: '1.9.0' } },
    c: { status: status('Degraded', ['2026-01-05']) },
  })
  const env = { MESH_REGISTRY_URL: url, MESH_HOME: t.testdir() }
  const cases: [string[], string][] = [
    [[], 'a ab b c'],
    [['a'], 'a ab'],
    [['b', 'c'], 'b c'],
    [['--phase', 'Ready'], 'a b'],
    [['--capability', 'x'], 'ab'],
    [['a', '--phase', 'Ready', '--capability', 'a_service'], 'a'],
    [['--sort', 'phase'], 'ab c a b'],
    [['--sort', 'version'], 'ab b a c'],
    [['--sort', 'age'], 'c a b ab'],
    [['--sort', 'instances'], 'b a c ab'],
  ]
  for (const [args, names] of cases) {
    const { out } = await cli(['list', ...args, '-o', 'name'], { env })
    t.equal(out.replaceAll('agent/', '').replaceAll('\n', ' '), names, args.join(' '))
  }
  t.match(await cli(['list', 'z', '--phase', 'Ready'], { env }), {
    code: 0,
    said: 'no agent is meant by z --phase Ready',
  })
  t.match(await cli(['list', '--phase', 'Well'], { env }), { code: 2 })
})

t.test('logs are read from a time on', async t => {
  const line = (time: string | number, msg: string) =>
    `${JSON.stringify({ level: 30, time, msg })}\n`
  const now = Date.now()
  const text = line(now - 7_200_000, 'old') + line(now - 60_000, 'new') + '  at its heels\n'
  const MESH_HOME = t.testdir({ logs: { 'default.hello.log': text } })
  const env = { MESH_HOME }
  const lines = async (...args: string[]) =>
    (await cli(['logs', ...args], { env })).out.split('\n').filter(Boolean)
  t.equal((await lines()).length, 3)
  t.match(await lines('--since', '1h'), [/new/, /at its heels/])
  t.match(await lines('hel', '--since', new Date(now - 120_000).toISOString()), [
    /new/,
    /at its heels/,
  ])
  t.strictSame(await lines('--since', '1s'), [])
  t.match(await lines('--since', '1h', '--tail', '1'), [/at its heels/])
  t.match(await cli(['logs', '--since', 'yesterday'], { env }), {
    code: 2,
    err: '--since "yesterday" is no duration and no time',
  })
})

t.test('a shell is offered what may stand where the cursor is', async t => {
  const { url } = await registry(t, ['hello', 'shop'])
  const MESH_HOME = t.testdir()
  const env = { MESH_REGISTRY_URL: url, MESH_HOME }
  await cli(['config', 'set-context', 'docker', '--registry-url', url], { env })
  const offered = async (...words: string[]) => {
    const { code, out, err } = await cli(['__complete', '--', ...words], { env })
    t.strictSame({ code, err }, { code: 0, err: '' })
    return out.split('\n').map(line => line.split('\t')[0])
  }
  const cases: [string[], string[]][] = [
    [['st'], ['start', 'stop', 'status']],
    [
      ['get', ''],
      ['agents', 'instances', 'capabilities', 'edges', 'sessions'],
    ],
    [
      ['get', 'agent', ''],
      ['hello', 'shop'],
    ],
    [['-n', 'default', 'get', 'agent', 'h'], ['hello']],
    [['get', 'agent', 'hello', ''], ['']],
    [['wait', 'agent/hello', ''], ['agent/shop']],
    [['call', 'hello:'], ['hello:hello_tool']],
    [['list', '--sort', 'a'], ['age']],
    [['list', '--sort=a'], ['--sort=age']],
    [['list', '--capability', 's'], ['shop_service']],
    [['list', '-o', 'y'], ['yaml']],
    [['list', '--ou'], ['--output']],
    [
      ['list', '-'],
      [
        '--output',
        '--all-namespaces',
        '--selector',
        '--phase',
        '--capability',
        '--sort',
        '--registry-url',
        '--namespace',
        '--context',
        '--help',
      ],
    ],
    [
      ['list', '--context', ''],
      ['docker', 'local'],
    ],
    [['config', 'use-context', 'd'], ['docker']],
    [['apply', '-f', ''], [':files']],
    [['start', './'], [':files']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['explain', 'MESH_PORT_'], ['MESH_PORT_TAKEN']],
    [['explain', 'agent.s'], ['agent.spec']],
    [['version', ''], ['']],
    [['nothing', ''], ['']],
  ]
  for (const [words, expected] of cases)
    t.strictSame(await offered(...words), expected, words.join(' '))
  const nobody = { env: { MESH_HOME, MESH_REGISTRY_URL: 'http://127.0.0.1:9' } }
  t.match(await cli(['__complete', '--', 'get', 'agent', ''], nobody), {
    code: 0,
    out: '',
    err: '',
  })
  t.match(await cli(['help'], { env }), { code: 0 })
  t.notMatch((await cli(['help'], { env })).out, '__complete')
})
