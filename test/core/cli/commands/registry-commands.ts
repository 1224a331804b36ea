// list, get, status, apply, delete and validate against a registry that is a plain HTTP server with what a test gives it.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { cli } from '../../../support/cli.ts'
import { agentFiles } from '../../../support/mesh.ts'

const instance = (id: string, more: object = {}) => ({
  id,
  endpoint: `http://127.0.0.1:1/${id}`,
  state: 'ready',
  observedGeneration: 1,
  pid: 7,
  host: 'here',
  since: new Date().toISOString(),
  ...more,
})

function agent(
  name: string,
  { namespace = 'default', status = {} }: { namespace?: string; status?: object } = {},
) {
  return {
    apiVersion: 'mcp-mesh.dev/v1',
    kind: 'Agent',
    metadata: { name, namespace, generation: 2, revision: 9, origin: 'applied' },
    spec: { version: '1.2.0', tools: [{ name: 'hello', capability: 'greeting', tags: ['demo'] }] },
    status: {
      phase: 'Ready',
      observedGeneration: 1,
      conditions: [],
      instances: [instance(`${name}-1`)],
      resolutions: [],
      ...status,
    },
  }
}

interface Seen {
  method: string
  url: string
  body: unknown
}
type Answer = [number, object]

const missing: Answer = [
  404,
  { code: 'MESH_RESOURCE_MISSING', detail: 'no such agent', mend: 'look' },
]

/** A registry that holds these agents; `put` answers an apply. */
async function registry(
  t: Test,
  items: ReturnType<typeof agent>[],
  put: (seen: Seen) => Answer = () => [200, {}],
) {
  const seen: Seen[] = []
  const home = mkdtempSync(join(tmpdir(), 'mesh-'))
  t.teardown(() => rmSync(home, { recursive: true }))
  const answerTo = (request: Seen): Answer => {
    const [, namespace, name] =
      /^\/v1\/namespaces\/([^/]+)\/agents(?:\/([^?]+))?/.exec(request.url) ?? []
    const here = items.filter(({ metadata }) => !namespace || metadata.namespace === namespace)
    if (request.method === 'PUT') return put(request)
    if (!name) return [200, { items: here, revision: 9 }]
    const found = here.find(({ metadata }) => metadata.name === name)
    if (!found) return missing
    return request.method === 'DELETE' ? [204, {}] : [200, found]
  }
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const one = {
        method: request.method!,
        url: request.url!,
        body: body && (JSON.parse(body) as unknown),
      }
      seen.push(one)
      const [status, value] = answerTo(one)
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(status === 204 ? undefined : JSON.stringify(value))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { env: { MESH_REGISTRY_URL: url, MESH_HOME: home }, seen }
}

t.test('list shows the namespace asked for, in every form', async t => {
  const { env } = await registry(t, [agent('b'), agent('a'), agent('c', { namespace: 'shop' })])
  const names = async (...args: string[]) =>
    (await cli([...args, '-o', 'name'], { env })).out.split('\n')
  t.strictSame(await names('list'), ['agent/a', 'agent/b'])
  t.strictSame(await names('list', '-n', 'shop'), ['agent/c'])
  t.strictSame(await names('list', '-A'), ['agent/a', 'agent/b', 'agent/c'])
  t.strictSame(await names('get', 'agents'), ['agent/a', 'agent/b'])
  t.match(
    (await cli(['list'], { env })).out,
    /NAME +PHASE.*\na +Ready +1\.2\.0 +1\/1 +greeting +- +http/,
  )
  t.match((await cli(['list', '-A'], { env })).out, /NAME +NAMESPACE[^]*c +shop/)
  t.match((await cli(['list', '-o', 'wide'], { env })).out, /demo +2 \(observed 1\)/)
  t.match(JSON.parse((await cli(['list', '-o', 'json'], { env })).out), {
    items: [{ kind: 'Agent' }, {}],
  })
  const none = await cli(['list', '-n', 'empty'], { env })
  t.match(none, { code: 0, out: '', said: 'no agents in namespace "empty"' })
})

t.test('get shows one thing, or says which was perhaps meant', async t => {
  const { env } = await registry(t, [agent('hello'), agent('c', { namespace: 'shop' })])
  const json = await cli(['get', 'agent', 'hello', '-o', 'json'], { env })
  t.match(JSON.parse(json.out), { kind: 'Agent', metadata: { name: 'hello' } })
  t.match(
    (await cli(['get', 'agent', 'hello', '-o', 'yaml'], { env })).out,
    'kind: Agent\nmetadata:\n  name: hello',
  )
  t.match(await cli(['get', 'agent', 'helo'], { env }), {
    code: 4,
    err: /MESH_RESOURCE_MISSING: no agent "helo" in namespace "default"\nmend: did you mean "hello"\?/,
  })
  t.match(await cli(['get', 'agent', 'c'], { env }), {
    code: 4,
    err: /it is in "shop": add -n shop/,
  })
  t.match((await cli(['get', 'instances'], { env })).out, /hello-1 +hello +ready/)
  t.match(
    (await cli(['get', 'capability', 'greeting'], { env })).out,
    /greeting +1\.2\.0 +demo +hello/,
  )
  t.match(await cli(['get', 'capability', 'greting'], { env }), { code: 4, err: /"greeting"\?/ })
})

t.test('status says first what is wrong', async t => {
  const resolution = {
    tool: 'hello',
    dependency: 'date',
    required: false,
    alternative: -1,
    capability: 'dates',
    endpoints: [],
    reason: 'nobody offers it',
  }
  const drifted = {
    type: 'Drifted',
    status: 'True',
    reason: 'HandlerMissing',
    message: 'it has no ./x.ts',
    observedGeneration: 2,
    lastTransitionTime: '',
  }
  const status = {
    conditions: [drifted],
    resolutions: [resolution],
    instances: [instance('a-1', { state: 'suspect' })],
  }
  const { env } = await registry(t, [agent('a', { status })])
  const { code, out } = await cli(['status'], { env })
  t.equal(code, 0)
  t.match(out, /1 agents, 0 of 1 instances ready, 0 of 1 dependencies filled/)
  t.match(
    out,
    /WHAT IS WRONG\n.*\n +a +HandlerMissing +it has no .\/x\.ts\n +a +DependencyUnresolved +hello\/date: nobody offers it\n +a +InstanceSuspect/,
  )
  t.ok(out.indexOf('WHAT IS WRONG') < out.indexOf('AGENTS'))
  t.match(JSON.parse((await cli(['status', '-o', 'json'], { env })).out), {
    problems: [{ reason: 'HandlerMissing' }, {}, {}],
    edges: [{ agent: 'a', dependency: 'date' }],
    processes: [],
  })
})

t.test('apply checks first, sends each manifest and says what came of it', async t => {
  const folder = t.testdir({ a: agentFiles('a'), b: agentFiles('b') })
  const { env, seen } = await registry(t, [agent('a')], ({ url }) => [
    200,
    { result: url.includes('/agents/a') ? 'configured' : 'unchanged', generation: 2, revision: 3 },
  ])
  const both = await cli(['apply', '-f', join(folder, 'a'), '-f', join(folder, 'b')], { env })
  t.match(both, {
    code: 0,
    out: 'agent/a configured (generation 2)\nagent/b unchanged (generation 2)',
  })
  t.strictSame(
    seen.map(({ method, url }) => `${method} ${url.replace('/v1/namespaces/default/agents/', '')}`),
    [
      'GET /v1/agents?limit=500',
      ...['a', 'b'].map(name => `PUT ${name}?dryRun=true`),
      'PUT a',
      'PUT b',
    ],
    'what is there, all of them dry, then all of them',
  )
  const dry = await cli(['apply', '-f', folder, '--dry-run'], { env })
  t.match(dry.out, 'agent/a configured (generation 2) (dry run)')
  t.match(seen.at(-1)?.url, '?dryRun=true')

  const count = seen.length
  const mesh = agentFiles('a')['mesh.yaml']!.replace('handler:', 'handle:')
  writeFileSync(join(folder, 'b/broken.yaml'), mesh)
  const files = ['-f', join(folder, 'a'), '-f', join(folder, 'b/broken.yaml')]
  const refused = await cli(['apply', ...files], { env })
  t.equal(refused.code, 3)
  t.match(refused.err, /broken\.yaml:\d+:\d+: error MESH_FIELD_UNKNOWN/)
  t.equal(seen.length, count, 'with one fault nothing is sent at all')
})

t.test('apply reads stdin, several documents at once', async t => {
  const { env, seen } = await registry(t, [], () => [
    201,
    { result: 'created', generation: 1, revision: 3 },
  ])
  const input = `${agentFiles('a')['mesh.yaml']}---\n${agentFiles('b')['mesh.yaml']}`
  const run = await cli(['apply', '-f', '-', '-n', 'shop'], { env, input })
  t.match(run, { code: 0, out: 'agent/a created (generation 1)\nagent/b created (generation 1)' })
  t.strictSame(
    seen.slice(-2).map(({ url }) => url),
    ['/v1/namespaces/shop/agents/a', '/v1/namespaces/shop/agents/b'],
  )
  const faulty = await cli(['apply', '-f', '-'], {
    env,
    input: input.replace('version:', 'vresion:'),
  })
  t.equal(faulty.code, 3)
  t.match(faulty.err, /^<stdin>:\d+:3: error MESH_FIELD_UNKNOWN: .*vresion[^]*\^\^\^/)
})

t.test('a fault that only the registry finds is shown in the file of the user', async t => {
  const folder = t.testdir(agentFiles('a'))
  const fault = {
    code: 'MESH_DEPENDENCY_CYCLE',
    message: 'a/x -> b/y -> a/x',
    mend: 'break it',
    path: ['spec', 'tools', 0, 'name'],
  }
  const problem = {
    code: 'MESH_DEPENDENCY_CYCLE',
    detail: 'a cycle',
    mend: 'break it',
    faults: [fault],
  }
  const { env } = await registry(t, [], () => [422, problem])
  const run = await cli(['apply', '-f', folder], { env })
  t.equal(run.code, 3)
  t.match(
    run.err,
    /mesh\.yaml:8:13: error MESH_DEPENDENCY_CYCLE: a\/x -> b\/y -> a\/x\n +8 \| +- name: a\n/,
  )
  const plain = await registry(t, [], () => [422, { ...problem, faults: undefined }])
  t.match(await cli(['apply', '-f', folder], { env: plain.env }), {
    code: 3,
    err: /MESH_DEPENDENCY_CYCLE: a cycle/,
  })
})

t.test('apply --wait returns when all follow, and says why one does not', async t => {
  const folder = t.testdir(agentFiles('a'))
  const put = (): Answer => [200, { result: 'configured', generation: 2, revision: 3 }]
  const follows = await registry(
    t,
    [agent('a', { status: { instances: [instance('a-1', { observedGeneration: 2 })] } })],
    put,
  )
  t.match(await cli(['apply', '-f', folder, '--wait'], { env: follows.env }), {
    code: 0,
    said: /generation 2 is observed/,
  })
  const late = await registry(t, [agent('a')], put)
  t.match(await cli(['apply', '-f', folder, '--wait', '--timeout', '200ms'], { env: late.env }), {
    code: 1,
    err: /MESH_WAIT_ELAPSED: a-1 did not follow generation 2 within 0.2 s/,
  })
  const drift = {
    type: 'Drifted',
    status: 'True',
    reason: 'X',
    message: 'no ./x.ts',
    observedGeneration: 2,
    lastTransitionTime: '',
  }
  const drifted = await registry(
    t,
    [agent('a', { status: { conditions: [drift], instances: [instance('a-1')] } })],
    put,
  )
  t.match(await cli(['apply', '-f', folder, '--wait'], { env: drifted.env }), {
    code: 1,
    err: /MESH_AGENT_DRIFTED: .*no \.\/x\.ts/,
  })
})

t.test('delete takes names and files, and goes on after one that is not there', async t => {
  const folder = t.testdir({ a: agentFiles('a'), b: agentFiles('b') })
  const { env, seen } = await registry(t, [agent('a'), agent('b')])
  t.match(await cli(['delete', 'agent', 'a', 'b'], { env }), {
    code: 0,
    out: 'agent/a deleted\nagent/b deleted',
  })
  t.match(await cli(['delete', 'agent/a'], { env }), { code: 0 })
  t.match(await cli(['delete', '-f', folder], { env }), {
    code: 0,
    out: 'agent/a deleted\nagent/b deleted',
  })
  const input = agentFiles('b')['mesh.yaml']!
  t.match(await cli(['delete', '-f', '-'], { env, input }), { code: 0, out: 'agent/b deleted' })
  const some = await cli(['delete', 'agent', 'x', 'b'], { env })
  t.match(some, { code: 4, out: 'agent/b deleted', err: /no agent "x"/ })
  t.match(await cli(['delete', 'agent', 'x', '--ignore-not-found'], { env }), { code: 0, out: '' })
  t.ok(seen.some(({ method }) => method === 'DELETE'))
})

t.test('validate shows every fault with its place, for people and for programs', async t => {
  const good = agentFiles('good')
  const bad = {
    'mesh.yaml': good['mesh.yaml']!.replace('good }', 'bad }').replace('handler.ts', 'none.ts'),
  }
  const folder = t.testdir({ good, bad })
  t.match(await cli(['validate', join(folder, 'good')]), {
    code: 0,
    out: '',
    err: '1 agent is sound, 0 errors',
  })
  const run = await cli(['validate', folder])
  t.equal(run.code, 3)
  t.match(run.err, /bad\/mesh\.yaml:\d+:\d+: error MESH_HANDLER_MISSING[^]*1 error$/)
  const json = await cli(['validate', folder, '-o', 'json'])
  t.equal(json.code, 3)
  t.match(JSON.parse(json.out), {
    items: [
      {
        code: 'MESH_HANDLER_MISSING',
        severity: 'error',
        message: String,
        mend: String,
        file: /bad\/mesh\.yaml$/,
        line: Number,
        column: Number,
        endLine: Number,
        endColumn: Number,
      },
    ],
  })
  t.match(await cli(['validate', join(folder, 'none')]), { code: 3, err: /MESH_FILE_MISSING/ })
})

t.test(
  'validate waits for no pipe and reads nothing huge, to show the fault of either',
  async t => {
    const folder = t.testdir({ 'huge.mesh.yaml': `a: ${'x'.repeat(3_000_000)}` })
    const pipe = join(folder, 'pipe.mesh.yaml')
    execFileSync('mkfifo', [pipe])
    const run = await cli(['validate', pipe, join(folder, 'huge.mesh.yaml')])
    t.equal(run.code, 3)
    t.match(run.err, /pipe\.mesh\.yaml:1:1: error MESH_FILE_MISSING: .* is no file/)
    t.match(run.err, /huge\.mesh\.yaml:1:1: error MESH_MANIFEST_TOO_LARGE/)
  },
)
