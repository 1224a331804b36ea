/**
 * One edge of the mesh as this process sees it, a dependency of a tool: what its calls came to, in plain numbers, and the
 * state of its breaker and its bulkhead. It outlives rewires and changes of policy.
 */
import { BreakerState } from './breaker.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Call } from './call.ts'
import type { CancelSignal } from './cancellation.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import { Turns } from './turns.ts'
import { createWaiters } from './waiters.ts'

/** What a repeat is made with: its call may have begun before the endpoints or the policy changed. */
export interface Wired {
  /** One attempt: what the layer that repeats repeats. */
  readonly attempt: Call
  readonly endpoints: readonly Endpoint[]
}

export class Edge {
  /** `agent.tool -> dependency`. */
  readonly name: string
  /** That which it is wired to now. */
  capability = ''
  calls = 0
  inFlight = 0
  /** Calls that failed, by code; a tool's own error counts as MESH_TOOL_FAILED. */
  readonly errors: Record<string, number> = {}
  /** Requests that were sent or tried: first ones, repeats and hedges. */
  attempts = 0
  retries = 0
  hedges = 0
  /** How often an endpoint was taken out of the pick for its failures. */
  ejections = 0
  /** Of whole calls, waits and repeats included. */
  readonly latency = new LatencyHistogram()
  readonly breaker = new BreakerState()
  readonly bulkhead = new Turns()
  readonly #rewires = createWaiters()
  #wired: Wired | undefined

  constructor(name: string) {
    this.name = name
  }

  /** As it is wired now; undefined while nothing fills it. */
  get wired(): Wired | undefined {
    return this.#wired
  }

  wire(wired: Wired | undefined): void {
    this.#wired = wired
    this.#rewires.wake()
  }

  /** Resolves when the edge is wired anew or after `ms`; rejects with the signal's reason. */
  rewired(ms: number, signal: CancelSignal): Promise<void> {
    return this.#rewires.wait(ms, signal)
  }

  failed(code: string): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1
  }
}

/** A copy of an edge's figures, for those who show them. */
export interface EdgeFigures {
  edge: string
  capability: string
  calls: number
  inFlight: number
  /** Calls that wait in the bulkhead. */
  waiting: number
  errors: Readonly<Record<string, number>>
  attempts: number
  retries: number
  hedges: number
  ejections: number
  breaker: 'closed' | 'open' | 'half-open'
  latency: { buckets: readonly number[]; sumMs: number; count: number }
}

export function figuresOf(edge: Edge): EdgeFigures {
  const { name, capability, calls, inFlight, attempts, retries, hedges, ejections } = edge
  const { buckets, sumMs, count } = edge.latency
  return {
    ...{ edge: name, capability, calls, inFlight, attempts, retries, hedges, ejections },
    waiting: edge.bulkhead.waiting,
    errors: { ...edge.errors },
    breaker: edge.breaker.phase,
    latency: { buckets: [...buckets], sumMs, count },
  }
}
