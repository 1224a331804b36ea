/**
 * One task at its owner, from its beginning to its end: the call that it is, what it tells meanwhile, what it asks its client,
 * and how it ended. Whatever ends it from outside (its client, a successor, a drain) aborts the call.
 */
import { decodeChunk, type ProgressNote } from '../../core/model/chunk.ts'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { sleep } from '../../core/model/sleep.ts'
import { ClientLacks, missing, type Asker, type Question } from '../mcp/asking.ts'
import { isRecord } from '../mcp/content.ts'
import type { NoteSink } from '../mcp/notes.ts'
import { busyError, ToolBusy } from '../mcp/places.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import type { ToolResult } from '../proxy/values.ts'
import { StoreLost } from '../sessions/store.ts'
import { mostRequests, mostResultLength } from './bounds.ts'
import { away } from './refusals.ts'
import type { TaskChange, TaskStore } from './store.ts'
import { progressText, type InputRequest, type TaskError, type TaskSpec } from './task.ts'

/** Between two notes of progress in the store; the newest is always kept. */
const noteGapMs = 200

/** What waits for answers is over a little after the tool's own time, whose words are the better ones. */
const lateMs = 500

export interface HeldOptions {
  id: string
  spec: TaskSpec
  fence: number
  /** This instance. */
  owner: string
  store: TaskStore
  /** That of the call, where it runs already. */
  signal?: Cancellation | undefined
}

interface Asked {
  request: InputRequest
  resolve: (answer: unknown) => void
}

/** Notes and questions of the call go to it. */
export class HeldTask implements NoteSink, Asker {
  readonly id: string
  readonly spec: TaskSpec
  readonly fence: number
  /** Ends the call. */
  readonly signal: Cancellation
  /** As its client declared them. */
  readonly capabilities: Asker['capabilities']
  /** NoteSink: the newest note is kept, so there is room for each. */
  readonly isReady = true
  readonly #owner: string
  readonly #store: TaskStore
  readonly #asks = new Map<string, Asked>()
  /** Keys that were asked: none is asked again. */
  readonly #keys = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #isLost = false
  #note: ProgressNote | undefined
  #isTelling = false
  #hasEnded = false

  constructor({ id, spec, fence, owner, store, signal = new Cancellation() }: HeldOptions) {
    this.id = id
    this.spec = spec
    this.fence = fence
    this.signal = signal
    this.#owner = owner
    this.#store = store
    const declared = spec.meta['io.modelcontextprotocol/clientCapabilities']
    this.capabilities = isRecord(declared) ? declared : {}
    const found = `"${spec.tool}" did not end in its time, in which it waited for its client`
    const late = () => signal.abort(new MeshError('MESH_TIMEOUT_ELAPSED', found))
    this.#timer = setTimeout(late, spec.deadline - Date.now() + lateMs).unref()
  }

  /** Whether its end is not this instance's to write any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Whether it waits for an answer of its client. */
  get isWaiting(): boolean {
    return this.#asks.size > 0
  }

  /** Progress. A chunk is for a caller that waits, and nobody does. */
  send(note: ProgressNote): Promise<void> {
    if (decodeChunk(note) === undefined) {
      this.#note = note
      if (!this.#isTelling) void this.#tell()
    }
    return Promise.resolve()
  }

  async #tell(): Promise<void> {
    this.#isTelling = true
    while (this.#note && !this.#hasEnded) {
      const note = this.#note
      this.#note = undefined
      await this.#write({ progress: note, message: progressText(note) }).catch(ignoreLoss)
      await sleep(noteGapMs)
    }
    this.#isTelling = false
  }

  /**
   * The client's answer, which tasks/update has checked. Throws MESH_CLIENT_INCAPABLE, MESH_TASK_LIMIT,
   * MESH_TASK_UNAVAILABLE, and the reason of the signal.
   */
  async ask({ key: name, method, params }: Question): Promise<unknown> {
    const lacking = missing({ method, params }, this.capabilities)
    if (lacking) throw lacking
    if (this.#asks.size >= mostRequests) {
      const found = `a task asks its client for more than ${mostRequests} things at a time`
      throw new MeshError('MESH_TASK_LIMIT', found, 'await some of them before asking for more')
    }
    const key = this.#keyOf(name)
    const request = { method, params }
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#asks.set(key, { request, resolve })
      this.signal.addEventListener('abort', () => reject(this.signal.reason))
    })
    answer.catch(() => undefined) // it may end while the store is written
    try {
      await this.#write({ ask: { key, request } })
      return await answer
    } catch (error) {
      throw error instanceof StoreLost ? away(error) : error
    } finally {
      this.#asks.delete(key)
    }
  }

  /** Used once in the life of a task: not twice by one owner, nor by two. */
  #keyOf(name: string): string {
    const own = this.fence === 1 ? name : `${name}.${this.fence}`
    let key = own
    for (let n = 2; this.#keys.has(key); n++) key = `${own}-${n}`
    this.#keys.add(key)
    return key
  }

  /**
   * Reads what a client said: the answers, and whether the task works at all. What the store has lost is written to it again.
   */
  async look(): Promise<void> {
    const stored = await this.#store.read(this.id)
    if (this.#hasEnded || this.signal.aborted) return
    if (!stored) return this.restore()
    if (stored.fence !== this.fence || stored.state.status !== 'working') return this.#supersede()
    if (!this.isWaiting) return
    for (const [key, answer] of await this.#store.answers(this.id)) {
      const asked = this.#asks.get(key)
      if (!asked) continue
      this.#asks.delete(key)
      asked.resolve(answer)
      await this.#write({ drop: key }).catch(ignoreLoss) // an answered request is not shown
    }
  }

  async restore(): Promise<void> {
    const { id, spec, fence } = this
    await this.#store.create({ id, spec, owner: this.#owner, fence, args: undefined })
    for (const [key, { request }] of this.#asks) await this.#write({ ask: { key, request } })
  }

  /** Its end as it is to be kept. Never rejects. */
  async end(call: Promise<ToolResult>): Promise<TaskChange> {
    try {
      return completed(await call)
    } catch (error) {
      return failed(errorOf(error))
    } finally {
      this.#hasEnded = true
      clearTimeout(this.#timer)
    }
  }

  async #write(change: TaskChange): Promise<void> {
    if ((await this.#store.write(this.id, this.fence, change)) === 'ended') this.#supersede()
  }

  /** From here on its end is another's. */
  leave(reason: MeshError): void {
    this.#isLost = true
    clearTimeout(this.#timer)
    this.signal.abort(reason)
  }

  #supersede(): void {
    this.leave(new MeshError('MESH_CALL_CANCELLED', 'the task was cancelled, or taken over'))
  }
}

export function failed(error: TaskError): TaskChange {
  return { status: 'failed', message: error.message, outcome: { error: JSON.stringify(error) } }
}

/** What the mesh itself says against a task. */
export function meshFailure(error: MeshError): TaskError {
  const { code, message, mend } = error
  return { code: -32603, message: `${code}: ${message}`, data: { code, mend } }
}

function completed(result: ToolResult): TaskChange {
  const text = JSON.stringify(result)
  if (text.length <= mostResultLength)
    return { status: 'completed', message: '', outcome: { result: text } }
  const found = `the result has ${text.length} characters as JSON; of a task at most ${mostResultLength} are kept`
  return failed(meshFailure(new MeshError('MESH_TASK_TOO_LARGE', found)))
}

function errorOf(error: unknown): TaskError {
  if ([RpcError, ToolBusy, ClientLacks].some(kind => error instanceof kind)) return busyError(error)
  if (error instanceof MeshError) return meshFailure(error)
  return { code: -32603, message: messageOf(error) }
}

/** The newest note is written again, or the end takes its place. */
function ignoreLoss(error: unknown): void {
  if (!(error instanceof StoreLost)) throw error
}
