// Scenario 12, while a start runs: reloads, restarts after SIGKILL, deletion, calls under way at Ctrl-C.
import { readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import t from 'tap'
import { stringify } from 'yaml'
import { agentFiles, createMesh, freePort, isRunning, until, type Mesh } from '../support/mesh.ts'

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

t.test('--watch-files takes up what is good and keeps what runs where it is broken', async t => {
  const mesh = await createMesh(t)
  const port = await freePort()
  const files = (answer: string) =>
    agentFiles('live', { handler: `return '${answer}'`, spec: `http: { port: ${port} }` })
  const folder = mesh.write('live', files('first'))
  const run = mesh.spawn(['start', folder, '--watch-files'])
  await run.sees(ready)
  const answer = async () => (await mesh.meshctl(['call', 'live'])).stdout.trim()
  t.equal(await answer(), 'first')

  writeFileSync(join(folder, 'handler.ts'), files('second')['handler.ts']!)
  t.ok(await until(async () => (await answer()) === 'second'), 'a handler is reloaded')

  const pid = await pidOf(mesh, 'live')
  writeFileSync(join(folder, 'handler.ts'), 'export async function run( { nothing')
  await run.sees(/live goes on as it was/)
  t.match(run.stderr(), /error MESH_HANDLER_INVALID/)
  t.equal(await answer(), 'second')
  t.equal(await pidOf(mesh, 'live'), pid)

  const throwing = `${files('x')['handler.ts']!}\nthrow new Error('no database here')`
  writeFileSync(join(folder, 'handler.ts'), throwing)
  await run.sees(/live goes on as it was: MESH_HANDLER_FAILED: .*no database here/)
  t.equal(await answer(), 'second')
  t.equal(await pidOf(mesh, 'live'), pid)

  writeFileSync(join(folder, 'handler.ts'), files('third')['handler.ts']!)
  t.ok(await until(async () => (await answer()) === 'third'), 'mended, it is taken up')

  const manifest = readFileSync(join(folder, 'mesh.yaml'), 'utf8')
  writeFileSync(join(folder, 'mesh.yaml'), manifest.replace('1.0.0', '1.1.0'))
  const version = async () => (await mesh.agents())[0]?.spec.version
  t.ok(await until(async () => (await version()) === '1.1.0'), 'a changed manifest is no conflict')
  t.ok(await until(async () => (await answer()) === 'third'))
  t.equal((await mesh.agents())[0]?.status.instances.length, 1)
  t.equal((await run.stop()).code, 0)
  t.strictSame(mesh.processes(), [])
})

t.test('clients of a gateway are told when a reload changes the list', async t => {
  const mesh = await createMesh(t)
  const folder = mesh.write('live', agentFiles('live'))
  const front = mesh.write('front', {
    'mesh.yaml': `{ apiVersion: mcp-mesh.dev/v1, kind: Gateway, metadata: { name: front }, spec: { version: 1.0.0 } }\n`,
  })
  const run = mesh.spawn(['start', folder, front, '--watch-files'])
  await run.sees(ready)
  const gateway = (await mesh.agents()).find(({ kind }) => kind === 'Gateway')
  const url = new URL(gateway?.status.instances[0]?.endpoint ?? '')
  const self = { name: 'test', version: '1.0.0' }
  const told = new Set<string>()
  const old = new OldClient(self)
  old.setNotificationHandler(ToolListChangedNotificationSchema, () => void told.add('v1'))
  await old.connect(new OldHttp(url))
  const client = new Client(self, { versionNegotiation: { mode: 'auto' } })
  client.setNotificationHandler('notifications/tools/list_changed', () => void told.add('v2'))
  await client.connect(new StreamableHTTPClientTransport(url))
  await client.listen({ toolsListChanged: true })
  const manifest = readFileSync(join(folder, 'mesh.yaml'), 'utf8')
  const another = manifest.replace('- name: live', '- name: live\n      title: Another')
  writeFileSync(join(folder, 'mesh.yaml'), another)
  const title = async () => (await old.listTools()).tools[0]?.title
  t.ok(await until(async () => (await title()) === 'Another'), 'the list is another')
  t.ok(await until(() => told.size === 2), 'both are told')
  await Promise.all([old.close(), client.close()])
  t.equal((await run.stop()).code, 0)
})

t.test('--watch-files tries a wrapped server before it replaces the one that serves', async t => {
  const mesh = await createMesh(t)
  const seen = join(mesh.folder, 'pids')
  const text = (changes: { command?: string; tool?: string } = {}) =>
    stringify({
      ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'odd' } },
      spec: {
        version: '1.0.0',
        server: {
          command: [process.execPath, changes.command ?? resolve('test/support/odd-server.mjs')],
          env: { PIDS: seen },
        },
        tools: [{ name: 'echo' }, ...(changes.tool === undefined ? [] : [{ name: changes.tool }])],
      },
    })
  const folder = mesh.write('odd', { 'mesh.yaml': text(), 'ends.mjs': 'process.exit(7)\n' })
  const manifest = join(folder, 'mesh.yaml')
  const run = mesh.spawn(['start', folder, '--watch-files'])
  await run.sees(ready)
  const answers = async () =>
    t.match(await mesh.meshctl(['call', 'odd:echo', '{"a":1}']), { code: 0, stdout: /"a": ?1/ })
  await answers()
  const pid = await pidOf(mesh, 'odd')

  writeFileSync(manifest, text({ command: join(folder, 'ends.mjs') }))
  await run.sees(/odd goes on as it was: MESH_SERVER_UNAVAILABLE: .*it ended with exit code 7/)
  writeFileSync(manifest, text({ tool: 'ecko' }))
  await run.sees(/odd goes on as it was: MESH_SERVER_UNAVAILABLE: .*"ecko"/)
  t.equal(await pidOf(mesh, 'odd'), pid)
  await answers()

  writeFileSync(manifest, text({ tool: 'strict' }))
  await run.sees(/odd changed: restarting it[^]*odd ready at/)
  await answers()
  t.not(await pidOf(mesh, 'odd'), pid)
  t.equal((await run.stop()).code, 0)
  const left = readFileSync(seen, 'utf8').trim().split('\n').map(Number).filter(isRunning)
  t.strictSame(left, [], 'no server that was tried is left')
})

t.test('--auto-restart brings back an agent and the registry after SIGKILL', async t => {
  const mesh = await createMesh(t)
  const run = mesh.spawn(['start', mesh.write('a', agentFiles('a')), '--auto-restart'])
  await run.sees(ready)
  const old = await pidOf(mesh, 'a')
  process.kill(old, 'SIGKILL')
  await run.sees(/a ended by SIGKILL[^]*a restarted, ready at/)
  t.match(await mesh.meshctl(['call', 'a', '{"x":1}']), { code: 0 })
  process.kill(await pidOf(mesh, 'registry'), 'SIGKILL')
  await run.sees(/registry ready again/)
  await until(async () => (await mesh.agents()).length === 1, {
    what: 'the agent in the new registry',
  })
  t.equal((await run.stop()).code, 0)
  t.notOk(isRunning(old))
  t.strictSame(mesh.processes(), [])
})

t.test('an agent that is deleted ends, and with the last one the start', async t => {
  const mesh = await createMesh(t)
  const run = mesh.spawn(['start', mesh.write('a', agentFiles('a'))])
  await run.sees(ready)
  t.match(await mesh.meshctl(['delete', 'agent', 'a']), { code: 0, stdout: 'agent/a deleted\n' })
  t.equal((await run.ended).code, 0)
  await nothingLeft(mesh)
})

t.test('a call that runs is finished before Ctrl-C or stop ends the agent', async t => {
  const mesh = await createMesh(t)
  const handler = `ctx.log.info('began'); await new Promise(resolve => setTimeout(resolve, 500)); return 'done'`
  const folder = mesh.write('slow', agentFiles('slow', { handler }))
  for (const how of ['SIGINT', ['stop'], ['stop', 'slow']] as const) {
    const run = mesh.spawn(['start', folder])
    await run.sees(ready)
    const call = mesh.spawn(['call', 'slow'])
    await run.sees(/slow +\| .*began/)
    const ended = typeof how === 'string' ? run.stop(how) : mesh.meshctl(how)
    const [{ code }, answer] = await Promise.all([ended, call.ended])
    t.equal(code, 0)
    t.match(answer, { code: 0, stdout: 'done\n' }, String(how))
    t.equal((await run.ended).code, 0)
  }
})

t.test('--watch-files sees a file that is replaced, in a folder that is a link', async t => {
  const mesh = await createMesh(t)
  const files = (answer: string) => agentFiles('live', { handler: `return '${answer}'` })
  const folder = mesh.write('live', files('first'))
  const link = `${folder}-link`
  symlinkSync(folder, link)
  const run = mesh.spawn(['start', link, '--watch-files'])
  await run.sees(ready)
  writeFileSync(join(folder, '.handler.ts.swp'), files('second')['handler.ts']!)
  renameSync(join(folder, '.handler.ts.swp'), join(folder, 'handler.ts'))
  await run.sees(/live changed: restarting it[^]*live ready at/)
  t.equal((await mesh.meshctl(['call', 'live'])).stdout, 'second\n')
  t.equal((await run.stop()).code, 0)
})
