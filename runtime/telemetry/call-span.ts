/**
 * A span of a call of the mesh, made to cost little: what it says is a description that many share, never copied,
 * and it is a plain object until somebody writes to it. A handler may (it is the active span): from then on a span of the
 * SDK keeps what it writes, so that the limits of `OTEL_*` and the SDK's checks hold for that.
 */
import { SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
  Tracer,
  TraceState,
} from '@opentelemetry/api'
import { hrTimeDuration, type InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { SpanDescription } from './span-attributes.ts'
import type { WallClock } from './wall-clock.ts'

/** What all spans of a process share. */
export interface SpanMeans {
  resource: Resource
  scope: InstrumentationScope
  processors: readonly SpanProcessor[]
  clock: WallClock
  /** Makes spans that record and go nowhere, within the limits of `OTEL_*`. */
  keeper: Tracer
  /** True where those limits could cut what the mesh itself says: then the SDK keeps all of it. */
  isLimited: boolean
}

export interface SpanBeginning {
  traceId: string
  spanId: string
  /** A moment of `performance.now()`. */
  began: number
}

/** A span of the SDK, as it may be read. */
type KeptSpan = Span & ReadableSpan

const unset: SpanStatus = { code: SpanStatusCode.UNSET }
const nothing: never[] = []

/** Its ids are those of a `SpanContext`, as which it is the parent of others. */
export class CallSpan implements Span, ReadableSpan, SpanContext {
  /** What it says, apart from what somebody wrote. */
  description: SpanDescription
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags = TraceFlags.SAMPLED
  readonly traceState?: TraceState
  readonly parentSpanContext?: SpanContext
  /** Milliseconds since the epoch. */
  readonly startMs: number
  endMs: number
  ended: boolean
  /** What somebody wrote by the API. */
  kept: KeptSpan | undefined
  readonly #means: SpanMeans
  readonly #began: number

  constructor(
    means: SpanMeans,
    description: SpanDescription,
    { traceId, spanId, began }: SpanBeginning,
    parent: SpanContext | undefined,
  ) {
    this.description = description
    this.traceId = traceId
    this.spanId = spanId
    if (parent) {
      this.parentSpanContext = parent
      if (parent.traceState) this.traceState = parent.traceState
    }
    this.startMs = means.clock.timeOf(began)
    this.endMs = 0
    this.ended = false
    this.kept = undefined
    this.#means = means
    this.#began = began
    if (means.isLimited) this.#keep()
  }

  /** An attempt goes to where `description` says. Of several the last counts. */
  goesOn(description: SpanDescription): void {
    this.description = description
    this.kept?.updateName(description.name).setAttributes(description.attributes)
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags, traceState } = this
    return { traceId, spanId, traceFlags, ...(traceState && { traceState }) }
  }

  isRecording(): boolean {
    return !this.ended
  }

  end(endTime?: TimeInput): void {
    this.#end(performance.now(), endTime)
  }

  /** At a moment of `performance.now()`. */
  endAt(moment: number): void {
    this.#end(moment)
  }

  #end(moment: number, endTime?: TimeInput): void {
    if (this.ended) return
    this.endMs = this.startMs + moment - this.#began
    if (endTime !== undefined || this.kept) this.#keep().end(endTime ?? this.endMs)
    this.ended = true
    for (const processor of this.#means.processors) processor.onEnd(this)
  }

  setStatus(status: SpanStatus): this {
    this.#keep().setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#keep().updateName(name)
    return this
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#keep().setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#keep().setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    this.#keep().addEvent(name, attributesOrTime, time)
    return this
  }

  addLink(link: Link): this {
    this.#keep().addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#keep().addLinks(links)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#keep().recordException(exception, time)
  }

  get name(): string {
    return this.kept ? this.kept.name : this.description.name
  }

  get kind(): SpanKind {
    return this.description.kind
  }

  get resource(): Resource {
    return this.#means.resource
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#means.scope
  }

  get attributes(): Attributes {
    return this.kept ? this.kept.attributes : this.description.attributes
  }

  get status(): SpanStatus {
    return this.kept ? this.kept.status : unset
  }

  get startTime(): HrTime {
    return timeOf(this.startMs)
  }

  get endTime(): HrTime {
    return this.kept?.ended ? this.kept.endTime : timeOf(this.endMs)
  }

  get duration(): HrTime {
    return hrTimeDuration(this.startTime, this.endTime)
  }

  get events(): ReadableSpan['events'] {
    return this.kept ? this.kept.events : nothing
  }

  get links(): Link[] {
    return this.kept ? this.kept.links : nothing
  }

  get droppedAttributesCount(): number {
    return this.kept ? this.kept.droppedAttributesCount : 0
  }

  get droppedEventsCount(): number {
    return this.kept ? this.kept.droppedEventsCount : 0
  }

  get droppedLinksCount(): number {
    return this.kept ? this.kept.droppedLinksCount : 0
  }

  /** With what was said until now; after the end it takes no more, and the SDK warns of it. */
  #keep(): KeptSpan {
    if (this.kept) return this.kept
    const options = { kind: this.kind, startTime: this.startMs }
    const kept = this.#means.keeper.startSpan(this.name, options) as KeptSpan
    kept.setAttributes(this.attributes)
    if (this.ended) kept.end()
    else this.kept = kept
    return kept
  }
}

/** Seconds, and nanoseconds beside them. */
function timeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)]
}
