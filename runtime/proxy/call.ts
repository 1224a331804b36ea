/**
 * A call to a capability, and a layer around it. Every policy is one layer in one file: it gets the next call and gives
 * back a call of the same shape, so policies compose and each is tested with a fake `next`.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { CallRecord } from '../telemetry/call-record.ts'
import type { CancelSignal } from './cancellation.ts'
import type { ChunkSink, Flow } from './chunk-queue.ts'
import type { Trail } from './trail.ts'
import type { ToolResult } from './values.ts'

/** Layers never change a request: they hand on a copy. */
export interface CallRequest {
  readonly args: Readonly<Record<string, unknown>>
  /** Aborts when nobody waits for the answer any more; its reason is what the caller is thrown. */
  readonly signal: CancelSignal
  /** When the answer is of no more use, in milliseconds of `performance.now()`; Infinity for never. */
  readonly expiresAt: number
  /** What the attempts of this call know of each other; made by the layer that makes several of them. */
  readonly trail?: Trail | undefined
  /** Where this attempt goes; set by `pick`. */
  readonly endpoint?: Endpoint | undefined
  /** Where the chunks of a streamed answer go; each layer hands it on. Absent where none are asked for. */
  readonly stream?: ChunkSink | undefined
  /** Told of each attempt; each layer hands it on. */
  readonly record?: CallRecord | undefined
  /** The request of which this call is the passing on; each layer hands it on. Absent where a handler makes the call. */
  readonly passed?: Passed | undefined
}

/** What a gateway passes on beside the arguments. */
export interface Passed {
  /** That of the request, so that the answer can go back as it comes. */
  readonly id: string | number
  /** Of the request: all that does not name whom it is for. */
  readonly params: Readonly<Record<string, unknown>>
  /** Of the HTTP request, names and values in turn. */
  readonly headers: readonly string[]
  /** The request as text, where more can be said at its end. */
  readonly text?: PassedText | undefined
  /** Told of each event before the answer, as text. */
  readonly onEvent?: ((data: string, flow: Flow) => void) | undefined
}

export interface PassedText {
  /** Without the braces that end its `_meta`, its params and itself. */
  readonly open: string
  /** What is asked for, as it stands there. */
  readonly name: string | undefined
  /** What the arguments there were read as. */
  readonly args: Readonly<Record<string, unknown>>
}

export type Call = (request: CallRequest) => Promise<ToolResult>
export type Layer = (next: Call) => Call

/** `stack([a, b], leaf)` runs a, then b, then the leaf: first listed is outermost. */
export function stack(layers: readonly Layer[], leaf: Call): Call {
  return layers.reduceRight((next, layer) => layer(next), leaf)
}
