/**
 * A real Redis for tests: a throw-away folder, a free port on loopback. Where none is installed the suite says in one line
 * what to install; in CI that is a failure.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort, until } from './mesh.ts'

export interface Redis {
  url: string
  /** Ends the server, as an outage does; what it had acknowledged is there again after `start`. */
  stop(): Promise<void>
  start(): Promise<void>
  /** It stands still, as on a machine that hangs; connections stay open. */
  pause(): void
  resume(): void
  /** Answers of one inline command, as text. */
  ask(command: string): Promise<string>
}

/** Says what to install where there is none; in CI that fails. */
export function hasRedis(t: Test): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true
  const message = 'Redis is not installed: apt-get install redis-server'
  if (process.env.CI) t.fail(message)
  else t.comment(message)
  return false
}

/** Undefined where Redis is not installed. It is stopped and removed at teardown. */
export async function startRedis(t: Test): Promise<Redis | undefined> {
  if (!hasRedis(t)) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'mesh-redis-'))
  const port = await freePort()
  const options = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', 'always'],
  ]
  let running: { ended: Promise<void>; kill(signal: NodeJS.Signals): void } | undefined

  const ask = (command: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
      socket.once('data', data => {
        resolve(data.toString())
        socket.destroy()
      })
      socket.once('error', reject)
    })
  const start = async () => {
    const child = spawn('redis-server', options, { stdio: 'ignore' })
    running = {
      ended: new Promise(resolve => child.once('exit', () => resolve())),
      kill: signal => void child.kill(signal),
    }
    await until(async () => (await ask('PING')).startsWith('+PONG'), { what: 'Redis' })
  }
  const stop = async () => {
    running?.kill('SIGKILL')
    await running?.ended
    running = undefined
  }
  t.teardown(async () => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return {
    ...{ url: `redis://127.0.0.1:${port}`, start, stop, ask },
    pause: () => running?.kill('SIGSTOP'),
    resume: () => running?.kill('SIGCONT'),
  }
}
