/**
 * Which tools of a wrapped server run one at a time, where nothing says of which call a question is: those that have asked, and
 * each tool until a call of it has shown that it does not ask. So the first questions of two calls do not meet.
 */
import { isRecord } from '../mcp/content.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'
import { Turns } from '../proxy/turns.ts'

type Known = 'on trial' | 'asks' | 'does not ask'

export interface TurnsOptions {
  /** Whether tools of which nothing is known are tried; else they are taken for such that do not ask. */
  areTried: boolean
  /** So long a tool on trial waits for its turn, and keeps it while it does not ask. */
  trialMs: number
}

export interface TurnOf {
  name: string
  /** Resources, prompts and completions, which are many and hardly ever ask, are not tried. */
  isTool: boolean
  signal: CancelSignal
}

/** Of one connection. */
export class TurnsOfAskers {
  readonly #known = new Map<string, Known>()
  readonly #turns = new Turns(1)
  readonly #options: TurnsOptions

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Runs `call` in its turn, or at once where it needs none. Rejects with the reason of its signal. */
  async during<T>(of: TurnOf, call: () => Promise<T>): Promise<T> {
    const { name } = of
    if (this.#of(of) === 'does not ask') return call()
    const leave = await this.#enter(of)
    try {
      const result = await call()
      // A call that failed may have failed before it came to its question.
      if (!isError(result) && this.#of(of) === 'on trial') this.#known.set(name, 'does not ask')
      return result
    } finally {
      leave?.()
    }
  }

  hasAsked(name: string): boolean {
    return this.#known.get(name) === 'asks'
  }

  learn(name: string): void {
    this.#known.set(name, 'asks')
  }

  /** One of them has asked, and nobody knows which. */
  doubt(names: readonly string[]): void {
    for (const name of names) if (!this.hasAsked(name)) this.#known.set(name, 'on trial')
  }

  #of({ name, isTool }: TurnOf): Known {
    const first = this.#options.areTried && isTool ? 'on trial' : 'does not ask'
    return this.#known.get(name) ?? first
  }

  /** Leaves the turn; undefined where the call runs beside others. */
  async #enter(of: TurnOf): Promise<(() => void) | undefined> {
    const isIn = this.#turns.take() || (await this.#wait(of))
    if (!isIn) return undefined
    const leave = () => this.#turns.leave()
    const known = this.#of(of)
    if (known === 'does not ask') return void leave() // shown while it waited
    if (known === 'asks') return leave
    let hasLeft = false
    const timer = setTimeout(() => {
      if (this.#of(of) === 'asks') return
      this.#known.set(of.name, 'does not ask')
      hasLeft = true
      leave()
    }, this.#options.trialMs).unref()
    return () => {
      clearTimeout(timer)
      if (!hasLeft) leave()
    }
  }

  /** False where a tool on trial has waited long enough. */
  async #wait(of: TurnOf): Promise<boolean> {
    const { signal } = of
    if (this.#of(of) === 'asks') return this.#turns.wait(signal).then(() => true)
    const limit = new Cancellation()
    const onAbort = () => limit.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    const late = new Error('it has waited long enough')
    const timer = setTimeout(() => limit.abort(late), this.#options.trialMs).unref()
    try {
      await this.#turns.wait(limit)
      return true
    } catch (error) {
      if (error !== late) throw error
      return this.#of(of) === 'asks' ? this.#wait(of) : false // it was seen to ask meanwhile
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}

const isError = (result: unknown) => isRecord(result) && result['isError'] === true
