/**
 * The store over sentinels and over a cluster, on real servers: sessions go on when the one that serves is killed, and lie on
 * several nodes.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openRedis } from '../../../runtime/sessions/redis-link.ts'
import { redisStore } from '../../../runtime/sessions/redis-store.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { freePort, until } from '../../support/mesh.ts'
import { hasRedis } from '../../support/redis.ts'

/** Starts servers in one folder, and ends them at teardown. */
function servers(t: Test) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-redis-'))
  const running: { pid: number | undefined; ended: Promise<void>; kill: () => void }[] = []
  t.teardown(async () => {
    for (const each of running) each.kill()
    await Promise.all(running.map(({ ended }) => ended))
    rmSync(folder, { recursive: true, force: true })
  })
  return async (port: number, lines: readonly string[], isSentinel = false) => {
    const own = join(folder, String(port))
    mkdirSync(own)
    const file = join(own, 'redis.conf')
    const text = [`port ${port}`, 'bind 127.0.0.1', `dir ${own}`, ...lines].join('\n')
    writeFileSync(file, `${text}\n`)
    const child = spawn('redis-server', [file, ...(isSentinel ? ['--sentinel'] : [])], {
      stdio: 'ignore',
    })
    const kill = () => void child.kill('SIGKILL')
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    running.push({ pid: child.pid, ended, kill })
    await until(async () => (await ask(port, 'PING')).startsWith('+PONG'), { timeoutMs: 30_000 })
    return { kill, ended }
  }
}

/** The first piece of an answer, as text. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('data', data => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

/** A store as an instance has it, with one session begun. */
function opened(t: Test, url: string) {
  const lines: string[] = []
  const link = openRedis(
    url,
    createLog('debug', line => lines.push(line)),
  )
  const instance = 'counter-1'
  const store = redisStore(link, { agent: 'default/counter', instance })
  t.teardown(() => store.close())
  const me = { instance, url: 'http://127.0.0.1:1/mcp' }
  const ttlMs = 60_000
  const open = (id: string, create = false) => store.open({ id, me, ttlMs, create })
  const save = (id: string, fence: number, text: string) => {
    const changes = new Map([['v:count', text]])
    const request = { id, me, fence, ttlMs, changes, all: changes }
    return store.save({ ...request, heldSince: performance.now(), mayRestore: true })
  }
  return { store, open, save, lines }
}

const idOf = (n: number) => n.toString(16).padStart(32, '0')

t.test(
  'behind sentinels: who serves is killed, and the replica goes on with the sessions',
  async t => {
    if (!hasRedis(t)) return
    const start = servers(t)
    const [main, replica, ...watching] = await Promise.all(Array.from({ length: 5 }, freePort))
    if (main === undefined || replica === undefined) return
    const serving = await start(main, ['save ""'])
    await start(replica, ['save ""', `replicaof 127.0.0.1 ${main}`])
    for (const port of watching) {
      const lines = [
        `sentinel monitor mesh 127.0.0.1 ${main} 2`,
        ...['sentinel down-after-milliseconds mesh 500', 'sentinel failover-timeout mesh 5000'],
      ]
      await start(port, lines, true)
    }
    await until(async () => /slave\d+:.*online/.test(await ask(main, 'INFO replication')), {
      timeoutMs: 60_000,
    })
    const first = watching[0] ?? 0
    await until(
      async () => /num-other-sentinels\r\n\$1\r\n2/.test(await ask(first, 'SENTINEL master mesh')),
      {
        timeoutMs: 60_000,
      },
    )
    const hosts = watching.map(port => `127.0.0.1:${port}`).join()
    const { open, save, store, lines } = opened(t, `redis-sentinel://${hosts}/mesh`)
    const made = await until(() => open(idOf(1), true))
    t.match(made, { kind: 'owned', fence: 1 })
    t.equal(await save(idOf(1), 1, '7'), 'kept')
    await until(async () => (await ask(replica, 'DBSIZE')) === (await ask(main, 'DBSIZE')))
    serving.kill()
    await serving.ended
    await t.rejects(save(idOf(1), 1, '8'), /./, 'nothing hangs')
    const saved = await until(() => save(idOf(1), 1, '9').catch(() => undefined), {
      timeoutMs: 60_000,
      what: 'the replica serves',
    })
    t.equal(saved, 'kept')
    t.strictSame((await store.read(idOf(1)))?.get('v:count'), '9')
    t.match(lines.join(''), /Redis is back/)
  },
)

t.test('in a cluster sessions lie on all nodes, each with its own agent and key', async t => {
  if (!hasRedis(t)) return
  const start = servers(t)
  const ports = await clusterPorts()
  for (const port of ports) {
    await start(port, ['save ""', 'cluster-enabled yes', `cluster-port ${port + 10_000}`])
  }
  const nodes = ports.map(port => `127.0.0.1:${port}`)
  const create = spawnSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'])
  t.equal(create.status, 0, String(create.stdout))
  for (const port of ports)
    await until(async () => /cluster_state:ok/.test(await ask(port, 'CLUSTER INFO')), {
      timeoutMs: 60_000,
    })
  const { open, save, store } = opened(t, `redis-cluster://${nodes.slice(0, 2).join()}`)
  t.equal((await until(() => store.key().catch(() => undefined))).length, 32)
  for (let n = 0; n < 60; n++) {
    t.match(await open(idOf(n), true), { kind: 'owned', fence: 1 })
    t.equal(await save(idOf(n), 1, String(n)), 'kept')
  }
  t.equal((await store.read(idOf(59)))?.get('v:count'), '59')
  t.match(await open('f'.repeat(32)), { kind: 'missing' })
  await store.end(idOf(59), { instance: 'counter-1', url: '' }, 1)
  t.match(await open(idOf(59)), { kind: 'missing', hasEnded: true })
  const sizes = await Promise.all(
    ports.map(async port => Number((await ask(port, 'DBSIZE')).slice(1))),
  )
  t.ok(
    sizes.every(size => size > 5),
    `keys on each node: ${sizes.join()}`,
  )
})

/** Free ones whose cluster bus, 10,000 above, is a port as well. */
async function clusterPorts(): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < 3) {
    const port = await freePort()
    if (port < 55_000) ports.add(port)
  }
  return [...ports]
}
