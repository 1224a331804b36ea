// What every command prints, into a pipe and on a terminal, held by snapshots: no process, a registry that is a plain HTTP server.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { commands, loadAll } from '../../../../core/cli/commands.ts'
import { cli } from '../../../support/cli.ts'
import { agentFiles } from '../../../support/mesh.ts'

/** Not yet: ages are 0 ms, whenever the test runs. */
const since = '2999-01-01T00:00:00.000Z'
const instance = (id: string, more: object = {}) => ({
  ...{ id, endpoint: `http://127.0.0.1:1/${id}`, state: 'ready', observedGeneration: 1 },
  ...{ pid: 7, host: 'here', since, ...more },
})
const endpoint = {
  ...{
    instance: 'clock-1',
    agent: 'clock',
    namespace: 'default',
    url: 'http://127.0.0.1:1/clock-1',
  },
  ...{ tool: 'now', version: '2.0.0', tags: [], score: 5, isRepeatable: true, deduplicates: true },
}
const condition = (type: string, status: string, reason: string, message: string) => {
  return { type, status, reason, message, observedGeneration: 1, lastTransitionTime: since }
}
const resolution = (dependency: string, more: object) => {
  return {
    ...{ tool: 'hello', dependency, required: true, alternative: 0, endpoints: [] },
    ...more,
  }
}
const clockDown = 'shop offers it, but it is draining'
const agents = [
  {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent' },
    metadata: {
      name: 'clock',
      namespace: 'default',
      generation: 1,
      revision: 3,
      origin: 'announced',
    },
    spec: { version: '2.0.0', tools: [{ name: 'now', capability: 'date', tags: ['system'] }] },
    status: {
      ...{ phase: 'Ready', observedGeneration: 1, resolutions: [] },
      conditions: [condition('Ready', 'True', 'Serving', '1 instance is ready')],
      instances: [instance('clock-1')],
    },
  },
  {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent' },
    metadata: {
      ...{ name: 'hello', namespace: 'default', labels: { team: 'docs' } },
      ...{ generation: 2, revision: 9, origin: 'applied' },
    },
    spec: {
      version: '1.2.0',
      description: 'Greets people.',
      tools: [
        {
          ...{ name: 'hello', capability: 'greeting' },
          dependencies: { date: { capability: 'date' }, stock: { capability: 'stock' } },
        },
      ],
    },
    status: {
      ...{ phase: 'Degraded', observedGeneration: 1 },
      conditions: [
        condition('Ready', 'False', 'DependencyMissing', `hello/stock: ${clockDown}`),
        condition('Drifted', 'False', 'Following', 'it follows'),
      ],
      instances: [instance('hello-1'), instance('hello-2', { state: 'draining' })],
      resolutions: [
        resolution('date', { capability: 'date', endpoints: [endpoint] }),
        resolution('stock', { capability: 'stock', alternative: -1, reason: clockDown }),
      ],
    },
  },
]
const graph = {
  revision: 9,
  nodes: [
    {
      ...{
        kind: 'agent',
        id: 'default/clock',
        namespace: 'default',
        agent: 'clock',
        phase: 'Ready',
      },
      instances: [instance('clock-1')],
    },
    {
      ...{
        kind: 'tool',
        id: 'default/clock/now',
        namespace: 'default',
        agent: 'clock',
        tool: 'now',
      },
      ...{ capability: 'date', version: '2.0.0', tags: ['system'] },
    },
    {
      ...{
        kind: 'agent',
        id: 'default/hello',
        namespace: 'default',
        agent: 'hello',
        phase: 'Degraded',
      },
      instances: [instance('hello-1'), instance('hello-2', { state: 'draining' })],
    },
    {
      ...{ kind: 'tool', id: 'default/hello/hello', namespace: 'default', agent: 'hello' },
      ...{ tool: 'hello', capability: 'greeting', version: '1.2.0', tags: [], broken: clockDown },
    },
  ],
  edges: [
    {
      ...{ from: 'default/hello/hello', dependency: 'date', capability: 'date', required: true },
      ...{ state: 'resolved', to: 'default/clock/now', endpoints: [endpoint] },
    },
    {
      ...{ from: 'default/hello/hello', dependency: 'stock', capability: 'stock', required: true },
      ...{ state: 'unresolved', endpoints: [], reason: clockDown },
    },
    {
      ...{ from: 'default/hello/hello', dependency: 'poet', capability: 'poem', required: false },
      ...{ state: 'unresolved', endpoints: [], reason: 'nobody offers it' },
    },
  ],
}
const event = {
  ...{ revision: 9, at: since, type: 'Applied', namespace: 'default', agent: 'hello' },
  message: 'generation 2',
}
const revisions = [1, 2].map(generation => ({
  ...{ generation, revision: generation, digest: 'x', origin: 'applied', at: since },
  manifest: { ...agents[1], status: undefined },
}))

const missing = [404, { code: 'MESH_RESOURCE_MISSING', detail: 'not there', mend: 'look' }] as const

function answer(request: IncomingMessage): readonly [number, object] {
  const [path = ''] = (request.url ?? '').split('?')
  const name = /\/agents\/([^/]+)/.exec(path)?.[1]
  const known = agents.find(({ metadata }) => metadata.name === name)
  if (path === '/metrics') return [200, {}]
  if (path.endsWith('/revisions')) return [200, { items: revisions }]
  if (path.endsWith('/rollback'))
    return [200, { generation: 3, revision: 10, result: 'configured' }]
  if (path === '/v1/graph') return [200, graph]
  if (path === '/v1/events') return [200, { items: [event], next: '1', missed: false }]
  if (path === '/v1/resolve') {
    const isDate = request.url?.includes('capability=date')
    return [200, { endpoints: isDate ? [endpoint] : [], excluded: [] }]
  }
  if (path.endsWith('/drain')) return [204, {}]
  if (request.method === 'PUT') {
    return [200, { generation: 3, revision: 10, result: 'configured' }]
  }
  if (name === undefined) return [200, { items: agents, revision: 9 }]
  if (!known) return missing
  return request.method === 'DELETE' ? [204, {}] : [200, known]
}

async function world(t: Test) {
  const server = createServer((request, response) => {
    request.resume()
    const [status, value] = answer(request)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 204 ? undefined : JSON.stringify(value))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  const cwd = t.testdir({ agents: { echo: agentFiles('echo') } })
  const home = join(cwd, 'home')
  mkdirSync(join(home, 'logs'), { recursive: true })
  const line = { level: 30, time: '2026-01-02T03:04:05.006Z', msg: 'ready', pid: 1 }
  writeFileSync(join(home, 'logs', 'default.hello.log'), `${JSON.stringify(line)}\n`)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { env: { MESH_REGISTRY_URL: url, MESH_HOME: home }, cwd, url }
}

/** Every command with a line that shows what it prints; those that run on need a process and are tried in test/acceptance. */
const lines: Record<string, string[][]> = {
  start: [['start']],
  stop: [['stop']],
  logs: [['logs'], ['logs', 'hel'], ['logs', '--since', '2030-01-01']],
  list: [
    ['list'],
    ['list', '-o', 'wide'],
    ['list', '--phase', 'Offline'],
    ['list', '--sort', 'phase'],
  ],
  status: [['status']],
  get: [
    ['get', 'edges'],
    ['get', 'instances'],
    ['get', 'capabilities'],
    ['get', 'agent', 'cl'],
  ],
  describe: [['describe', 'agent/hello']],
  why: [['why', 'hello']],
  graph: [['graph'], ['graph', '-o', 'dot'], ['graph', '-o', 'mermaid']],
  top: [['top', '--interval', '1ms']],
  events: [['events', 'hello']],
  gateway: [['gateway'], ['gateway', '--stdio', 'nowhere']],
  login: [
    ['login', 'no-url'],
    ['login', 'https://mcp.example.com/mcp', '--issuer', 'https://auth.example.com'],
  ],
  logout: [['logout', 'https://mcp.example.com/mcp']],
  call: [['call', 'nothing']],
  init: [['init', 'new-agent', '--template', 'javascript']],
  types: [['types', 'agents', '--check']],
  validate: [['validate', 'agents']],
  lock: [['lock', 'agents', '--check']],
  diff: [['diff', '-f', 'agents']],
  plan: [['plan', '-f', 'agents']],
  apply: [['apply', '-f', 'agents', '--dry-run']],
  delete: [['delete', 'agent', 'hello']],
  rollout: [['rollout', 'history', 'hello']],
  wait: [['wait', 'agent/clock']],
  drain: [['drain', 'clock-1']],
  registry: [['registry', '--port', 'x']],
  config: [
    ['config', 'get-contexts'],
    ['config', 'current-context'],
  ],
  explain: [
    ['explain', 'MESH_PORT_TAKEN'],
    ['explain', 'agent.spec.http'],
    ['explain', 'agent.spec.tols'],
  ],
  completion: [['completion', 'bash']],
  version: [['version']],
}

t.test('every command has a line here', async t => {
  const names = (await loadAll(commands)).map(({ name }) => name)
  t.strictSame(
    names.filter(name => lines[name] === undefined),
    [],
  )
})

for (const place of ['pipe', 'terminal'] as const) {
  t.test(`what each command prints, on a ${place}`, async t => {
    const { env, cwd, url } = await world(t)
    const before = process.cwd()
    process.chdir(cwd)
    t.teardown(() => process.chdir(before))
    const clean = (text: string) =>
      text
        .replaceAll(url, 'http://REGISTRY')
        .replaceAll(cwd, 'FOLDER')
        .replaceAll(String(process.pid), 'PID')
        .replace(/meshctl \d+\.\d+\.\d+/g, 'meshctl VERSION')
    for (const args of Object.values(lines).flat()) {
      const run = await cli(args, { env, cwd, isTerminal: place === 'terminal' })
      const shown = place === 'terminal' ? { said: run.said } : {}
      const parts = { code: run.code, out: run.out, err: run.err, ...shown }
      const text = Object.entries(parts).map(([key, value]) => `${key}: ${clean(String(value))}`)
      t.matchSnapshot(text.join('\n'), `meshctl ${args.join(' ')}`)
      if (place === 'pipe') t.notMatch(run.out + run.err, /\u001b/, 'no colours in a pipe')
      t.notMatch(run.out + run.err, /\n +at /, 'no stack')
    }
  })
}
