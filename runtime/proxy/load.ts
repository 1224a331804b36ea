/**
 * What this process knows of each endpoint: calls in flight, how long it takes, and how often it failed. It outlives a
 * rewire, so that a new resolution does not forget who is slow or just refused a connection.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'

/** After so long a latency counts a third (1/e), as Finagle has it. */
const decayMs = 10_000

export class EndpointLoad {
  inFlight = 0
  /** Failures in a row that speak of the endpoint. */
  failures = 0
  /** Until then it is not picked where there are others, in milliseconds of `performance.now()`. */
  ejectedUntil = 0
  /** How often in a row it was ejected. */
  ejections = 0
  #latencyMs = 0
  #observedAt = 0

  /**
   * The cost of one more call: latency times the calls that would then be in flight. One of unknown latency with calls in
   * flight counts as slow until the first answer.
   */
  cost(now: number): number {
    if (this.#latencyMs === 0) return this.inFlight === 0 ? 0 : unknownMs + this.inFlight
    return this.#decayed(now) * (this.inFlight + 1)
  }

  /**
   * Peak EWMA (Finagle): a moving average that a longer latency lifts at once and shorter ones lower slowly, so that an
   * endpoint that stalls is left alone with its first slow answer.
   */
  observe(ms: number, now: number): void {
    const before = this.#decayed(now)
    const share = Math.exp((this.#observedAt - now) / decayMs)
    this.#latencyMs = ms > before ? ms : this.#latencyMs * share + ms * (1 - share)
    this.#observedAt = now
  }

  /** At least that long: of an attempt that ended without an answer. */
  atLeast(ms: number, now: number): void {
    if (ms > this.#decayed(now)) this.observe(ms, now)
  }

  #decayed(now: number): number {
    return this.#latencyMs * Math.exp((this.#observedAt - now) / decayMs)
  }
}

const unknownMs = 1_000

export interface Load {
  /** The same object for the life of the instance. */
  of(endpoint: Endpoint): EndpointLoad
  /** Forgets all but these instances. */
  keep(instances: ReadonlySet<string>): void
}

export function createLoad(): Load {
  const known = new Map<string, Map<string, EndpointLoad>>()
  return {
    of({ instance, tool }) {
      let tools = known.get(instance)
      if (!tools) known.set(instance, (tools = new Map<string, EndpointLoad>()))
      let load = tools.get(tool)
      if (!load) tools.set(tool, (load = new EndpointLoad()))
      return load
    },
    keep(instances) {
      for (const instance of known.keys()) if (!instances.has(instance)) known.delete(instance)
    },
  }
}
