/**
 * The end of a call, as the layers tell each other of it. An `AbortController` with its event target costs more than
 * the rest of a layer, and a call has several, one within the other; this is the part of it that they use. A handler is
 * given the platform's own signal, which is made when the handler first asks for it.
 */

/** What layers need of an `AbortSignal`, which fits too. Each listener is told once. */
export interface CancelSignal {
  readonly aborted: boolean
  /** Undefined until it has aborted. */
  readonly reason: Error
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export class Cancellation implements CancelSignal {
  aborted = false
  reason = undefined as unknown as Error // as AbortSignal has it: nobody asks before it has aborted
  /** Mostly the only one: in a list of its own it would cost more than the rest of a layer. */
  #listener: (() => void) | undefined
  /**
   * In no order, one for each call that runs beside others. An array, though it is searched: a set whose members come and go makes
   * itself tables again and again, and leaves in each old one a link to the next. The first of them that the garbage collector
   * takes for old keeps alive, for the collector of the young, all that follow, with the calls in them.
   */
  #others: (() => void)[] | undefined
  #platform: AbortController | undefined

  /** The first reason stays. */
  abort(reason: Error): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#platform?.abort(reason)
    const listener = this.#listener
    const others = this.#others
    this.#listener = undefined
    this.#others = undefined
    listener?.()
    if (others) for (const other of others) other()
  }

  /** For those who know nothing of us: aborts when this does, with the same reason. */
  get signal(): AbortSignal {
    if (!this.#platform) {
      this.#platform = new AbortController()
      if (this.aborted) this.#platform.abort(this.reason)
    }
    return this.#platform.signal
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#listener) this.#listener = listener
    else (this.#others ??= []).push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined
    else if (this.#others) take(this.#others, listener)
  }
}

/** The last takes its place. */
function take(listeners: (() => void)[], listener: () => void): void {
  const at = listeners.indexOf(listener)
  if (at < 0) return
  const last = listeners.pop()
  if (last && at < listeners.length) listeners[at] = last
}
