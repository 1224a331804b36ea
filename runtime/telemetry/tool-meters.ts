/**
 * What the calls of each tool of this agent came to, in plain numbers: what `/metrics` shows. Only tools of the manifest are
 * counted, so nobody who calls can make it grow.
 */
import { LatencyHistogram } from '../proxy/latency-histogram.ts'

export interface CallFigures {
  readonly calls: number
  /** Begun and not ended, those that wait for their turn among them. */
  readonly inFlight: number
  /** By code of the mesh; `tool_error` where a handler threw an error of its own. */
  readonly errors: Readonly<Record<string, number>>
  readonly latency: LatencyHistogram
}

export interface ToolFigures extends CallFigures {
  readonly tool: string
}

export interface ToolMeter extends ToolFigures {
  begin(): void
  /** `failure` names how it failed; absent where it did not. */
  end(ms: number, failure?: string): void
}

export interface ToolMeters {
  of(tool: string): ToolMeter
  figures(): ToolFigures[]
}

export class CallMeter implements CallFigures {
  calls = 0
  inFlight = 0
  readonly errors: Record<string, number> = {}
  readonly latency = new LatencyHistogram()

  begin(): void {
    this.calls++
    this.inFlight++
  }

  end(ms: number, failure?: string): void {
    this.inFlight--
    this.latency.observe(ms)
    if (failure !== undefined) this.errors[failure] = (this.errors[failure] ?? 0) + 1
  }
}

class Meter extends CallMeter implements ToolMeter {
  readonly tool: string

  constructor(tool: string) {
    super()
    this.tool = tool
  }
}

export function createToolMeters(): ToolMeters {
  const meters = new Map<string, Meter>()
  return {
    of(tool) {
      let meter = meters.get(tool)
      if (!meter) meters.set(tool, (meter = new Meter(tool)))
      return meter
    },
    figures: () => [...meters.values()],
  }
}
