// Scenario 12: start and stop over and over, signals, races, port conflicts, handlers that fail. After each of them no
// process is left over; a process is known by the MESH_HOME in its environment.
import { join } from 'node:path'
import t from 'tap'
import { agentFiles, createMesh, freePort, until, type Mesh } from '../support/mesh.ts'

const ready = /mesh is ready: (\d+) agents?/

async function processesOf(mesh: Mesh): Promise<{ name: string; kind: string; pid: number }[]> {
  const { stdout } = await mesh.meshctl(['status', '-o', 'json'])
  return (JSON.parse(stdout) as { processes: { name: string; kind: string; pid: number }[] })
    .processes
}
const pidOf = async (mesh: Mesh, name: string) =>
  (await processesOf(mesh)).find(row => row.name === name)?.pid ?? 0

const nothingLeft = (mesh: Mesh) =>
  until(() => mesh.processes().length === 0, { what: 'the end of every process' })

t.test('start, list, call and Ctrl-C, five times: each ends with 0 and leaves nothing', async t => {
  const mesh = await createMesh(t)
  const port = await freePort()
  const folder = mesh.write('echo', agentFiles('echo', { spec: `http: { port: ${port} }` }))
  for (let round = 1; round <= 5; round++) {
    const run = mesh.spawn(['start', folder])
    await run.sees(ready)
    const list = await mesh.meshctl(['list', '-o', 'json'])
    t.match(JSON.parse(list.stdout), {
      items: [
        {
          metadata: { name: 'echo' },
          status: {
            phase: 'Ready',
            instances: [{ endpoint: `http://127.0.0.1:${port}/mcp`, state: 'ready' }],
          },
        },
      ],
    })
    t.match(await mesh.meshctl(['call', 'echo', '{"round":1}']), {
      code: 0,
      stdout: '{\n  "round": 1\n}\n',
    })
    const { code, stderr } = await run.stop(round % 2 ? 'SIGINT' : 'SIGTERM')
    t.equal(code, 0, `round ${round}: ${stderr}`)
    t.strictSame(mesh.processes(), [], 'nothing runs when start has returned')
  }
})

t.test('--detach returns when everything serves, and stop when everything is gone', async t => {
  const mesh = await createMesh(t)
  const folder = mesh.write('echo', agentFiles('echo'))
  const started = await mesh.meshctl(['start', folder, '--detach'])
  t.equal(started.code, 0, started.stderr)
  t.match(started.stdout, /echo ready at http[^]*mesh is ready: 1 agent,/)
  t.match(await mesh.meshctl(['call', 'echo', '{"a":1}']), { code: 0 })
  t.match((await mesh.meshctl(['list'])).stdout, /echo +Ready/)
  const again = await mesh.meshctl(['start', folder, '--detach'])
  t.equal(again.code, 0, `the same manifest again is another instance: ${again.stderr}`)
  t.match((await mesh.meshctl(['list'])).stdout, /echo +Ready +1\.0\.0 +2\/2/)
  t.match((await mesh.meshctl(['logs', 'echo', '--tail', '5'])).stdout, /^echo \| /)
  const stopped = await mesh.meshctl(['stop'])
  t.match(stopped, {
    code: 0,
    stdout: /agent\/echo stopped\nagent\/echo stopped\nregistry at .* stopped/,
  })
  t.strictSame(mesh.processes(), [])
  t.match(await mesh.meshctl(['stop']), { code: 0, stdout: 'nothing is running\n' })
})

t.test('--detach passes on what failed, with its exit code, and leaves nothing', async t => {
  const mesh = await createMesh(t)
  const { 'mesh.yaml': manifest } = agentFiles('broken')
  const files = {
    'mesh.yaml': manifest!,
    'handler.ts': 'throw new Error("no database")\nexport const run = 1\n',
  }
  const folder = mesh.write('broken', files)
  for (const flags of [[], ['--detach']]) {
    const { code, stderr } = await mesh.meshctl(['start', folder, ...flags])
    t.equal(code, 1)
    t.match(stderr, /^error MESH_HANDLER_FAILED: .*broken[^]*no database/)
    t.equal(stderr.match(/^error /gm)?.length, 1, 'one clear message')
    t.notMatch(stderr, /\n +at /, 'and no stack')
    t.strictSame(mesh.processes(), [])
  }
})

t.test('a supervisor killed with SIGKILL leaves no orphan', async t => {
  const mesh = await createMesh(t)
  const run = mesh.spawn([
    'start',
    mesh.write('a', agentFiles('a')),
    mesh.write('b', agentFiles('b')),
  ])
  await run.sees(ready)
  t.equal(mesh.processes().length, 4)
  await run.stop('SIGKILL')
  await nothingLeft(mesh)
  t.match(await mesh.meshctl(['stop']), { code: 0, stdout: 'nothing is running\n' })
  const next = mesh.spawn(['start', join(mesh.folder, 'a')])
  await next.sees(ready)
  t.equal((await next.stop()).code, 0, 'and the next start finds everything in order')
})

t.test('starts that race share one registry, which ends with the last of them', async t => {
  const mesh = await createMesh(t)
  const names = ['a', 'b', 'c']
  const runs = names.map(name => mesh.spawn(['start', mesh.write(name, agentFiles(name))]))
  await Promise.all(runs.map(run => run.sees(ready)))
  t.equal(mesh.processes().length, 7, 'three starts, three agents, one registry')
  t.equal((await mesh.agents()).length, 3)
  for (const [i, run] of runs.entries()) {
    t.equal((await run.stop()).code, 0)
    if (i < 2) t.equal((await mesh.agents()).length, 2 - i, 'the registry lives for the others')
  }
  t.strictSame(mesh.processes(), [])
})

t.test('a port that is taken is said once, with who has it', async t => {
  const mesh = await createMesh(t)
  const port = await freePort()
  const one = mesh.write('one', agentFiles('one', { spec: `http: { port: ${port} }` }))
  const two = mesh.write('two', agentFiles('two', { spec: `http: { port: ${port} }` }))
  const run = mesh.spawn(['start', one])
  await run.sees(ready)
  const { code, stderr } = await mesh.meshctl(['start', two])
  t.equal(code, 1)
  t.match(stderr, new RegExp(`error MESH_PORT_TAKEN: .*${port}.*pid ${await pidOf(mesh, 'one')}`))
  t.match(
    (await mesh.agents()).map(({ metadata }) => metadata.name),
    ['one'],
  )
  t.equal((await run.stop()).code, 0)
  t.strictSame(mesh.processes(), [])
})

t.test('two manifests of one name are refused in one start and over two', async t => {
  const mesh = await createMesh(t)
  const one = mesh.write('one', agentFiles('same', { tool: 'one' }))
  const two = mesh.write('two', agentFiles('same', { tool: 'two' }))
  const together = await mesh.meshctl(['start', one, two])
  t.match(together, { code: 3, stderr: /error MESH_AGENT_DUPLICATE/ })
  const run = mesh.spawn(['start', one])
  await run.sees(ready)
  const apart = await mesh.meshctl(['start', two])
  t.match(apart, { code: 1, stderr: /error MESH_AGENT_CONFLICT: .*same/ })
  t.match((await mesh.meshctl(['call', 'one'])).code, 0, 'the first is not disturbed')
  t.equal((await run.stop()).code, 0)
})

t.test(
  'localhost and 127.0.0.1 are one registry, which ends with the last that uses it',
  async t => {
    const mesh = await createMesh(t)
    const one = mesh.write('one', agentFiles('one'))
    const two = mesh.write('two', agentFiles('two'))
    const named = ['--registry-url', mesh.registryUrl.replace('127.0.0.1', 'localhost')]
    t.match(await mesh.meshctl(['start', one, '--detach']), { code: 0 })
    t.match(await mesh.meshctl(['start', two, '--detach', ...named]), { code: 0 })
    t.match(await mesh.meshctl(['stop', 'one']), { code: 0 })
    t.match((await mesh.meshctl(['list'])).stdout, /two +Ready/, 'the second start holds it')
    t.match(await mesh.meshctl(['stop', 'two']), { code: 0 })
    await nothingLeft(mesh)
  },
)
