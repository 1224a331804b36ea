/** Spans of calls in protobuf: what a receiver reads of them is what it reads of OpenTelemetry's own serializer. */
import { SpanKind, type SpanContext } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base'
import t from 'tap'
import { CallSpan } from '../../../runtime/telemetry/call-span.ts'
import { callSpanSerializer } from '../../../runtime/telemetry/span-encoding.ts'
import { openOtlpReceiver } from '../../support/otlp-receiver.ts'
import { fieldsOf, type Fields } from '../../support/protobuf.ts'

const provider = new BasicTracerProvider()
const resource = resourceFromAttributes({ 'service.name': 'plänner', count: 7, on: true })
const means = {
  ...{ resource, scope: { name: 'mcp-mesh' }, processors: [], isLimited: false },
  keeper: provider.getTracer('test'),
}
const idsOf = (digit: string): SpanContext => ({
  ...{ traceId: `0${digit}af`.repeat(8), spanId: `f${digit}90`.repeat(4), traceFlags: 1 },
})

function spanOf(parent?: SpanContext, attributes = {}): CallSpan {
  const name = 'tools/call schön'
  const more = { 'a.b': 'c', none: '', on: false, big: 2 ** 40, half: 0.5, ...attributes }
  const description = { name, kind: SpanKind.CLIENT, attributes: more }
  return new CallSpan(means, description, idsOf('1'), parent)
}

/** The one span, its bare fields. */
const bare = (body: Uint8Array | undefined): Fields[] =>
  fieldsOf(Buffer.from(body ?? []))
    .messages(1, r => r.messages(2, s => s.messages(2, span => span)))
    .flat(2)

t.test('one of each kind, alone and mixed with spans of others', async t => {
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  const read = async (body: Uint8Array | undefined) => {
    receiver.spans.length = 0
    const headers = { 'content-type': 'application/x-protobuf' }
    await fetch(receiver.url, { method: 'POST', headers, body: Buffer.from(body ?? []) })
    return [...receiver.spans].sort((a, b) => a.name.localeCompare(b.name))
  }
  const root = spanOf()
  const child = spanOf(idsOf('2'))
  const remote = spanOf({ ...idsOf('3'), isRemote: true })
  const zwei = { 'server.port': 300, list: ['x', 'y'] }
  remote.goesOn({ name: 'tools/call zwei', kind: SpanKind.CLIENT, attributes: zwei })
  const written = spanOf()
  written.updateName('written').addEvent('seen')
  const other = provider.getTracer('other').startSpan('other')
  for (const span of [root, child, remote, written, other]) span.end()
  const foreign = other as unknown as ReadableSpan // which spans of the SDK are
  for (const spans of [[root], [child, remote], [root, written, foreign], [foreign]]) {
    const ours = callSpanSerializer.serializeRequest(spans)
    const theirs = ProtobufTraceSerializer.serializeRequest(spans)
    t.strictSame(await read(ours), await read(theirs))
    t.equal(receiver.spans.length, spans.length)
  }
  for (const span of [root, child, remote]) {
    const [ours] = bare(callSpanSerializer.serializeRequest([span]))
    const [theirs] = bare(ProtobufTraceSerializer.serializeRequest([span]))
    for (const field of [1, 2, 4, 5, 7, 8, 16]) {
      t.equal(ours?.hex(field), theirs?.hex(field), `field ${field}`)
    }
    t.equal(ours?.number(6), theirs?.number(6))
  }
})

t.test('a batch whose lengths take several bytes', async t => {
  const spans = Array.from({ length: 300 }, () => spanOf(idsOf('4'), { long: 'x'.repeat(200) }))
  for (const span of spans) span.end()
  t.equal(bare(callSpanSerializer.serializeRequest(spans)).length, 300)
})
