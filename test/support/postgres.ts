/**
 * A real PostgreSQL for tests: its own throw-away folder, a free port on loopback, as another user where the tests run as
 * root (it refuses to). Where none is installed the suite says in one line what to install; in CI that is a failure.
 */
import { execFileSync, spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { freePort, until } from './mesh.ts'

export interface Postgres {
  url: string
  /** URL of a new, empty database. */
  database(): string
  /** Ends the server, as an outage does; `start` brings it back. */
  stop(): Promise<void>
  start(): Promise<void>
  /** All its processes stand still, as on a machine that hangs; connections stay open. */
  pause(): void
  resume(): void
}

/** Undefined where PostgreSQL is not installed. It is stopped and removed at teardown. */
export async function startPostgres(t: Test): Promise<Postgres | undefined> {
  const bin = binaryFolder()
  if (!bin) {
    const message = 'PostgreSQL is not installed: apt-get install postgresql'
    if (process.env.CI) t.fail(message)
    else t.comment(message)
    return undefined
  }
  const user = otherUser()
  const folder = mkdtempSync(join(tmpdir(), 'mesh-pg-'))
  if (user) chownSync(folder, user.uid, user.gid)
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } }
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'mesh', '-A', 'trust', '-E', 'UTF8', '--no-sync']
  execFileSync(join(bin, 'initdb'), initdb, { ...options, stdio: 'ignore' })
  const port = await freePort()
  const server = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-F']
  let running: { ended: Promise<void>; pid: number; kill(): void } | undefined
  let count = 0

  const psql = (sql: string) =>
    execFileSync(
      join(bin, 'psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'mesh', '-d', 'postgres', '-qc', sql],
      { ...options, stdio: 'pipe' },
    )
  const start = async () => {
    const child = spawn(join(bin, 'postgres'), server, { ...options, stdio: 'ignore' })
    running = {
      pid: child.pid ?? 0,
      ended: new Promise(resolve => child.once('exit', () => resolve())),
      kill: () => child.kill('SIGINT'), // fast shutdown: connections are cut
    }
    await until(() => psql('select 1'), { what: 'PostgreSQL' })
  }
  const stop = async () => {
    running?.kill()
    await running?.ended
    running = undefined
  }
  const signal = (name: NodeJS.Signals) => {
    for (const pid of running ? familyOf(running.pid) : []) signalTo(pid, name)
  }
  t.teardown(async () => {
    signal('SIGCONT')
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return {
    url: `postgres://mesh@127.0.0.1:${port}/postgres`,
    database() {
      const name = `mesh_${++count}`
      psql(`create database ${name}`)
      return `postgres://mesh@127.0.0.1:${port}/${name}`
    },
    start,
    stop,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  }
}

/** One that has ended meanwhile, as those for connections do by themselves, needs none. */
function signalTo(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The server and the processes that it started for its connections. */
function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return [pid, ...children.filter(Boolean).map(Number)]
}

function binaryFolder(): string | undefined {
  const folders = (process.env.PATH ?? '').split(':').map(folder => join(folder, 'postgres'))
  const found = folders.find(file => existsSync(file))
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : []
  const candidates = [
    ...(found ? [dirname(realpathSync(found))] : []),
    ...versions.map(version => join(debian, version, 'bin')),
  ]
  return candidates.find(folder => existsSync(join(folder, 'initdb')))
}

/** Ids to run it with when this is root. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      continue // no such user
    }
  }
  return { uid: 65_534, gid: 65_534 }
}
