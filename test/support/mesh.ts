/**
 * A mesh of real processes for tests: the built bins (run `npm run build` first), a MESH_HOME of its own, a free port for
 * the registry. Everything that carries this MESH_HOME in its environment is ended by pid at teardown, so a test
 * that fails leaves nothing behind; `mesh.processes()` lists it for tests of exactly that.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { AgentList, AgentResource } from '../../core/model/registry-api.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bins = {
  meshctl: join(root, 'dist/core/cli/meshctl.js'),
  agent: join(root, 'dist/runtime/bin/mesh-agent.js'),
  registry: join(root, 'dist/core/registry/bin/mesh-registry.js'),
}

export interface Finished {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  readonly pid: number
  /** All of stdout so far. */
  stdout(): string
  stderr(): string
  /** Resolves with the match as soon as stdout or stderr has it; rejects when the process ends first. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  readonly ended: Promise<Finished>
  /** Sends the signal (default SIGTERM) and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>
}

export interface RunningAgent extends Running {
  readonly instance: string
  readonly endpoint: string
}

/** What an agent's folder holds: `mesh.yaml` and the modules beside it. */
export type AgentFiles = Record<string, string>

export interface RunOptions {
  env?: Record<string, string | undefined>
  cwd?: string
  /** Given to stdin, which is closed after it. */
  input?: string
}

export interface Mesh {
  /** MESH_HOME. */
  readonly home: string
  /** A folder for the agents' files; short enough for nothing to matter. */
  readonly folder: string
  readonly registryUrl: string
  readonly registryPort: number
  readonly env: NodeJS.ProcessEnv
  /** Writes files below `folder/name` and returns that folder. */
  write(name: string, files: AgentFiles): string
  /** Runs meshctl to its end. */
  meshctl(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Starts meshctl and leaves it running. */
  spawn(args: readonly string[], options?: RunOptions): Running
  /** Starts mesh-registry on the mesh's port and waits until it is ready. */
  registry(args?: readonly string[], options?: RunOptions): Promise<Running>
  /** Starts mesh-agent for a manifest (a file, or the files of a new folder) and waits until it serves. */
  agent(what: string | AgentFiles, options?: RunOptions & { name?: string }): Promise<RunningAgent>
  /** What the registry lists. */
  agents(namespace?: string): Promise<AgentResource[]>
  /** Pids of all live processes that belong to this mesh, the calling test not among them. */
  processes(): number[]
}

/** A mesh with nothing running yet. */
export async function createMesh(t: Test): Promise<Mesh> {
  const base = mkdtempSync(join(tmpdir(), 'mesh-'))
  const home = join(base, 'home')
  const folder = join(base, 'agents')
  mkdirSync(folder, { recursive: true })
  const registryPort = await freePort()
  const registryUrl = `http://127.0.0.1:${registryPort}`
  const env: NodeJS.ProcessEnv = { ...process.env, MESH_HOME: home, MESH_REGISTRY_URL: registryUrl }
  for (const name of ['MESH_TOKEN', 'MESH_DEBUG', 'DATABASE_URL', 'NODE_OPTIONS', 'FORCE_COLOR'])
    delete env[name]
  let agentCount = 0

  const processes = () => pidsWith(`MESH_HOME=${home}`)
  t.teardown(async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const pid of processes()) signalIfThere(pid, signal)
      const gone = until(() => processes().length === 0, {
        timeoutMs: signal === 'SIGTERM' ? 4_000 : 5_000,
      })
      if (await gone.catch(() => false)) break
    }
    rmSync(base, { recursive: true, force: true })
  })

  const write = (name: string, files: AgentFiles) => {
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, name, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    return join(folder, name)
  }
  const envOf = (options: RunOptions) => ({ ...env, ...options.env })
  const start = (args: readonly string[], options: RunOptions = {}) => {
    const child = spawn(process.execPath, [bins.meshctl, ...args], {
      cwd: options.cwd ?? folder,
      env: envOf(options),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdin.on('error', () => child.stdin.destroy()) // it may end without reading
    child.stdin.end(options.input ?? '')
    return follow(child)
  }
  const bin = async (file: string, args: readonly string[], options: RunOptions) => {
    const child = fork(file, [...args], {
      cwd: options.cwd ?? folder,
      env: envOf(options),
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const running = follow(child)
    return { running, ready: await untilReady(child, running) }
  }
  return {
    home,
    folder,
    registryUrl,
    registryPort,
    env,
    write,
    processes,
    spawn: start,
    meshctl: (args, options) => start(args, options).ended,
    async registry(args = [], options = {}) {
      const { running } = await bin(
        bins.registry,
        ['--port', String(registryPort), ...args],
        options,
      )
      return running
    },
    async agent(what, options = {}) {
      const manifest =
        typeof what === 'string' ? what : join(write(`agent-${++agentCount}`, what), 'mesh.yaml')
      const named = options.name === undefined ? [] : ['--agent', options.name]
      const { running, ready } = await bin(bins.agent, ['--manifest', manifest, ...named], options)
      return { ...running, instance: String(ready.instance), endpoint: String(ready.endpoint) }
    },
    async agents(namespace = 'default') {
      const response = await fetch(`${registryUrl}/v1/namespaces/${namespace}/agents`)
      return ((await response.json()) as AgentList).items
    },
  }
}

/** Waits until `probe` gives something true and returns it; a probe that throws has not. Rejects after the bound. */
export async function until<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 60_000, what = 'the outcome' }: { timeoutMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  const end = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await probe()
      if (value) return value
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > end)
      throw new Error(`${what} did not come within ${timeoutMs} ms; last: ${String(last)}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

/** Below those that systems give by themselves, so that nobody gets it by chance before it is used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(10_000, 32_000)
    if (await isFree(port)) return port
  }
  throw new Error('no free port was found')
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Files of an agent with one tool of its own name: `handler` is the body of its function of (args, deps, ctx). */
export function agentFiles(
  name: string,
  {
    tool = name,
    handler = 'return args',
    spec = '',
    toolSpec = '',
  }: Partial<Record<'tool' | 'handler' | 'spec' | 'toolSpec', string>> = {},
): AgentFiles {
  const indent = (text: string, by: number) => text.replace(/^(?=.)/gm, ' '.repeat(by))
  return {
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  version: 1.0.0
${indent(spec, 2)}
  tools:
    - name: ${tool}
      handler: ./handler.ts#run
${indent(toolSpec, 6)}
`,
    'handler.ts': `export async function run(args: any, deps: any, ctx: any) {\n${indent(handler, 2)}\n}\n`,
  }
}

/** True while the pid is a live process (a zombie is none). */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function follow(child: ChildProcess): Running {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let finished: Finished | undefined
  const ended = new Promise<Finished>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve((finished = { code, signal, stdout, stderr })))
  })
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async sees(pattern, timeoutMs = 60_000) {
      const found = await until(
        () => pattern.exec(stdout) ?? pattern.exec(stderr) ?? (finished ? 'ended' : undefined),
        { timeoutMs, what: `${String(pattern)} in\n${stdout}\n${stderr}\n` },
      )
      if (found !== 'ended') return found
      throw new Error(
        `ended with ${finished?.code} before ${String(pattern)}:\n${stdout}\n${stderr}`,
      )
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** Longer than a start takes on a loaded machine beside many others. */
const longestStartMs = 120_000

function untilReady(child: ChildProcess, running: Running): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const late = () => {
      const text = `${running.stdout()}\n${running.stderr()}`
      reject(new Error(`not ready within ${longestStartMs / 1_000} s:\n${text}`))
    }
    const timer = setTimeout(late, longestStartMs)
    void running.ended.finally(() => clearTimeout(timer))
    child.on('message', (message: Record<string, unknown>) => {
      clearTimeout(timer)
      if (message.type === 'ready') resolve(message)
      if (message.type === 'failed') {
        const error = message.error as { code: string; message: string }
        reject(Object.assign(new Error(error.message), { code: error.code }))
      }
    })
    void running.ended.then(({ code, stdout, stderr }) =>
      reject(new Error(`ended with ${code} before it was ready:\n${stdout}\n${stderr}`)),
    )
  })
}

function pidsWith(variable: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable)
      } catch {
        return false // ended meanwhile, or another user's
      }
    })
    .map(Number)
    .filter(isRunning)
}

function signalIfThere(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch {
    return // gone meanwhile
  }
}
