// `meshctl start`, `stop`, `status` and `logs` over fake bins: the supervisor's own behaviour, quickly. What the real agents
// do under it is in test/acceptance.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openHome, socketPath } from '../../../../core/cli/local/home.ts'
import { identify } from '../../../../core/cli/local/identity.ts'
import { openLog, rotate } from '../../../../core/cli/local/log-file.ts'
import { registryRecords } from '../../../../core/cli/local/registry-hold.ts'
import { startRecords, type StartRecord } from '../../../../core/cli/local/start-records.ts'
import { cli, startCli, type CliRun } from '../../../support/cli.ts'
import { agentFiles, freePort, isRunning, until } from '../../../support/mesh.ts'

interface Place {
  env: Record<string, string>
  folder: string
}

async function place(
  t: Test,
  agents: Record<string, string> = { one: '', two: '' },
): Promise<Place> {
  const files = Object.entries(agents).map(([name, how]) => {
    const written = agentFiles(name)
    return [name, { ...written, 'mesh.yaml': `# fake: ${how || 'sound'}\n${written['mesh.yaml']}` }]
  })
  const folder = t.testdir({
    home: {},
    agents: Object.fromEntries(files) as Record<string, Record<string, string>>,
  })
  const env = {
    ...(process.env as Record<string, string>),
    MESH_HOME: join(folder, 'home'),
    MESH_REGISTRY_URL: `http://127.0.0.1:${await freePort()}`,
  }
  t.teardown(() => cli(['stop'], { env }))
  return { env, folder: join(folder, 'agents') }
}

const ready = (run: CliRun) =>
  until(() => run.out.find(line => line.startsWith('mesh is ready')), { what: 'mesh is ready' })

const recordOf = ({ env }: Place): StartRecord => {
  const [record] = startRecords(openHome(env)).live
  if (!record) throw new Error('no start is written down')
  return record
}
const pidOf = (at: Place, name: string) =>
  recordOf(at).agents.find(agent => agent.name === name)?.process?.pid ?? 0

t.test('start runs a registry and every agent, and drains all at the first signal', async t => {
  const at = await place(t)
  const run = startCli(['start', at.folder], { env: at.env })
  t.equal(await ready(run), `mesh is ready: 2 agents, registry ${at.env.MESH_REGISTRY_URL}`)
  t.match(run.out, [/^registry ready at/])
  t.ok(
    run.out.some(line => /^one +\| [\d:.]+ info +serving$/.test(line)),
    'logs carry the name',
  )
  const { agents } = recordOf(at)
  t.match(agents.map(({ name }) => name).sort(), ['one', 'two'])
  const status = JSON.parse((await cli(['status', '-o', 'json'], { env: at.env })).out) as {
    processes: { kind: string; pid: number }[]
  }
  const pids = status.processes.filter(({ kind }) => kind !== 'start').map(({ pid }) => pid)
  t.equal(pids.length, 3)
  t.ok(pids.every(isRunning))
  run.stop()
  t.equal(await run.code, 0)
  t.notOk(pids.some(isRunning), 'also the registry is gone when start returns')
  t.strictSame(readdirSync(join(at.env.MESH_HOME!, 'run')), [], 'nothing is left written down')
  const logs = await cli(['logs'], { env: at.env })
  t.match(logs.out, /one \| .*drained/)
  t.match((await cli(['logs', 'one', '--tail', '1'], { env: at.env })).out, /^one \| .*drained$/)
  t.match(await cli(['logs', 'oen'], { env: at.env }), { code: 4, err: /did you mean "one"\?/ })
})

t.test(
  'an agent that does not start is named with its error, and the others are stopped',
  async t => {
    const cases: [string, number, RegExp, RegExp][] = [
      ['fails', 1, /^error MESH_HANDLER_FAILED: agent "bad": it threw "boom"/, /mend: mend it/],
      [
        'crashes',
        1,
        /^error MESH_PROCESS_FAILED: agent "bad" ended with code 7 before it was ready/,
        /Segmentation/,
      ],
    ]
    for (const [how, code, found, more] of cases) {
      const at = await place(t, { good: '', bad: how })
      const run = await cli(['start', at.folder], { env: at.env })
      t.equal(run.code, code)
      t.match(run.err, found)
      t.match(run.err, more)
      t.strictSame(readdirSync(join(at.env.MESH_HOME!, 'run')), [])
    }
  },
)

t.test('faults of manifests are shown before anything is started', async t => {
  const at = await place(t, { one: '' })
  writeFileSync(join(at.folder, 'one/handler.ts'), 'export const other = 1\n')
  const run = await cli(['start', at.folder], { env: at.env })
  t.equal(run.code, 3)
  t.match(run.err, /mesh\.yaml:\d+:\d+: error MESH_HANDLER_EXPORT/)
  t.match(run.err, /error MESH_MANIFEST_INVALID: 1 error in the manifests: nothing was done/)
  t.notOk(existsSync(join(at.env.MESH_HOME!, 'run')))
})

t.test('a port with something else behind it is no registry', async t => {
  const at = await place(t, { one: '' })
  const server = createServer((_, response) => response.end('<html>'))
  const port = Number(new URL(at.env.MESH_REGISTRY_URL!).port)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const run = await cli(['start', at.folder], { env: at.env })
  t.equal(run.code, 1)
  t.match(run.err, `MESH_PORT_TAKEN: port ${port} is taken`)
})

t.test('stop takes the agents named and leaves the others', async t => {
  const at = await place(t)
  const run = startCli(['start', at.folder], { env: at.env })
  await ready(run)
  const two = pidOf(at, 'two')
  t.match(await cli(['stop', 'tow'], { env: at.env }), { code: 4, err: /did you mean "two"\?/ })
  t.match(await cli(['stop', 'one', '-n', 'other'], { env: at.env }), { code: 4 })
  t.strictSame((await cli(['stop', 'one'], { env: at.env })).out, 'agent/one stopped')
  t.ok(isRunning(two))
  t.equal(pidOf(at, 'one'), 0)
  run.stop()
  t.equal(await run.code, 0)
  t.notOk(isRunning(two))
  t.match(await cli(['stop'], { env: at.env }), { code: 0, out: 'nothing is running' })
})

t.test(
  'with --auto-restart an agent that was killed comes back, without it the rest goes on',
  async t => {
    const at = await place(t)
    const run = startCli(['start', at.folder, '--auto-restart'], { env: at.env })
    await ready(run)
    for (let round = 0; round < 2; round++) {
      const old = pidOf(at, 'one')
      process.kill(old, 'SIGKILL')
      await until(() => ![0, old].includes(pidOf(at, 'one')), { what: 'another process' })
    }
    t.ok(run.out.includes('one ended by SIGKILL'))
    t.ok(run.out.some(line => line.startsWith('one restarted, ready at')))
    run.stop()
    t.equal(await run.code, 0)

    const plain = startCli(['start', at.folder], { env: at.env })
    await ready(plain)
    const two = pidOf(at, 'two')
    process.kill(pidOf(at, 'one'), 'SIGKILL')
    await until(() => pidOf(at, 'one') === 0)
    t.ok(isRunning(two))
    process.kill(two, 'SIGKILL')
    t.equal(
      await plain.code,
      1,
      'with the last agent the start ends, and says that it was no success',
    )
  },
)

t.test('--auto-restart brings back the registry that it started', async t => {
  const at = await place(t, { one: '' })
  const run = startCli(['start', at.folder, '--auto-restart'], { env: at.env })
  await ready(run)
  const [first] = registryRecords(openHome(at.env))
  process.kill(first!.pid, 'SIGKILL')
  await until(() => run.out.some(line => line.startsWith('registry ready again')))
  run.stop()
  t.equal(await run.code, 0)
})

t.test('an agent that ignores SIGTERM is ended at once by a second signal', async t => {
  const at = await place(t, { one: 'stubborn' })
  const run = startCli(['start', at.folder], { env: at.env })
  await ready(run)
  const pid = pidOf(at, 'one')
  run.stop()
  run.stop()
  t.equal(await run.code, 1)
  t.notOk(isRunning(pid))
})

t.test('what an agent has started ends with it, and does not hold up the stop', async t => {
  const at = await place(t, { one: 'parent' })
  for (const end of ['stop', 'SIGKILL'] as const) {
    const run = startCli(['start', at.folder], { env: at.env })
    await ready(run)
    const child = Number(/child (\d+)/.exec(run.out.join('\n'))?.[1])
    t.ok(isRunning(child))
    const started = performance.now()
    if (end === 'stop') run.stop()
    else process.kill(pidOf(at, 'one'), 'SIGKILL')
    t.equal(await run.code, end === 'stop' ? 0 : 1)
    t.ok(performance.now() - started < 8_000, 'in time')
    t.notOk(isRunning(child), end)
  }
})

t.test('--registry-only holds a registry until it is stopped', async t => {
  const at = await place(t)
  const run = startCli(['start', '--registry-only'], { env: at.env })
  await ready(run)
  t.match(await cli(['list', '-o', 'json'], { env: at.env }), { code: 0 })
  t.match(await cli(['list'], { env: at.env }), { code: 0, out: '', said: /no agents/ })
  run.stop()
  t.equal(await run.code, 0)
  t.equal((await cli(['list'], { env: at.env })).code, 5)
})

t.test('a pid that was used again is not taken for the process that was written down', async t => {
  const at = await place(t)
  const home = openHome(at.env)
  const self = identify(process.pid)!
  const stranger = { ...self, startTime: `${self.startTime}0` }
  const agent = { namespace: 'default', name: 'one', manifest: 'x', process: stranger }
  const stale = {
    ...stranger,
    socket: join(home.run, 'none.sock'),
    registryUrls: [],
    since: '',
    agents: [agent],
  }
  writeFileSync(join(home.run, `start-${self.pid}.json`), JSON.stringify(stale))
  t.match(await cli(['stop'], { env: at.env }), { code: 0, out: 'nothing is running' })
  t.strictSame(readdirSync(home.run), [], 'and what was written is cleaned away')
})

t.test('a MESH_HOME that cannot be a folder is said so, with the mend', async t => {
  const file = join(t.testdir({ taken: 'a file' }), 'taken')
  const { code, err } = await cli(['status'], { env: { MESH_HOME: file } })
  t.equal(code, 1)
  t.match(
    err,
    /error MESH_HOME_INVALID: the state of local processes cannot be kept in .*taken: ENOTDIR/,
  )
  t.match(err, /mend: set MESH_HOME to a folder of your own/)
})

t.test('sockets of a long MESH_HOME go where their path fits', async t => {
  const long = join(t.testdir(), 'x'.repeat(120))
  const path = socketPath(openHome({ MESH_HOME: long }), 'start-1.sock')
  t.ok(Buffer.byteLength(path) <= 100)
  t.not(path, socketPath(openHome({ MESH_HOME: `${long}y` }), 'start-1.sock'))
})

t.test('a log that grew large is moved aside at the next start', async t => {
  const file = join(t.testdir({ 'a.log': 'x'.repeat(200) }), 'a.log')
  t.equal(rotate(file, 1_000), file)
  t.notOk(existsSync(`${file}.1`))
  rotate(file, 100)
  t.ok(existsSync(`${file}.1`))
  const log = openLog(file)
  log.write('new')
  await log.close()
  t.equal(readFileSync(file, 'utf8'), 'new\n')
})

t.test('what is no record under MESH_HOME/run is left alone, whatever it says', async t => {
  const at = await place(t, { one: '' })
  const { run: folder } = openHome(at.env)
  const precious = join(at.folder, 'precious')
  writeFileSync(precious, '')
  const dead = { pid: 4194305, startTime: '1', agents: [], registryUrls: [], url: 'http://x' }
  const garbage: Record<string, string> = {
    'start-1.json': 'null',
    'start-2.json': '{}',
    'start-3.json': '\u0000\u0001',
    'registry-4.json': '[]',
    'registry-5.json': '{"pid":"x"}',
    'start-4194305.json': JSON.stringify({ ...dead, socket: precious }),
    'registry-4194305.json': JSON.stringify({ ...dead, socket: precious }),
    'start-6.json': JSON.stringify({ ...dead, socket: join(folder, 'a'), agents: [null] }),
  }
  for (const [name, text] of Object.entries(garbage)) writeFileSync(join(folder, name), text)
  t.match(await cli(['status'], { env: at.env }), { code: 5 })
  t.match(await cli(['stop'], { env: at.env }), { code: 0, out: 'nothing is running' })
  const run = startCli(['start', at.folder], { env: at.env })
  await ready(run)
  run.stop()
  t.equal(await run.code, 0)
  t.ok(existsSync(precious), 'no file is removed because a record names it')
})

t.test('a registry that could not be reached there is not started', async t => {
  const at = await place(t, { one: '' })
  for (const [found, said] of [
    ['https://', /^no registry answers at https:/],
    ['/base', /^no registry answers at http.*\/base/],
  ] as const) {
    const plain = at.env.MESH_REGISTRY_URL!
    const url = found === '/base' ? `${plain}/base` : plain.replace('http://', found)
    const run = startCli(['start', at.folder], { env: { ...at.env, MESH_REGISTRY_URL: url } })
    await ready(run)
    t.ok(run.out.some(line => said.test(line)))
    t.strictSame(registryRecords(openHome(at.env)), [])
    run.stop()
    t.equal(await run.code, 0)
  }
})
