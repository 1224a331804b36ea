/** Follows each request for a resource, a prompt or a completion from end to end: its span and its figures. */
import { MeshError } from '../../core/model/error.ts'
import { InputRequired } from '../mcp/asking.ts'
import type { ObserveOffer } from '../mcp/run-offer.ts'
import { CallMeter, type CallFigures } from './tool-meters.ts'
import { failureOfError } from './traced-failure.ts'
import type { ServedMethod, TracedFailure, Tracing } from './tracing.ts'

export interface OfferFigures extends CallFigures {
  readonly method: ServedMethod
  /** As the manifest has it: a URI or its template, or a prompt's name. */
  readonly name: string
}

export interface ObservedOffers {
  /** Results and what is thrown come through unchanged. */
  observe: ObserveOffer
  figures(): OfferFigures[]
}

class OfferMeter extends CallMeter implements OfferFigures {
  readonly method: ServedMethod
  readonly name: string

  constructor(method: ServedMethod, name: string) {
    super()
    this.method = method
    this.name = name
  }
}

/** Only what is offered is counted, so nobody who asks can make it grow. */
export function observeOffers(tracing: Tracing): ObservedOffers {
  const meters = new Map<string, OfferMeter>()
  const meterOf = (method: ServedMethod, name: string): OfferMeter => {
    const key = `${method} ${name}`
    const meter = meters.get(key) ?? new OfferMeter(method, name)
    meters.set(key, meter)
    return meter
  }
  const observe: ObserveOffer = async ({ method, name }, { received }, run) => {
    const began = performance.now()
    const trace = tracing.serve(name, received, method, began)
    const meter = meterOf(method, name)
    let failure: TracedFailure | undefined
    meter.begin()
    try {
      return await trace.within(() => run(trace))
    } catch (error) {
      if (!(error instanceof InputRequired)) failure = failureOf(error)
      throw error
    } finally {
      const ended = performance.now()
      meter.end(ended - began, failure && (failure.code ?? failure.type))
      trace.end(failure, ended)
    }
  }
  return { observe, figures: () => [...meters.values()] }
}

/** What a handler threw of its own: as `tool_error` of a tool. */
function failureOf(error: unknown): TracedFailure {
  return error instanceof MeshError
    ? failureOfError(error)
    : { type: 'handler_error', about: undefined }
}
