/**
 * Starts one of this package's programs and waits for what it says of itself over its channel: `ready`, or `failed`
 * with an error. Children lead a process group of their own: a terminal's Ctrl-C then reaches meshctl alone, which
 * passes it on once, so that no child takes it for the second signal.
 */
import { fork, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { codes, type Code } from '../../model/codes.ts'
import { MeshError } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import { endGroup, identify, type Identity } from './identity.ts'

const LAST_LINES_MS = 500

export interface Launch {
  readonly bin: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where stdout and stderr go; "pipe" gives them to `onLine`. */
  readonly output: 'pipe' | 'inherit' | number
  /** Where its log is, if not in `onLine`; for the error of a child that ends without a word. */
  readonly log?: string
  /** What errors call it: `agent "hello"`. */
  readonly what: string
  readonly onLine?: (line: string) => void
  readonly onMessage?: (message: Record<string, unknown>) => void
}

export interface Launched {
  readonly identity: Identity
  /** Rejects with the error of the child, or with MESH_PROCESS_FAILED when it ends without a word. */
  readonly ready: Promise<Record<string, unknown>>
  readonly exited: Promise<Exit>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Lets it live without us: closes the channel and does not wait for it. */
  readonly release: () => void
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The error that it sent, if it did. */
  readonly error: MeshError | undefined
}

export function launch(options: Launch): Launched {
  const { bin, args, env, output, what } = options
  const child = fork(bin, [...args], {
    env,
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  const pid = child.pid ?? -1
  const last: string[] = []
  const keep = (line: string) => {
    last.push(line)
    if (last.length > 10) last.shift()
    options.onLine?.(line)
  }
  if (child.stdout) eachLine(child.stdout, keep)
  if (child.stderr) eachLine(child.stderr, keep)

  let error: MeshError | undefined
  const exited = new Promise<Exit>(resolve => {
    child.once('error', cause => {
      error = new MeshError('MESH_PROCESS_FAILED', `${what} did not start: ${cause.message}`)
      if (child.pid === undefined) resolve({ code: null, signal: null, error })
    })
    const isRead = new Promise(resolve => child.once('close', resolve)) // after the last line
    child.once('exit', (code, signal) => {
      // What it has started and left behind ends with it; where that has left the group, its output is not waited for.
      void endGroup(pid)
        .then(() => output === 'pipe' && Promise.race([isRead, sleep(LAST_LINES_MS)]))
        .then(() => resolve({ code, signal, error }))
    })
  })
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('message', (message: Record<string, unknown>) => {
      if (message.type === 'ready') resolve(message)
      else if (message.type === 'failed') error = readError(message.error, what)
      else options.onMessage?.(message)
    })
    void exited.then(exit => reject(exit.error ?? endedEarly(options, exit, last)))
  })
  ready.catch(() => undefined) // whoever waits for it sees it; nobody may
  return {
    identity: identify(pid) ?? { pid, startTime: '' },
    ready,
    exited,
    signal: signal => void child.kill(signal),
    release: () => release(child),
  }
}

/** Calls back for every line of a stream, the last also without its end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(onLine)
  })
  stream.on('end', () => rest !== '' && onLine(rest))
}

/** How an end reads: "with code 1", "by SIGKILL". */
export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `with code ${code}` : `by ${signal}`
}

function release(child: ChildProcess) {
  if (child.connected) child.disconnect()
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
}

function readError(value: unknown, what: string): MeshError {
  const { code, message, mend, lines } = (value ?? {}) as Record<string, unknown>
  const known = typeof code === 'string' && code in codes ? (code as Code) : 'MESH_PROCESS_FAILED'
  return new MeshError(
    known,
    typeof message === 'string' ? message : `${what} failed`,
    typeof mend === 'string' ? mend : undefined,
    Array.isArray(lines) ? { details: { lines } } : {},
  )
}

function endedEarly({ what, log }: Launch, exit: Exit, lines: readonly string[]): MeshError {
  return new MeshError(
    'MESH_PROCESS_FAILED',
    `${what} ended ${describeExit(exit)} before it was ready`,
    log === undefined ? 'mend what it says above' : `read its log, ${log}`,
    { details: { lines: [...lines] } },
  )
}
