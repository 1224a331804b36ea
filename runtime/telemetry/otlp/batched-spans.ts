/**
 * Hands spans over in batches by the rules of OpenTelemetry's batching processor, one batch at a time: when it is full, and else some
 * time after its first span. Plain spans of calls become bytes as they end; all others go to OpenTelemetry's own processor.
 * https://opentelemetry.io/docs/specs/otel/trace/sdk/#batching-processor
 */
import { context, diag, ROOT_CONTEXT, type Context } from '@opentelemetry/api'
import { suppressTracing, type ExportResult } from '@opentelemetry/core'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { CallSpan } from '../call-span.ts'
import { SpanBatch, type Frame } from './span-batch.ts'
import { isPlain } from './span-encoding.ts'

export interface BatchLimits {
  /** Spans that wait; what comes beyond is dropped. */
  queue: number
  /** Spans in a batch. */
  batch: number
  /** For which a batch that is not full waits for more, in milliseconds. */
  delayMs: number
}

export interface BatchExporter {
  export(batch: SpanBatch, done: (result: ExportResult) => void): void
}

export class BatchedSpans implements SpanProcessor {
  readonly #exporter: BatchExporter
  readonly #others: SpanProcessor
  readonly #frame: Frame
  readonly #limits: BatchLimits
  #filling: SpanBatch
  readonly #full: SpanBatch[] = []
  /** Whose bytes can be used again. */
  readonly #spare: SpanBatch[] = []
  /** Spans in full batches. */
  #waiting = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #exporting: Promise<void> | undefined
  #isShut = false

  constructor(exporter: BatchExporter, others: SpanProcessor, frame: Frame, limits: BatchLimits) {
    this.#exporter = exporter
    this.#others = others
    this.#frame = frame
    this.#limits = limits
    this.#filling = new SpanBatch(frame)
  }

  onStart(span: Span, parent: Context): void {
    this.#others.onStart(span, parent)
  }

  onEnd(span: ReadableSpan): void {
    if (!(span instanceof CallSpan) || !isPlain(span)) return this.#others.onEnd(span)
    if (this.#isShut) return
    const { queue, batch } = this.#limits
    if (this.#waiting + this.#filling.length >= queue) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) this.#sayDropped()
    this.#filling.add(span)
    if (this.#filling.length >= batch) this.#close()
    else this.#await()
  }

  async forceFlush(): Promise<void> {
    await Promise.all([this.#drain(), this.#others.forceFlush()])
  }

  /** Ends the exporter too, which is also that of the others. */
  async shutdown(): Promise<void> {
    this.#isShut = true
    await this.#drain()
    await this.#others.shutdown()
  }

  async #drain(): Promise<void> {
    this.#close()
    while (this.#exporting) await this.#exporting
  }

  /** While another is exported a batch that is not full takes more: its time begins after that. */
  #await(): void {
    if (this.#exporting) return
    this.#timer ??= setTimeout(() => this.#close(), this.#limits.delayMs).unref()
  }

  /** The batch takes no more: it is exported, in its turn. */
  #close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#filling.length > 0) {
      this.#full.push(this.#filling)
      this.#waiting += this.#filling.length
      this.#filling = this.#spare.pop() ?? new SpanBatch(this.#frame)
    }
    if (!this.#exporting) this.#next()
  }

  #next(): void {
    const batch = this.#full.shift()
    if (!batch) return this.#filling.length > 0 ? this.#await() : undefined
    this.#waiting -= batch.length
    this.#exporting = this.#export(batch).then(() => {
      batch.clear()
      if (this.#spare.length < mostSpare) this.#spare.push(batch)
      this.#exporting = undefined
      this.#next()
    })
  }

  /** What instruments HTTP makes no spans of it. How it ends is the exporter's to say. */
  #export(batch: SpanBatch): Promise<void> {
    return new Promise(resolve => {
      context.with(untraced, () => this.#exporter.export(batch, () => resolve()))
    })
  }

  #sayDropped(): void {
    diag.warn(`Dropped ${this.#dropped} spans because maxQueueSize reached`)
    this.#dropped = 0
  }
}

const mostSpare = 2
const untraced = suppressTracing(ROOT_CONTEXT)
