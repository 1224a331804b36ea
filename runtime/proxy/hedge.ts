/**
 * A second attempt beside a first one that takes long: the first answer wins and the other attempt is cancelled. It cuts the tail
 * of latencies that one slow endpoint makes, for little more load when it begins where few calls are still open (Dean and
 * Barroso, The Tail at Scale, CACM 2013). Only for what may be repeated; it takes from the retry budget, so that a
 * capability that is slow throughout does not get twice its calls.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { Alarm } from './alarm.ts'
import type { Call, CallRequest, Layer } from './call.ts'
import { Cancellation } from './cancellation.ts'
import type { Edge } from './edge.ts'
import type { RetryBudget } from './retry-budget.ts'
import { Trail } from './trail.ts'
import type { ToolResult } from './values.ts'

export interface HedgeOptions {
  edge: Edge
  endpoints: readonly Endpoint[]
  budget: RetryBudget
}

export const hedge =
  ({ afterMs }: NonNullable<CallPolicy['hedge']>, options: HedgeOptions): Layer =>
  next =>
  request => {
    if (request.stream) return next(request) // the chunks of two attempts would be mixed
    return new Promise((resolve, reject) => {
      new Hedged(request, next, options, { resolve, reject }).start(afterMs)
    })
  }

interface Outcome {
  resolve: (result: ToolResult) => void
  reject: (error: unknown) => void
}

/** One call and at most two attempts. */
class Hedged {
  readonly #request: CallRequest
  readonly #next: Call
  readonly #options: HedgeOptions
  readonly #outcome: Outcome
  readonly #trail: Trail
  readonly #attempts: Cancellation[] = []
  #alarm: Alarm | undefined
  #running = 0

  constructor(request: CallRequest, next: Call, options: HedgeOptions, outcome: Outcome) {
    this.#request = request
    this.#next = next
    this.#options = options
    this.#outcome = outcome
    this.#trail = request.trail ?? new Trail(request.expiresAt, false)
  }

  start(afterMs: number): void {
    this.#request.signal.addEventListener('abort', this.#onAbort)
    this.#alarm = new Alarm(performance.now() + afterMs, () => this.#second())
    this.#alarm.set()
    this.#attempt()
  }

  #attempt(): void {
    const { args, expiresAt, record, passed } = this.#request
    const signal = new Cancellation()
    this.#attempts.push(signal)
    this.#running++
    this.#next({ args, signal, expiresAt, trail: this.#trail, record, passed }).then(
      result => this.#answered(result, signal),
      (error: unknown) => this.#failed(error),
    )
  }

  #second(): void {
    const { edge, budget, endpoints } = this.#options
    const trail = this.#trail
    const isElsewhere = endpoints.some(e => e.isRepeatable && !trail.hasAsked(e))
    if (!isElsewhere || trail.endpoints.at(-1)?.isRepeatable !== true || !budget.withdraw()) return
    trail.mayHaveRun = true // so that pick keeps to endpoints that may run it once more
    edge.hedges++
    this.#attempt()
  }

  #answered(result: ToolResult, winner: Cancellation): void {
    this.#end()
    this.#outcome.resolve(result)
    for (const signal of this.#attempts) if (signal !== winner) signal.abort(lost())
  }

  /** The last of them to fail is the failure of both. */
  #failed(error: unknown): void {
    if (--this.#running > 0) return
    this.#end()
    this.#outcome.reject(error)
  }

  #end(): void {
    this.#alarm?.clear()
    this.#request.signal.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => {
    for (const signal of this.#attempts) signal.abort(this.#request.signal.reason)
  }
}

const lost = () => new MeshError('MESH_CALL_CANCELLED', 'another attempt of this call was answered')
