/**
 * The calls that run at one wrapped server, and of which of them a question is. Where the server's stream does not say it, it is
 * known only while one call runs alone: so new calls wait while the others end, and tools that ask in this way take turns
 * (turns-of-askers.ts). A question is never guessed to be anybody's: it would be shown to a person who did not call.
 */
import { ProtocolError } from '@modelcontextprotocol/client'
import type { ServerQuestion } from '../../core/mcp/questions.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { Log } from '../telemetry/log.ts'
import { TurnsOfAskers, type TurnOf } from './turns-of-askers.ts'

export interface Limits {
  /** For so long a question waits until its call runs alone, and a new call for such a question. */
  aloneMs: number
  /** So long a server may go on with a call that was given up, and ask. */
  givenUpMs: number
  /** So long a tool of which nothing is known runs alone, and waits until it can. */
  trialMs: number
  /** Of one call. */
  mostQuestions: number
}

const limits: Limits = { aloneMs: 10_000, givenUpMs: 30_000, trialMs: 2_000, mostQuestions: 64 }

export interface RunningOptions extends Partial<Limits> {
  log: Log
  /** Whether the server can ask and nothing says of which call, as on stdio. */
  isUnclear: boolean
}

export interface CallAtServer extends TurnOf {
  /** Of the tool or prompt, or the URI; for the log, and for who takes turns. */
  name: string
  /** Aborts when nobody waits for its answer any more. */
  signal: CancelSignal
  /** The answer of whoever called. Rejects with a ProtocolError. */
  ask(question: ServerQuestion): Promise<Record<string, unknown>>
}

interface Running {
  call: CallAtServer
  isGivenUp: boolean
  asked: number
}

/** Of one connection. */
export class RunningCalls {
  readonly #log: Log
  readonly #running = new Set<Running>()
  /** Questions of which nobody can say of which call they are: called when another call has ended. */
  readonly #unclear = new Set<() => void>()
  /** Called when no question is unclear any more. */
  readonly #waiting = new Set<() => void>()
  readonly #turns: TurnsOfAskers
  readonly #limits: Limits

  constructor({ log, isUnclear, ...limited }: RunningOptions) {
    this.#log = log
    this.#limits = { ...limits, ...limited }
    this.#turns = new TurnsOfAskers({ areTried: isUnclear, trialMs: this.#limits.trialMs })
  }

  /** Runs `send` with what stands for the call. Rejects with the reason of its signal. */
  during<T>(call: CallAtServer, send: (token: object) => Promise<T>): Promise<T> {
    return this.#turns.during(call, async () => {
      if (this.#unclear.size > 0) await this.#untilClear()
      const running: Running = { call, isGivenUp: false, asked: 0 }
      this.#running.add(running)
      try {
        return await send(running)
      } finally {
        this.#leave(running)
      }
    })
  }

  /** `token` is that of the call on whose stream the question came. Rejects with a ProtocolError. */
  async answer(
    question: ServerQuestion,
    token: object | undefined,
  ): Promise<Record<string, unknown>> {
    const known = [...this.#running].find(one => one === token)
    const running = known ?? (await this.#alone(question))
    if (running.isGivenUp) throw refused(question, 'nobody waits for the call any more')
    const { mostQuestions } = this.#limits
    if (++running.asked > mostQuestions)
      throw refused(question, `a call may ask ${mostQuestions} questions`)
    return running.call.ask(question)
  }

  #leave(running: Running): void {
    if (!running.call.signal.aborted) return this.#end(running)
    running.isGivenUp = true // the server may work on it still
    setTimeout(() => this.#end(running), this.#limits.givenUpMs).unref()
  }

  #end(running: Running): void {
    this.#running.delete(running)
    for (const look of [...this.#unclear]) look()
  }

  async #untilClear(): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, this.#limits.aloneMs).unref()
      this.#waiting.add(() => (clearTimeout(timer), resolve()))
    })
  }

  /** The only call that runs, as soon as there is one. */
  async #alone(question: ServerQuestion): Promise<Running> {
    const [only] = this.#running
    if (!only) throw refused(question, 'no call of it is running')
    if (this.#running.size === 1) return this.#learn(only)
    // With a question for each call none of them would ever be the last.
    if (this.#unclear.size + 1 >= this.#running.size) throw this.#unsaid(question)
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer)
        question.signal.removeEventListener('abort', onAbort)
        this.#unclear.delete(look)
        if (this.#unclear.size === 0) this.#open()
        end()
      }
      const look = () => {
        const [last] = this.#running
        if (!last) settle(() => reject(refused(question, 'its call has ended')))
        else if (this.#running.size === 1) settle(() => resolve(this.#learn(last)))
      }
      const onLate = () => settle(() => reject(this.#unsaid(question)))
      const timer = setTimeout(onLate, this.#limits.aloneMs).unref()
      const onAbort = () => settle(() => reject(refused(question, 'it was withdrawn')))
      question.signal.addEventListener('abort', onAbort)
      this.#unclear.add(look)
    })
  }

  #learn(running: Running): Running {
    this.#turns.learn(running.call.name)
    return running
  }

  #open(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #unsaid(question: ServerQuestion): ProtocolError {
    const names = [...new Set([...this.#running].map(({ call }) => call.name))]
    const [only, ...others] = names
    if (only !== undefined && others.length === 0) this.#turns.learn(only)
    else this.#turns.doubt(names)
    const listed = names.slice(0, 5).join(', ')
    const found = `it does not say of which of the ${this.#running.size} calls that run (${listed}) it is`
    const mend = `call again, alone: calls of ${listed} take turns now; a server that is reached over HTTP (spec.server.url) says of which call it asks`
    this.#log.warn('a question of the wrapped server was refused', {
      ...{ method: question.method, reason: found, mend },
    })
    return refused(question, `${found}; mend: ${mend}`)
  }
}

const refused = ({ method }: ServerQuestion, why: string) =>
  new ProtocolError(-32603, `${method} cannot be handed to whoever called: ${why}`)
