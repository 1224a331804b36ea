/**
 * One agent that meshctl start looks after: its process now, and what follows when that ends. State outlives a call here:
 * the process is replaced by restarts and reloads, while its name, log and place stay.
 */
import { MeshError } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import { describeExit, launch, type Exit, type Launched } from './child.ts'
import { identify, type Identity } from './identity.ts'
import type { LogFile } from './log-file.ts'

const READY_TIMEOUT_MS = 60_000
const DRAIN_TIMEOUT_MS = 10_000
const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 10_000
/** A process that lived so long was sound: the next failure starts with a short backoff again. */
const SOUND_AFTER_MS = 30_000

export interface AgentIdentity {
  readonly namespace: string
  readonly name: string
  readonly manifest: string
  /** Other files with policies that the manifest names. */
  readonly policyFiles: readonly string[]
  /** The mesh.lock to which it is held. */
  readonly lock?: string | undefined
}

export interface AgentSettings extends AgentIdentity {
  readonly bin: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRestarted: boolean
  readonly log: LogFile
  /** A line of its log. */
  readonly onLine: (line: string) => void
  /** Something about it that people want to know. */
  readonly say: (line: string) => void
  /** Its process changed: another pid, or none. */
  readonly onChange: () => void
}

export interface Served {
  readonly instance: string
  readonly endpoint: string
  readonly process: Identity
}

export class LocalAgent {
  readonly settings: AgentSettings
  /** Set while it serves. */
  served: Served | undefined
  /** Resolves when it has ended and will not be started again. */
  readonly finished: Promise<Exit>
  #finish!: (exit: Exit) => void
  #current: Launched | undefined
  /** Aborted for good by stop. */
  readonly #stopping = new AbortController()
  #ending: Promise<void> | undefined
  #isReplaced = false
  #failures = 0

  constructor(settings: AgentSettings) {
    this.settings = settings
    this.finished = new Promise(resolve => (this.#finish = resolve))
  }

  get key(): string {
    return `${this.settings.namespace}/${this.settings.name}`
  }

  /** Loads its files as they are now in a process of its own; rejects with what would keep it from serving. */
  async check(): Promise<void> {
    const { bin, env, name } = this.settings
    const args = [...this.#args(), '--check']
    const child = launch({ bin, args, env, output: 'pipe', what: `agent "${name}"` })
    const end = () => child.signal('SIGKILL')
    const timer = setTimeout(end, READY_TIMEOUT_MS)
    this.#stopping.signal.addEventListener('abort', end, { once: true })
    try {
      await child.ready
      await child.exited
    } finally {
      clearTimeout(timer)
      this.#stopping.signal.removeEventListener('abort', end)
    }
  }

  /** True from `stop` or `kill` on: it is never started again. */
  get isStopped(): boolean {
    return this.#stopping.signal.aborted
  }

  /** Resolves when it serves; rejects with what kept it from that, and then it is not running. */
  async start(): Promise<Served> {
    this.#stopping.signal.throwIfAborted() // a process that came now would outlive everybody
    const { bin, env, name, log, onLine, onChange } = this.settings
    const child = launch({
      bin,
      args: this.#args(),
      env,
      output: 'pipe',
      what: `agent "${name}"`,
      onLine(line) {
        log.write(line)
        onLine(line)
      },
    })
    this.#current = child
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.signal('SIGKILL')
    }, READY_TIMEOUT_MS)
    try {
      const ready = await child.ready.catch((error: unknown) => {
        throw isLate ? neverReady(name) : error
      })
      const pid = Number(ready.pid)
      this.served = {
        instance: String(ready.instance),
        endpoint: String(ready.endpoint),
        process: identify(pid) ?? child.identity,
      }
    } finally {
      clearTimeout(timer)
    }
    onChange()
    const since = performance.now()
    void child.exited.then(exit => this.#ended(child, exit, performance.now() - since))
    return this.served
  }

  #args(): string[] {
    const { manifest, policyFiles, lock } = this.settings
    const policies = policyFiles.flatMap(file => ['--policies', file])
    return [
      ...['--manifest', manifest, ...policies, '--agent', this.key],
      ...(lock === undefined ? [] : ['--lock', lock]),
    ]
  }

  /** Drains it; SIGKILL where that takes too long. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'))
    await this.#end()
    this.#finish({ code: 0, signal: null, error: undefined })
  }

  /** Drains the process and starts a new one; where that fails it is down, and says why. */
  async replace(): Promise<void> {
    this.#isReplaced = true
    try {
      await this.#end()
      if (!this.isStopped) await this.start()
    } finally {
      this.#isReplaced = false
    }
  }

  kill(): void {
    this.#stopping.abort(new Error('killed'))
    this.#current?.signal('SIGKILL')
  }

  /** Whoever asks again waits with the first: a second SIGTERM would cut off the calls that drain. */
  #end(): Promise<void> {
    const child = this.#current
    if (!child) return Promise.resolve()
    this.#ending ??= this.#drain(child).finally(() => (this.#ending = undefined))
    return this.#ending
  }

  async #drain(child: Launched): Promise<void> {
    child.signal('SIGTERM')
    const timer = setTimeout(() => {
      this.settings.say(
        `${this.settings.name} does not drain within ${DRAIN_TIMEOUT_MS / 1_000} s: killed`,
      )
      child.signal('SIGKILL')
    }, DRAIN_TIMEOUT_MS)
    await child.exited
    clearTimeout(timer)
    this.#forget(child)
  }

  #forget(child: Launched) {
    if (this.#current !== child) return
    this.#current = undefined
    this.served = undefined
    this.settings.onChange()
  }

  async #ended(child: Launched, exit: Exit, livedMs: number): Promise<void> {
    const isExpected = this.isStopped || this.#isReplaced
    this.#forget(child)
    if (isExpected) return
    const { name, isRestarted, say } = this.settings
    say(`${name} ended ${describeExit(exit)}${exit.error ? `: ${exit.error.message}` : ''}`)
    if (!isRestarted || exit.code === 0) return this.#finish(exit)
    if (livedMs > SOUND_AFTER_MS) this.#failures = 0
    await this.#restart()
  }

  async #restart(): Promise<void> {
    const { name, say } = this.settings
    for (;;) {
      const ms = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures++, MAX_BACKOFF_MS)
      try {
        await sleep(ms, this.#stopping.signal)
        const { endpoint } = await this.start()
        return say(`${name} restarted, ready at ${endpoint}`)
      } catch (error) {
        if (this.isStopped) return
        const code = error instanceof MeshError ? `${error.code}: ` : ''
        say(
          `${name} did not restart: ${code}${error instanceof Error ? error.message : String(error)}`,
        )
      }
    }
  }
}

function neverReady(name: string): MeshError {
  return new MeshError(
    'MESH_PROCESS_FAILED',
    `agent "${name}" did not serve within ${READY_TIMEOUT_MS / 1_000} s`,
    'look for a handler module that waits or loops while it is loaded',
  )
}
