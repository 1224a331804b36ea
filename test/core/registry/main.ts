/** mesh-registry as a process: what it tells its supervisor, and how it ends. */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createRegistryClient } from '../../../core/client/registry-client.ts'
import { watchInstance } from '../../../core/client/watch.ts'
import { digestOf } from '../../../core/manifest/digest.ts'
import { until } from '../../support/mesh.ts'
import { manifestOf } from '../../support/registry.ts'

const bin = fileURLToPath(new URL('../../../core/registry/bin/mesh-registry.ts', import.meta.url))
const hook = fileURLToPath(new URL('../../../scripts/typescript.mjs', import.meta.url))

interface Message {
  type: 'ready' | 'failed'
  url: string
  pid: number
  error: { code: string; message: string; mend: string }
}

function start(t: Test, args: string[], env: NodeJS.ProcessEnv = {}) {
  const home = t.testdir()
  const child = fork(bin, args, {
    execArgv: ['--import', hook],
    env: { ...process.env, MESH_HOME: home, MESH_TOKEN: '', DATABASE_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let stdout = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  t.teardown(() => child.kill('SIGKILL'))
  const message = once(child, 'message').then(([value]) => value as Message)
  return { child, message, exited: exitOf(child), stdout: () => stdout, home }
}

const exitOf = (child: ChildProcess) => once(child, 'exit').then(([code]) => code as number | null)
const hold = async (path: string): Promise<Socket> => {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}

t.test(
  'SIGTERM: what runs is answered, what is new is refused, and nobody holds it up',
  async t => {
    const { child, message, exited, stdout } = start(t, ['--port', '0'])
    const { url } = await message
    const { port } = new URL(url)
    const open = async (bytes: string) => {
      const socket = connect(Number(port), '127.0.0.1')
      const of = { socket, text: '', isClosed: false }
      socket.on('data', chunk => (of.text += String(chunk)))
      socket.on('error', () => undefined)
      socket.on('close', () => (of.isClosed = true))
      t.teardown(() => socket.destroy())
      await once(socket, 'connect')
      socket.write(bytes)
      return of
    }
    const head = (line: string, ...more: string[]) =>
      [line, 'Host: localhost', ...more, '', ''].join('\r\n')
    const body = JSON.stringify(manifestOf('a'))
    const put = head(
      'PUT /v1/namespaces/default/agents/a HTTP/1.1',
      ...['Content-Type: application/json', `Content-Length: ${body.length}`],
    )
    const get = head('GET /v1/agents HTTP/1.1')
    const running = await open(put + body.slice(0, 40))
    const idle = await open(get)
    const feed = await open(head('GET /v1/events?watch=true HTTP/1.1'))
    const hanging = await open(put)
    const pipelined = await open(put + body.slice(0, 40))
    await until(() => idle.text.endsWith('}') && feed.text.includes('event-stream'), {
      what: 'the registry serves them all',
    })
    const from = performance.now()
    child.kill('SIGTERM')
    await until(() => idle.isClosed && feed.isClosed, { what: 'the end of idle ones and streams' })
    t.ok(performance.now() - from < 1_500)
    await t.rejects(fetch(`${url}/healthz`), 'no new connection')
    running.socket.write(body.slice(40))
    pipelined.socket.write(body.slice(40) + get)
    await until(() => running.isClosed && pipelined.isClosed, {
      what: 'the end of what was answered',
    })
    t.match(running.text, /^HTTP\/1\.1 20[01] .*"generation":1/s)
    t.match(pipelined.text, /^HTTP\/1\.1 20[01] .*"generation":1/s)
    t.notMatch(pipelined.text, /"items"/, 'a request that came after is not taken')
    t.equal(hanging.isClosed, false, 'one that is not there whole has its time')
    t.equal(await exited, 0)
    t.ok(performance.now() - from < 6_000)
    t.notMatch(stdout(), /"level":"(error|warn)"/)
  },
)

t.test('SIGTERM: streams are ended, the log is JSON, exit 0', async t => {
  const { child, message, exited, stdout } = start(t, ['--port', '0'])
  const { type, url, pid } = await message
  t.match({ type, pid }, { type: 'ready', pid: child.pid })
  const client = createRegistryClient({ urls: [url] })
  t.teardown(() => client.close())
  const manifest = manifestOf('a')
  await client.announce({
    ...{ id: 'a-1', namespace: 'default', agent: 'a', digest: digestOf(manifest), manifest },
    ...{
      endpoint: 'http://127.0.0.1:9/mcp',
      pid: 1,
      host: 'h',
      rejoin: false,
      observedGeneration: 0,
    },
  })
  let told = 0
  const signal = new AbortController().signal
  const watching = watchInstance({
    url,
    id: 'a-1',
    signal,
    onEvent: () => child.kill(told++ ? 'SIGKILL' : 'SIGTERM'),
  })
  const from = performance.now()
  t.equal(await exited, 0)
  t.equal(await watching, 'closed')
  t.ok(performance.now() - from < 5_000)
  const lines = stdout()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(lines[0], { level: 'info', msg: 'registry serves', registry: url, time: /^\d{4}-/ })
  t.match(lines.at(-1), { msg: 'registry stopped' })
})

t.test('it ends with its supervisor, also when that was killed', async t => {
  const { child, message, exited } = start(t, ['--port', '0', '--store', 'memory'])
  await message
  child.disconnect()
  t.equal(await exited, 0)
})

t.test(
  'with --hold it ends with its last holder, and neither ctrl-C nor the supervisor ends it',
  async t => {
    const folder = await mkdtemp(join(tmpdir(), 'hold-')) // a socket's path has 107 bytes at most
    t.teardown(() => rm(folder, { recursive: true }))
    const socket = join(folder, 'h.sock')
    const { child, message, exited } = start(t, [
      '--port',
      '0',
      '--store',
      'memory',
      '--hold',
      socket,
    ])
    const { url } = await message
    const holders = [await hold(socket), await hold(socket)]
    child.kill('SIGINT')
    child.disconnect()
    holders[0]!.destroy()
    await new Promise(resolve => setTimeout(resolve, 700)) // longer than it lingers
    const client = createRegistryClient({ urls: [url] })
    t.teardown(() => client.close())
    t.equal(await client.isReachable(), true)
    const coming = hold(socket)
    holders[1]!.destroy()
    const again = await coming
    await new Promise(resolve => setTimeout(resolve, 700))
    t.equal(await client.isReachable(), true, 'somebody came in time')
    again.destroy()
    t.equal(await exited, 0)
    await t.rejects(hold(socket))
  },
)

t.test('a port that is taken: failed, naming by whom', async t => {
  const first = start(t, ['--port', '0', '--store', 'memory'])
  const { port } = new URL((await first.message).url)
  const second = start(t, ['--port', port, '--store', 'memory'])
  const { type, error } = await second.message
  t.match({ type, error }, { type: 'failed', error: { code: 'MESH_PORT_TAKEN', mend: /./ } })
  t.match(error.message, process.platform === 'linux' ? `(pid ${first.child.pid})` : port)
  t.equal(await second.exited, 1)
})

t.test('what cannot be: code and mend to the supervisor, and to stderr without one', async t => {
  for (const [args, env, code, exit] of [
    [['--host', '0.0.0.0'], {}, 'MESH_BIND_UNSAFE', 3],
    [['--port', 'http'], {}, 'MESH_USAGE_INVALID', 2],
    [['--colour'], {}, 'MESH_USAGE_INVALID', 2],
    [[], { DATABASE_URL: 'mysql://h' }, 'MESH_USAGE_INVALID', 2],
    [
      ['--port', '0'],
      { DATABASE_URL: 'postgres://u:s3cret@127.0.0.1:1/db' },
      'MESH_STORE_UNAVAILABLE',
      5,
    ],
  ] as [string[], NodeJS.ProcessEnv, string, number][]) {
    const { message, exited, stdout } = start(t, args, env)
    const { type, error } = await message
    t.match({ type, code: error.code, exit: await exited }, { type: 'failed', code, exit })
    t.notMatch(JSON.stringify(error) + stdout(), /s3cret/)
  }
  const bare = spawn(process.execPath, ['--import', hook, bin, '--port', 'http'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  bare.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  t.equal(await exitOf(bare), 2)
  t.equal(
    stderr,
    'error MESH_USAGE_INVALID: "http" is no port\nmend: write a number from 0 to 65535\n',
  )
})
