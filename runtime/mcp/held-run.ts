/**
 * One run that goes on while its client is asked, and the calls that go on with it one after the other: each is answered with
 * questions, until the last, which has the result.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { MeshError } from '../../core/model/error.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'
import { InputRequired, missing, nobody, type Asker, type Question } from './asking.ts'
import { checkAnswer } from './check-answer.ts'
import { RpcError } from './rpc-error.ts'

export type Asked = Pick<Question, 'method' | 'params'>

/** Whom a run may ask. */
export interface AskingCaller {
  readonly capabilities: Asker['capabilities']
  /** What the client brought for a server that asks by rounds itself; undefined where the client is asked meanwhile. */
  readonly rounds: Rounds | undefined
  /** The client's answer, as it came; it fits the question. Throws MESH_CLIENT_INCAPABLE and what else keeps it from one. */
  ask(asked: Asked, run: Cancellation): Promise<unknown>
}

export interface Rounds {
  responses: Readonly<Record<string, unknown>> | undefined
  state: unknown
}

/** A call that a run is for, of those that go on with it one after the other. */
export interface HeldCall {
  signal: CancelSignal
  asker?: Asker | undefined
}

export interface RunCaller<C> extends AskingCaller {
  /** Ends the run. */
  readonly signal: CancelSignal
  /** The call that waits for it at the moment, or did last. */
  readonly now: C
}

/** What stands in a state: a run here or at another instance, or what a server has given to its client. */
export type Carried = { run: string; at: Place } | { server: unknown }

/** An instance of this agent. */
export interface Place {
  instance: string
  url: string
}

export interface Holder {
  /** Keeps the run until its `end`. Throws MESH_TOOL_BUSY. */
  hold: () => void
  end: () => void
  place: () => Place
  /** So long a client may take for its answers. */
  answerMs: number
}

interface Open {
  question: Question
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
}

export class HeldRun<C extends HeldCall> implements RunCaller<C> {
  readonly id = randomUUID()
  readonly signal = new Cancellation()
  readonly rounds: Rounds
  now: C
  readonly #holder: Holder
  readonly #keyOf = keys()
  readonly #open = new Map<string, Open>()
  #result: Promise<unknown> = Promise.resolve()
  /** Ends the wait of the call that is there; undefined while none is. */
  #leave: ((error: Error) => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(call: C, rounds: Rounds, holder: Holder) {
    this.now = call
    this.rounds = rounds
    this.#holder = holder
  }

  get capabilities(): Asker['capabilities'] {
    return (this.now.asker ?? nobody).capabilities
  }

  begin(begin: (caller: RunCaller<C>) => Promise<unknown>): Promise<unknown> {
    this.#result = begin(this)
    this.#result.catch(() => undefined) // its client may be away
    return this.#attach(this.now)
  }

  /** With the answers that the call brings. */
  goOn(call: C): Promise<unknown> {
    if (this.#leave) {
      const found = 'another call goes on with this one already'
      throw new RpcError(-32602, found, { reason: 'invalid_request_state' })
    }
    this.now = call
    clearTimeout(this.#timer)
    const responses = call.asker?.brought?.responses ?? {}
    for (const [key, { question, resolve }] of this.#open) {
      if (!Object.hasOwn(responses, key)) continue
      const answer = responses[key]
      if (checkAnswer(question, answer).length > 0) continue // it is asked again
      this.#open.delete(key)
      resolve(answer)
    }
    return this.#attach(call)
  }

  ask(asked: Asked, run: Cancellation): Promise<unknown> {
    const lacking = missing(asked, this.capabilities)
    if (lacking) return Promise.reject(lacking)
    return new Promise((resolve, reject) => {
      this.#holder.hold() // throws into the promise
      const question = { ...asked, key: this.#keyOf(asked) }
      this.#open.set(question.key, { question, resolve, reject })
      run.addEventListener('abort', () => {
        this.#open.delete(question.key)
        reject(run.reason)
      })
      if (this.#leave) void this.#suspend()
    })
  }

  async #attach({ signal }: C): Promise<unknown> {
    const onAbort = () => this.signal.abort(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    const left = new Promise<never>((_, reject) => (this.#leave = reject))
    if (this.#open.size > 0) void this.#suspend() // asked at once, or still
    try {
      return await Promise.race([this.#result, left])
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (this.#leave) this.#holder.end() // else it was left, and goes on
      this.#leave = undefined
    }
  }

  /** Questions that are asked at one time go out together. */
  async #suspend(): Promise<void> {
    await setImmediate()
    const leave = this.#leave
    const questions = [...this.#open.values()].map(({ question }) => question)
    if (!leave || questions.length === 0) return
    this.#leave = undefined
    const carried: Carried = { run: this.id, at: this.#holder.place() }
    this.#timer = setTimeout(() => this.#giveUp(), this.#holder.answerMs).unref()
    leave(new InputRequired(questions, { carried: JSON.stringify(carried) }))
  }

  #giveUp(): void {
    const found = `the client did not answer within ${this.#holder.answerMs / 60_000} minutes`
    const error = new MeshError('MESH_TIMEOUT_ELAPSED', found, 'answer sooner')
    for (const { reject } of this.#open.values()) reject(error)
    this.#open.clear()
    this.signal.abort(error)
    this.#holder.end()
  }
}

/** The same each time for the same questions in the same order. */
export function keys(): (asked: Asked) => string {
  const counts = new Map<string, number>()
  return ({ method }) => {
    const count = (counts.get(method) ?? 0) + 1
    counts.set(method, count)
    return `${method.replace(/\W.*/, '')}-${count}`
  }
}
