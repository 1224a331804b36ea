/** Spans of calls in batches: what a receiver reads of them is what it reads of OpenTelemetry's own; and when they are handed over. */
import { context, diag, DiagLogLevel, SpanKind, type SpanContext } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { isTracingSuppressed, type ExportResult } from '@opentelemetry/core'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import t, { type Test } from 'tap'
import { CallSpan } from '../../../runtime/telemetry/call-span.ts'
import { BatchedSpans, type BatchLimits } from '../../../runtime/telemetry/otlp/batched-spans.ts'
import { frameOf, SpanBatch } from '../../../runtime/telemetry/otlp/span-batch.ts'
import { WallClock } from '../../../runtime/telemetry/wall-clock.ts'
import { openOtlpReceiver } from '../../support/otlp-receiver.ts'
import { fieldsOf, type Fields } from '../../support/protobuf.ts'

const provider = new BasicTracerProvider()
const resource = resourceFromAttributes(
  { 'service.name': 'plänner', count: 7, on: true },
  { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' },
)
const scope = { name: 'mcp-mesh' }
const frame = frameOf(resource, scope)
const keeper = provider.getTracer('test')
const idsOf = (digit: string): SpanContext => ({
  ...{ traceId: `0${digit}af`.repeat(8), spanId: `f${digit}90`.repeat(4), traceFlags: 1 },
})

function spanOf(parent?: SpanContext, attributes = {}, processors: BatchedSpans[] = []): CallSpan {
  const name = 'tools/call schön'
  const more = { 'a.b': 'c', none: '', on: false, big: 2 ** 40, half: 0.5, ...attributes }
  const description = { name, kind: SpanKind.CLIENT, attributes: more }
  const clock = new WallClock()
  const means = { resource, scope, clock, processors, isLimited: false, keeper }
  return new CallSpan(means, description, { ...idsOf('1'), began: performance.now() }, parent)
}

function requestOf(...spans: CallSpan[]): Buffer {
  const batch = new SpanBatch(frame)
  for (const span of spans) batch.add(span)
  t.equal(batch.length, spans.length)
  return Buffer.from(batch.request())
}

/** The spans, their bare fields. */
const bare = (body: Uint8Array | undefined): Fields[] =>
  fieldsOf(Buffer.from(body ?? []))
    .messages(1, r => r.messages(2, s => s.messages(2, span => span)))
    .flat(2)

t.test('one of each kind, alone and together, as OpenTelemetry would write it', async t => {
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  const read = async (body: Uint8Array | undefined) => {
    receiver.spans.length = 0
    const headers = { 'content-type': 'application/x-protobuf' }
    await fetch(receiver.url, { method: 'POST', headers, body: Buffer.from(body ?? []) })
    return [...receiver.spans]
  }
  const root = spanOf()
  const child = spanOf(idsOf('2'))
  const remote = spanOf({ ...idsOf('3'), isRemote: true })
  const zwei = { 'server.port': 300, list: ['x', 'y'] }
  remote.goesOn({ name: 'tools/call zwei', kind: SpanKind.CLIENT, attributes: zwei })
  const all = [root, child, remote]
  for (const span of all) span.end()
  for (const spans of [[root], [child, remote], all]) {
    t.strictSame(
      await read(requestOf(...spans)),
      await read(ProtobufTraceSerializer.serializeRequest(spans)),
    )
    t.equal(receiver.spans.length, spans.length)
  }
  const schema = (body: Uint8Array | undefined) =>
    fieldsOf(Buffer.from(body ?? [])).messages(1, r => r.text(3))
  t.strictSame(schema(requestOf(root)), schema(ProtobufTraceSerializer.serializeRequest([root])))
  for (const span of all) {
    const [ours] = bare(requestOf(span))
    const [theirs] = bare(ProtobufTraceSerializer.serializeRequest([span]))
    for (const field of [1, 2, 4, 5, 7, 8, 16]) {
      t.equal(ours?.hex(field), theirs?.hex(field), `field ${field}`)
    }
    t.equal(ours?.number(6), theirs?.number(6))
  }
})

t.test('a batch grows with its spans, and is used again', async t => {
  const batch = new SpanBatch(frame)
  for (const long of [200, 20_000, 1]) {
    for (let i = 0; i < 300; i++) {
      const span = spanOf(idsOf('4'), { long: `${i} `.padEnd(long, 'x') })
      span.end()
      batch.add(span)
    }
    const spans = bare(batch.request())
    t.equal(spans.length, 300)
    const ofLast = spans
      .at(-1)!
      .messages(9, pair => [pair.text(1), pair.messages(2, v => v.text(1))])
    t.match(ofLast.at(-1), ['long', ['299 '.padEnd(long, 'x')]])
    batch.clear()
    t.equal(batch.length, 0)
  }
})

interface Handed {
  spans: number
  done: (result?: ExportResult) => void
}

function open(t: Test, limits: Partial<BatchLimits> = {}) {
  const handed: Handed[] = []
  const exporter = {
    export(batch: SpanBatch, done: (result: ExportResult) => void) {
      const spans = bare(batch.request()).length
      t.equal(spans, batch.length)
      handed.push({ spans, done: (result = { code: 0 }) => done(result) })
    },
  }
  const others = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor(others)
  const batched = new BatchedSpans(exporter, processor, frame, {
    ...{ queue: 10, batch: 3, delayMs: 60_000, ...limits },
  })
  const end = (count: number) => {
    for (let i = 0; i < count; i++) spanOf(undefined, {}, [batched]).end()
  }
  const counts = () => handed.map(({ spans }) => spans)
  const turn = () => new Promise(resolve => setImmediate(resolve))
  return { batched, handed, counts, end, others, turn }
}

t.test('a full batch goes at once, the next when that has ended, in whatever way', async t => {
  const { handed, counts, end, turn } = open(t)
  end(2)
  t.strictSame(counts(), [])
  end(1)
  t.strictSame(counts(), [3])
  end(5)
  t.strictSame(counts(), [3], 'one at a time')
  handed[0]!.done({ code: 1, error: new Error('refused') })
  await turn()
  t.strictSame(counts(), [3, 3])
  handed[1]!.done()
  await turn()
  t.strictSame(counts(), [3, 3], 'two wait for a third')
})

t.test('what is not full goes after its time', async t => {
  const { counts, end, handed } = open(t, { delayMs: 20 })
  end(1)
  const began = performance.now()
  while (handed.length === 0) await new Promise(resolve => setTimeout(resolve, 1))
  t.ok(performance.now() - began > 15)
  t.strictSame(counts(), [1])
})

t.test('while one is exported those that come later go together', async t => {
  const { counts, end, handed } = open(t, { delayMs: 5 })
  end(3)
  for (let i = 0; i < 2; i++) {
    end(1)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  t.strictSame(counts(), [3])
  handed[0]!.done()
  while (handed.length === 1) await new Promise(resolve => setTimeout(resolve, 1))
  t.strictSame(counts(), [3, 2])
})

t.test('what exceeds the queue is dropped, and said once there is room', async t => {
  const said: string[] = []
  const silent = () => undefined
  diag.setLogger(
    { ...{ error: silent, info: silent, debug: silent, verbose: silent }, warn: m => said.push(m) },
    DiagLogLevel.WARN,
  )
  t.teardown(() => diag.disable())
  const { handed, counts, end, turn } = open(t)
  end(3 + 10 + 7)
  t.strictSame(said, [])
  for (let i = 0; i < 3; i++) {
    handed[i]!.done()
    await turn()
  }
  end(1)
  t.strictSame(said, ['Dropped 7 spans because maxQueueSize reached'])
  t.strictSame(counts(), [3, 3, 3, 3])
})

t.test('flush and shutdown hand over all there is; afterwards nothing is taken', async t => {
  const { batched, handed, counts, end, others, turn } = open(t)
  t.teardown(() => context.disable())
  end(4)
  let isDone = false
  const flushed = batched.forceFlush().then(() => (isDone = true))
  handed[0]!.done()
  await turn()
  t.strictSame(counts(), [3, 1])
  t.notOk(isDone)
  handed[1]!.done()
  await flushed
  end(1)
  const shut = batched.shutdown()
  end(5)
  handed[2]!.done()
  await shut
  t.strictSame(counts(), [3, 1, 1])
  t.equal(others.getFinishedSpans().length, 0)
})

t.test('what holds more than the mesh says is for OpenTelemetry to write', async t => {
  const { batched, counts, others } = open(t, { batch: 1 })
  const written = spanOf(undefined, {}, [batched])
  written.addEvent('seen')
  written.end()
  const tracer = new BasicTracerProvider({ spanProcessors: [batched] }).getTracer('other')
  tracer.startSpan('other').end()
  const names = (spans: ReadableSpan[]) => spans.map(({ name }) => name)
  t.strictSame(names(others.getFinishedSpans()), ['tools/call schön', 'other'])
  t.strictSame(counts(), [])
})

t.test('whatever instruments HTTP is told to make no spans of an export', async t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  t.teardown(() => context.disable())
  const seen: boolean[] = []
  const exporter = {
    export(_batch: SpanBatch, done: (result: ExportResult) => void) {
      seen.push(isTracingSuppressed(context.active()))
      setImmediate(() => {
        seen.push(isTracingSuppressed(context.active()))
        done({ code: 0 })
      })
    },
  }
  const others = new SimpleSpanProcessor(new InMemorySpanExporter())
  const limits = { queue: 10, batch: 1, delayMs: 60_000 }
  const batched = new BatchedSpans(exporter, others, frame, limits)
  spanOf(undefined, {}, [batched]).end()
  t.notOk(isTracingSuppressed(context.active()), 'what runs beside it is traced')
  await batched.forceFlush()
  t.strictSame(seen, [true, true])
})
