/**
 * The calls that run at one wrapped server, and of which of them a question is. Where the server's stream does not say it, it is
 * known only while one call runs alone: so new calls wait while the others end, and a tool that has asked in this way takes
 * turns from then on. A question is never guessed to be anybody's: it would be shown to a person who did not call.
 */
import { ProtocolError } from '@modelcontextprotocol/client'
import type { ServerQuestion } from '../../core/mcp/questions.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import { Turns } from '../proxy/turns.ts'
import type { Log } from '../telemetry/log.ts'

/** For so long a question waits until its call runs alone, and a new call for such a question. */
const aloneMs = 10_000
/** So long a server may go on with a call that was given up, and ask. */
const givenUpMs = 30_000
/** Of one call. */
const mostQuestions = 64

export interface CallAtServer {
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
  /** Those that have asked without saying of which call; they run one at a time. */
  readonly #askers = new Set<string>()
  readonly #turns = new Turns(1)

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs `send` with what stands for the call. Rejects with the reason of its signal. */
  async during<T>(call: CallAtServer, send: (token: object) => Promise<T>): Promise<T> {
    const takesTurns = this.#askers.has(call.name)
    if (takesTurns && !this.#turns.take()) await this.#turns.wait(call.signal)
    try {
      if (this.#unclear.size > 0) await this.#untilClear()
      const running: Running = { call, isGivenUp: false, asked: 0 }
      this.#running.add(running)
      try {
        return await send(running)
      } finally {
        this.#leave(running)
      }
    } finally {
      if (takesTurns) this.#turns.leave()
    }
  }

  /** `token` is that of the call on whose stream the question came. Rejects with a ProtocolError. */
  async answer(
    question: ServerQuestion,
    token: object | undefined,
  ): Promise<Record<string, unknown>> {
    const known = [...this.#running].find(one => one === token)
    const running = known ?? (await this.#alone(question))
    if (running.isGivenUp) throw refused(question, 'nobody waits for the call any more')
    if (++running.asked > mostQuestions)
      throw refused(question, `a call may ask ${mostQuestions} questions`)
    return running.call.ask(question)
  }

  #leave(running: Running): void {
    if (!running.call.signal.aborted) return this.#end(running)
    running.isGivenUp = true // the server may work on it still
    setTimeout(() => this.#end(running), givenUpMs).unref()
  }

  #end(running: Running): void {
    this.#running.delete(running)
    for (const look of [...this.#unclear]) look()
  }

  async #untilClear(): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, aloneMs).unref()
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
      const timer = setTimeout(() => settle(() => reject(this.#unsaid(question))), aloneMs).unref()
      const onAbort = () => settle(() => reject(refused(question, 'it was withdrawn')))
      question.signal.addEventListener('abort', onAbort)
      this.#unclear.add(look)
    })
  }

  #learn(running: Running): Running {
    this.#askers.add(running.call.name)
    return running
  }

  #open(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #unsaid(question: ServerQuestion): ProtocolError {
    const names = [...new Set([...this.#running].map(({ call }) => call.name))]
    const [unknown, ...others] = names.filter(name => !this.#askers.has(name))
    if (unknown !== undefined && others.length === 0) this.#askers.add(unknown)
    const found = `it does not say of which of the ${this.#running.size} calls that run (${names.slice(0, 5).join(', ')}) it is`
    this.#log.warn('a question of the wrapped server was refused', {
      ...{ method: question.method, reason: found },
    })
    return refused(question, found)
  }
}

const refused = ({ method }: ServerQuestion, why: string) =>
  new ProtocolError(-32603, `${method} cannot be handed to whoever called: ${why}`)
