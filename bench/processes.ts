/** Real processes for the benches: registry and agents from dist, each ended by its own pid. */
import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageFile } from '../core/model/package-file.ts'

interface Ready {
  type: 'ready' | 'failed'
  url?: string
  endpoint?: string
  error?: { code: string; message: string }
}

export interface Process {
  child: ChildProcess
  pid: number
  /** URL of the registry, or of the agent's MCP endpoint. */
  url: string
  stop(): Promise<void>
}

export interface Bench {
  folder: string
  registry(): Promise<Process>
  /** Writes the manifest (and handlers) into a folder of its own and serves it. */
  agent(registryUrl: string, files: Record<string, string>): Promise<Process>
  /** Serves a manifest of this repository. */
  agentAt(registryUrl: string, manifest: string, env?: NodeJS.ProcessEnv): Promise<Process>
  /** Forks a module of bench/, which sends `{ type: 'ready', url }`. */
  fork(module: string, args?: string[]): Promise<Process>
  close(): Promise<void>
}

interface StartOptions {
  registryUrl?: string
  /** Of node. */
  flags?: string[]
  env?: NodeJS.ProcessEnv
}

const agentBin = packageFile('dist/runtime/bin/mesh-agent.js')

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-bench-'))
  const running: Process[] = []
  let count = 0

  async function start(
    file: string,
    args: string[],
    { registryUrl = '', flags = [], env = {} }: StartOptions = {},
  ) {
    const environment = {
      ...process.env,
      ...env,
      MESH_HOME: folder,
      MESH_REGISTRY_URL: registryUrl,
      NODE_NO_WARNINGS: '1', // the SDK's client adds more abort listeners than Node likes
    }
    delete (environment as NodeJS.ProcessEnv).MESH_TOKEN
    const child = fork(file, args, {
      execArgv: flags,
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once('message', message => resolve(message as Ready))
      child.once('exit', code =>
        reject(new Error(`${file} ended with ${code} before it was ready`)),
      )
    })
    if (ready.type === 'failed') throw new Error(`${ready.error?.code}: ${ready.error?.message}`)
    const handle: Process = {
      child,
      pid: child.pid ?? 0,
      url: ready.url ?? ready.endpoint ?? '',
      stop: () =>
        new Promise(resolve => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve()
          child.once('exit', () => resolve())
          child.kill('SIGTERM')
        }),
    }
    running.push(handle)
    return handle
  }

  return {
    folder,
    registry: () =>
      start(packageFile('dist/core/registry/bin/mesh-registry.js'), [
        ...['--port', '0'],
        ...['--store', 'memory'],
      ]),
    async agent(registryUrl, files) {
      const home = join(folder, `agent-${count++}`)
      for (const [name, text] of Object.entries(files)) {
        const file = join(home, name)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, text)
      }
      return start(agentBin, ['--manifest', join(home, 'mesh.yaml')], { registryUrl })
    },
    agentAt: (registryUrl, manifest, env = {}) =>
      start(agentBin, ['--manifest', packageFile(manifest)], { registryUrl, env }),
    fork: (module, args = []) =>
      start(packageFile(`bench/${module}`), args, {
        flags: ['--import', packageFile('scripts/typescript.mjs')],
      }),
    async close() {
      for (const handle of running.reverse()) await handle.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What the processes have spent so far, in milliseconds, by what Linux counts (in hundredths of a second). */
export function cpuMs(processes: readonly Process[]): number {
  return processes.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) * 10
  }, 0)
}
