/**
 * `npm run demo`: the main job on real processes, as a transcript. Everything runs from a throw-away MESH_HOME and on a
 * registry port of its own, and ends by itself: exit code 0 when each step showed what it says, 1 at the first that did not.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AgentResource } from '../core/model/registry-api.ts'
import { freePort } from '../test/support/mesh.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const meshctl = join(root, 'dist/core/cli/meshctl.js')
const hello = 'examples/hello/hello-world'
const system = 'examples/hello/system-agent'
const greetingUrl = 'http://127.0.0.1:9090/mcp/'

const home = await mkdtemp(join(tmpdir(), 'mesh-demo-'))
const registry = `http://127.0.0.1:${await freePort()}`
const environment = { ...process.env, MESH_HOME: home, MESH_REGISTRY_URL: registry, NO_COLOR: '1' }
delete (environment as NodeJS.ProcessEnv).MESH_TOKEN
const started = performance.now()
// Interrupted, or with nobody left to read it, the demo stops what it has started all the same.
let isInterrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => (isInterrupted = true))
}
process.stdout.on('error', () => (isInterrupted = true))

try {
  await run()
  say(`\nThe demo took ${((performance.now() - started) / 1000).toFixed(1)} s.`)
} catch (error) {
  say(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  if (process.exitCode) await ctl('stop').catch((error: unknown) => say(String(error)))
  await rm(home, { recursive: true, force: true })
}

async function run(): Promise<void> {
  step('1. A registry comes up by itself, and hello-world alone')
  await show('start', hello, '--detach')
  await show('list')
  expect('no date yet', await greet(), 'not available yet')

  step('2. system-agent joins; nothing is restarted, the same call has the date')
  await show('start', system, '--detach')
  expect('the date', await until(greet, text => text.includes('Today is')), 'Today is')
  await show('list')
  await show('call', 'hello_mesh_simple')

  step('3. system-agent is killed with SIGKILL; the greeting degrades again')
  const victim = (await agent('system-agent')).status.instances[0]
  if (!victim) throw new Error('system-agent has no instance')
  const killed = performance.now()
  process.kill(victim.pid, 'SIGKILL')
  const degraded = await until(greet, text => text.includes('not available yet'), 1)
  say(`  pid ${victim.pid} killed; rewired after ${(performance.now() - killed).toFixed(0)} ms`)
  expect('degraded', degraded, 'not available yet')

  step('4. A changed manifest is applied to the running agent')
  const before = await agent('hello-world')
  await show('apply', '-f', join(hello, 'apply.yaml'))
  const after = await until(
    () => agent('hello-world'),
    a => a.status.instances[0]?.observedGeneration === a.metadata.generation,
  )
  const pids = [before, after].map(a => a.status.instances[0]?.pid)
  if (pids[0] !== pids[1]) throw new Error(`the process changed: pid ${pids.join(' and ')}`)
  if (after.metadata.generation <= before.metadata.generation) throw new Error('no new generation')
  say(
    `  generation ${before.metadata.generation} was replaced by ${after.metadata.generation}, observed by the same process (pid ${pids[1]})`,
  )
  say(`  version ${before.spec.version} is now ${after.spec.version}`)

  step('5. Everything stops')
  await show('stop')
  const left = [victim.pid, pids[1] ?? 0].filter(isAlive)
  if (left.length > 0) throw new Error(`still running: pid ${left.join(', ')}`)
  const list = await ctl('list')
  if (list.code !== 5) throw new Error(`the registry still answers: ${list.stdout}`)
  say('  nothing is left running')
}

/** The answer of hello_mesh_simple to a bare POST, as `curl` would send it. */
async function greet(): Promise<string> {
  const response = await fetch(greetingUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'hello_mesh_simple', arguments: {} },
    }),
  })
  const text = await response.text()
  const match = /^data: (.*)$/m.exec(text)
  const message = JSON.parse(match?.[1] ?? text) as {
    result?: { content?: { text?: string }[] }
  }
  return message.result?.content?.[0]?.text ?? text
}

async function agent(name: string): Promise<AgentResource> {
  const { stdout } = await ctl('get', 'agent', name, '-o', 'json')
  return JSON.parse(stdout) as AgentResource
}

function ctl(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [meshctl, ...args],
      { cwd: root, env: environment },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr })
      },
    )
  })
}

async function show(...args: string[]): Promise<void> {
  say(`  $ meshctl ${args.join(' ')}`)
  const { code, stdout, stderr } = await ctl(...args)
  for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) say(`  ${line}`)
  if (code !== 0) throw new Error(`meshctl ${args[0]} ended with exit code ${code}`)
}

async function until<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  pauseMs = 20,
): Promise<T> {
  const end = performance.now() + 10_000
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    if (performance.now() > end)
      throw new Error(`waited 10 s in vain; last seen: ${JSON.stringify(value)}`)
    await wait(pauseMs)
  }
}

function expect(what: string, text: string, part: string): void {
  say(`  POST ${greetingUrl}: ${text}`)
  if (!text.includes(part)) throw new Error(`expected ${what}, that is a text with "${part}"`)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function step(title: string): void {
  if (isInterrupted) throw new Error('it was interrupted')
  say(`\n${title}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
