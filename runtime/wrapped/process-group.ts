/**
 * A child process with all that it starts, as one group: it leads a process group of its own, and the group is ended as a
 * whole. A child that is started by `npx` or `uvx` is a grandchild; to signal only the first would leave the server behind.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { sleep } from '../../core/model/sleep.ts'

export interface ProcessGroup {
  readonly pid: number
  readonly stdin: ChildProcessWithoutNullStreams['stdin']
  readonly stdout: ChildProcessWithoutNullStreams['stdout']
  readonly stderr: ChildProcessWithoutNullStreams['stderr']
  /** Resolves once the child has ended and nothing of its group is left; with words such as `exit code 1`. Never rejects. */
  readonly ended: Promise<string>
  /** Closes stdin; what is still there after each bound gets SIGTERM, then SIGKILL. Resolves when the group is gone. */
  stop(): Promise<void>
}

export interface GroupOptions {
  command: readonly [program: string, ...args: string[]]
  cwd: string
  env: Readonly<Record<string, string>>
  /** How long a child may take to end by itself once its stdin is closed, in milliseconds. */
  eofMs: number
  /** How long it may take after SIGTERM, in milliseconds. */
  termMs: number
  /** The group outlives this process where it is killed. */
  onUnguarded: (error: Error) => void
}

/** Rejects with the system's error where the program cannot be started. */
export async function startGroup(options: GroupOptions): Promise<ProcessGroup> {
  const [program, ...args] = options.command
  const { cwd, env, eofMs, termMs } = options
  const child = spawn(program, args, {
    ...{ cwd, env, stdio: ['pipe', 'pipe', 'pipe'], shell: false, windowsHide: true },
    detached: true, // its own process group, and no terminal signals
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const pid = child.pid ?? 0
  const exited = new Promise<string>(resolve => {
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
  })
  // Where this process is ended in the middle of something, nobody stops the group.
  const unguard = guard(pid, options.onUnguarded)
  const onExit = () => signalGroup(pid, 'SIGKILL')
  process.once('exit', onExit)
  // Whoever is left of the group serves nobody any more, and holds the pipes open.
  const ended = exited.then(async how => {
    process.off('exit', onExit)
    signalGroup(pid, 'SIGKILL')
    await isGone(pid)
    unguard()
    child.stdout.destroy()
    child.stderr.destroy()
    return how
  })
  const endsWithin = (ms: number) =>
    Promise.race([ended.then(() => true), sleep(ms).then(() => false)])
  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    child.stdin.end()
    if (await endsWithin(eofMs)) return
    signalGroup(pid, 'SIGTERM')
    if (await endsWithin(termMs)) return
    signalGroup(pid, 'SIGKILL')
    await ended
  }
  return {
    ...{ pid, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended },
    stop: () => (stopping ??= stop()),
  }
}

/** Waits for the end of its stdin, which is ours: it comes when we are gone, however we went. */
const guardScript = 'read -r _; sleep 1; kill -s KILL -- "-$1"'

/**
 * Where this process gets SIGKILL nothing of it can end the group, and many servers do not heed the end of their stdin. A
 * small process does it then. Gives back what ends the guard, for when the group is gone.
 */
function guard(group: number, onUnguarded: (error: Error) => void): () => void {
  if (process.platform === 'win32') return () => undefined
  const watcher = spawn('/bin/sh', ['-c', guardScript, 'mesh-guard', String(group)], {
    ...{ stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: '/usr/bin:/bin' }, detached: true },
  })
  watcher.on('error', onUnguarded)
  watcher.stdin?.on('error', onUnguarded)
  watcher.unref()
  return () => {
    watcher.stdin?.removeAllListeners('error').on('error', () => undefined) // the pipe of a process that we end
    watcher.kill('SIGKILL')
  }
}

/** Nothing tells of a process that is not our child: it is looked at until it is gone, a second at most. */
async function isGone(pid: number): Promise<void> {
  for (let ms = 0; ms < 1_000 && signalGroup(pid, 0); ms += 10) await sleep(10)
}

/** Windows has no process groups: there the child itself is ended. False where nobody is left; 0 only asks. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(process.platform === 'win32' ? pid : -pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    return false // gone is what was wanted
  }
}
