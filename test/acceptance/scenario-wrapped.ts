/**
 * Foreign servers in a mesh of real processes: examples/wrapped-server as its README tells it; a wrapped server that is
 * killed, of two; and what is left when the agent itself is killed.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { callRaw, callText } from '../support/call.ts'
import { agentFiles, createMesh, isRunning, until, type Mesh } from '../support/mesh.ts'

const odd = resolve('test/support/odd-server.mjs')

const wrapping = (name: string, env: Record<string, string>, more: object = {}) => ({
  'mesh.yaml': stringify({
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name } },
    spec: {
      version: '1.0.0',
      server: { command: [process.execPath, odd], env },
      tools: [
        { name: 'echo', annotations: { readOnlyHint: true } },
        { name: 'strict' },
        { name: 'slow' },
        { name: 'refuse' },
      ],
      ...more,
    },
  }),
})

const consumer = (handler: string) => ({
  ...agentFiles('consumer', {
    handler,
    toolSpec: ['echo', 'strict', 'slow', 'refuse']
      .map(name => `${name}: { capability: ${name}, timeout: 1s, deadline: 5s }`)
      .reduce((text, line) => `${text}\n  ${line}`, 'dependencies:'),
  }),
})

const pidsIn = (file: string) => readFileSync(file, 'utf8').trim().split('\n').map(Number)

async function instancesOf(mesh: Mesh, name: string) {
  const agents = await mesh.agents()
  return agents.find(agent => agent.metadata.name === name)?.status.instances ?? []
}

t.test('the example works as its README says', async t => {
  const mesh = await createMesh(t)
  const env = { MEMORY_FILE_PATH: join(mesh.folder, 'memory.json') }
  const running = mesh.spawn(['start', 'examples/wrapped-server'], { cwd: process.cwd(), env })
  const ctl = (...args: string[]) => mesh.meshctl(args, { cwd: process.cwd() })
  await until(async () => (await instancesOf(mesh, 'memory'))[0]?.state === 'ready', {
    timeoutMs: 60_000,
    what: `memory, of ${running.stderr()}`,
  })
  await until(async () => (await instancesOf(mesh, 'librarian'))[0]?.state === 'ready')
  t.match((await ctl('get', 'capabilities')).stdout, /remember +1\.0\.0[^]*recall +2\.1\.0/)
  const noted = await ctl('call', 'note', '{ "subject": "mesh", "text": "wraps any server" }')
  t.strictSame(JSON.parse(noted.stdout), ['wraps any server'], noted.stderr)
  const graph = await ctl('call', 'memory:read_graph')
  t.match(JSON.parse(graph.stdout), { entities: [{ name: 'mesh' }] }, graph.stderr)
  await running.stop('SIGINT')
  t.ok(await until(() => mesh.processes().length === 0), 'nothing is left')
})

t.test('values, errors and times pass through a foreign server; nothing is injected', async t => {
  const mesh = await createMesh(t)
  const seen = join(mesh.folder, 'seen')
  await mesh.registry()
  await mesh.agent(wrapping('foreign', { SEEN: seen }))
  const { endpoint } = await mesh.agent(
    consumer(`
const { tool, ...rest } = args
try { return { value: await deps[tool](rest.args) } } catch (error) { return { code: error.code, message: error.message } }`),
  )
  const ask = async (tool: string, args: object) =>
    (await callRaw(endpoint, 'consumer', { tool, args })).structuredContent
  for (const args of [{}, { a: [] }, { a: { b: '', c: null } }, { a: 'ü'.repeat(50_000) }]) {
    t.strictSame(await ask('echo', args), { value: args })
    t.strictSame(await ask('strict', args), { value: 'taken' })
  }
  t.match(await ask('strict', { b: 1 }), { code: 'MESH_TOOL_FAILED', message: /not taken: b/ })
  t.match(await ask('refuse', {}), { code: 'MESH_CALL_REFUSED', message: /not today/ })
  t.match(await ask('slow', {}), { code: 'MESH_TIMEOUT_ELAPSED' })
  await until(() => readFileSync(seen, 'utf8').includes('notifications/cancelled'))
  const params = readFileSync(seen, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { method: string; params: object })
    .filter(({ method }) => method === 'tools/call')
    .map(call => Object.keys(call.params).sort().join())
  t.strictSame([...new Set(params)], ['arguments,name'])
})

t.test('a wrapped server of two is killed: no call fails, and it comes back', async t => {
  const mesh = await createMesh(t)
  const folder = join(mesh.folder, 'pids')
  mkdirSync(folder)
  await mesh.registry()
  const files = (name: string) => ({ PIDS: join(folder, name), BROKEN: join(folder, 'broken') })
  await mesh.agent(wrapping('one', files('one')))
  await mesh.agent(wrapping('two', files('two')))
  const { endpoint } = await mesh.agent(consumer('return deps.echo(args)'))
  const instance = async () => (await instancesOf(mesh, 'one'))[0]
  const agentPid = (await instance())?.pid
  let [calls, isOver] = [0, false]
  const failed: string[] = []
  const load = (async () => {
    while (!isOver) {
      await callText(endpoint, 'consumer', { n: ++calls }).catch((error: Error) =>
        failed.push(error.message),
      )
    }
  })()
  await until(() => calls > 50)
  writeFileSync(join(folder, 'broken'), '')
  const [child] = pidsIn(join(folder, 'one'))
  process.kill(child!, 'SIGKILL')
  await until(async () => (await instance())?.state === 'unhealthy')
  t.match((await instance())?.reason, /the wrapped server is away: it ended with/)
  const before = calls
  await until(() => calls > before + 50)
  rmSync(join(folder, 'broken'))
  await until(async () => (await instance())?.state === 'ready', { timeoutMs: 30_000 })
  const after = calls
  await until(() => calls > after + 50)
  isOver = true
  await load
  t.strictSame(failed, [])
  t.equal((await instance())?.pid, agentPid, 'the agent itself went on')
  const pids = pidsIn(join(folder, 'one'))
  t.strictSame(pids.filter(isRunning), [pids.at(-1)])
})

t.test('an agent that gets SIGKILL leaves no server behind, however stubborn', async t => {
  const mesh = await createMesh(t)
  const pids = join(mesh.folder, 'pids')
  await mesh.registry()
  const agent = await mesh.agent(wrapping('stubborn', { PIDS: pids, STUBBORN: '1' }))
  await until(() => pidsIn(pids).length === 2)
  t.equal(pidsIn(pids).filter(isRunning).length, 2)
  await agent.stop('SIGKILL')
  const at = performance.now()
  await until(() => pidsIn(pids).filter(isRunning).length === 0)
  t.comment(`gone after ${Math.round(performance.now() - at)} ms`)
})
