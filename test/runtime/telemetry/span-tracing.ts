/** Spans of calls: parents, attributes, failures, what providers are told; and the export to a real OTLP receiver. */
import * as api from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  AlwaysOnSampler,
  SimpleSpanProcessor,
  type Sampler,
} from '@opentelemetry/sdk-trace-base'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { Endpoint } from '../../../core/model/registry-api.ts'
import { MeshError } from '../../../core/model/error.ts'
import { createAmbient } from '../../../runtime/telemetry/ambient.ts'
import { createRecorder } from '../../../runtime/telemetry/recorder.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { spanTracing } from '../../../runtime/telemetry/span-tracing.ts'
import { startTracing } from '../../../runtime/telemetry/start-tracing.ts'
import { headerLinesOf, readTrace } from '../../../runtime/telemetry/trace-context.ts'
import { failureOfError, failureOfResult } from '../../../runtime/telemetry/traced-failure.ts'
import { passOn, untraced } from '../../../runtime/telemetry/tracing.ts'
import { WallClock } from '../../../runtime/telemetry/wall-clock.ts'
import { openOtlpReceiver } from '../../support/otlp-receiver.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'
const traceparent = `00-${trace}-${parent}-01`
const edge = { name: 'planner.plan -> date', capability: 'date_service' }
const endpoint = (port: number): Endpoint => ({
  ...{
    instance: `i-${port}`,
    namespace: 'default',
    agent: 'a',
    tool: 'get_date',
    tags: [],
    score: 0,
  },
  ...{
    url: `http://127.0.0.1:${port}/mcp`,
    version: '1.0.0',
    isRepeatable: false,
    deduplicates: false,
  },
})

interface Opened {
  root?: Sampler
  /** What the mesh says is kept by the SDK, within its limits. */
  isLimited?: boolean
  isAmbient?: boolean
}

function open(
  t: Test,
  { root = new AlwaysOnSampler(), isLimited = false, isAmbient = true }: Opened = {},
) {
  const exporter = new InMemorySpanExporter()
  const spanProcessors = [new SimpleSpanProcessor(exporter)]
  const provider = new BasicTracerProvider({ spanProcessors })
  const ambient = createAmbient()
  if (isAmbient) ambient.turnOn()
  t.teardown(() => api.context.disable())
  const keeper = new BasicTracerProvider().getTracer('test')
  const resource = resourceFromAttributes({})
  const clock = new WallClock()
  const means = { resource, scope: { name: 'test' }, clock, processors: spanProcessors }
  const isParentBased = root instanceof AlwaysOnSampler
  const record = createRecorder({ ...means, keeper, isLimited }, { root, isParentBased })
  const tracing = spanTracing({ record, ambient }, () => provider.shutdown())
  const tracer = provider.getTracer('test')
  const spans = () =>
    exporter.getFinishedSpans().map(span => ({
      ...{ name: span.name, kind: api.SpanKind[span.kind], attributes: span.attributes },
      ...{ ...span.spanContext(), parent: span.parentSpanContext?.spanId, status: span.status },
      events: span.events.map(({ name, attributes }) => ({ name, attributes })),
      links: span.links.map(link => link.context.spanId),
    }))
  return { tracing, spans, tracer, ambient, exporter }
}

t.test('a call that came in, and one that it makes, are two spans of its trace', async t => {
  const { tracing, spans } = open(t)
  const received = readTrace({ traceparent, tracestate: 'a=1', baggage: 'k=v' }, {})
  const served = tracing.serve('plan', received)
  const call = served.call(edge)
  call.attempt(endpoint(4000))
  call.end()
  served.end()
  const [client, server] = spans()
  t.match(server, {
    ...{ name: 'tools/call plan', kind: 'SERVER', traceId: trace, parent, links: [] },
    status: { code: api.SpanStatusCode.UNSET },
  })
  t.strictSame(server!.attributes, {
    ...{ 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool' },
    'gen_ai.tool.name': 'plan',
  })
  t.match(client, { name: 'tools/call get_date', kind: 'CLIENT', traceId: trace })
  t.equal(client!.parent, server!.spanId)
  t.strictSame(client!.attributes, {
    ...{ 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool' },
    ...{ 'mesh.edge': 'planner.plan -> date', 'mesh.capability': 'date_service' },
    ...{ 'gen_ai.tool.name': 'get_date', 'server.address': '127.0.0.1', 'server.port': 4000 },
    'mesh.instance': 'i-4000',
  })
  t.strictSame(call.context, {
    ...{ traceparent: `00-${trace}-${client!.spanId}-01`, tracestate: 'a=1', baggage: 'k=v' },
  })
  t.equal(served.traceId, trace)
  t.equal(call.traceId, trace)
})

t.test('times are those of the wall clock, also after it was set', t => {
  const { tracing, exporter } = open(t)
  const { now } = Date
  t.teardown(() => (Date.now = now))
  const hour = 3_600_000
  const served = (ahead: number) => {
    const began = performance.now() + ahead // as if so much later, when the two clocks are compared anew
    tracing.serve('plan', undefined, 'tools/call', began).end(undefined, began + 1.5)
    const { startTime, duration } = exporter.getFinishedSpans().at(-1)!
    t.ok(Math.abs(duration[1] - 1.5e6) < 1_000, `it took ${duration[1]} ns`)
    return startTime[0] * 1_000 + startTime[1] / 1e6 - ahead
  }
  t.ok(Math.abs(served(0) - now()) < 100)
  Date.now = () => now() + hour
  t.ok(Math.abs(served(0) - now()) < 100, 'compared once a second')
  t.ok(Math.abs(served(1_500) - now() - hour) < 100)
  Date.now = now
  t.ok(Math.abs(served(3_000) - now()) < 100)
  t.end()
})

t.test('a call that came without a trace begins one', async t => {
  const { tracing, spans } = open(t)
  const served = tracing.serve('plan', undefined)
  const call = served.call(edge)
  call.end()
  served.end()
  const [client, server] = spans()
  t.equal(server!.parent, undefined)
  t.match(server!.traceId, /^[0-9a-f]{32}$/)
  t.match(client, { name: 'tools/call', traceId: server!.traceId, parent: server!.spanId })
  t.strictSame(call.context, {
    traceparent: `00-${server!.traceId}-${client!.spanId}-01`,
    ...{ tracestate: undefined, baggage: undefined },
  })
})

t.test('the message is the parent, its HTTP request is linked', async t => {
  const { tracing, spans } = open(t)
  const transport = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  tracing.serve('plan', readTrace({ traceparent }, { traceparent: transport })).end()
  t.match(spans(), [{ parent, links: ['b'.repeat(16)] }])
})

t.test('failures: the code and what it means, and no word of the error', async t => {
  const { tracing, spans } = open(t)
  const served = tracing.serve('plan', undefined)
  const secret = 'hunter2'
  const refused = new MeshError('MESH_CALL_REFUSED', secret, secret, { details: { rpc: -32602 } })
  const failures = [
    failureOfError(new MeshError('MESH_BREAKER_OPEN', secret, secret)),
    failureOfError(refused),
    failureOfError(new Error(secret)),
    failureOfResult({ content: [{ type: 'text', text: secret }], isError: true })!,
    failureOfResult({
      ...{ content: [], isError: true, _meta: { 'mcp-mesh.dev/code': 'MESH_OUTPUT_INVALID' } },
    })!,
    failureOfResult({ content: [], isError: true, _meta: { 'mcp-mesh.dev/code': secret } })!,
  ]
  for (const failure of failures) served.call(edge).end(failure)
  served.end(failures[3])
  const told = spans().map(({ attributes, status }) => [
    attributes['error.type'],
    attributes['rpc.response.status_code'],
    attributes['mesh.error.code'],
    status.code,
  ])
  const error = api.SpanStatusCode.ERROR
  t.strictSame(told, [
    ['MESH_BREAKER_OPEN', undefined, undefined, error],
    ['-32602', '-32602', 'MESH_CALL_REFUSED', error],
    ['_OTHER', undefined, undefined, error],
    ['tool_error', undefined, undefined, error],
    ['tool_error', undefined, 'MESH_OUTPUT_INVALID', error],
    ['tool_error', undefined, undefined, error],
    ['tool_error', undefined, undefined, error],
  ])
  t.notMatch(JSON.stringify(spans()), secret)
  t.equal(failureOfResult({ content: [] }), undefined)
})

t.test('an attempt that failed is an event; the span tells of the one that answered', async t => {
  const { tracing, spans } = open(t)
  const served = tracing.serve('plan', undefined)
  const call = served.call(edge)
  call.attempt(endpoint(4000))
  call.attemptFailed(endpoint(4000), { type: 'MESH_ENDPOINT_UNREACHABLE', about: 'not shown' })
  call.attempt(endpoint(4001))
  call.end()
  served.end()
  const [client] = spans()
  t.match(client!.attributes, {
    'mesh.attempts': 2,
    'server.port': 4001,
    'mesh.instance': 'i-4001',
  })
  t.strictSame(client!.events, [
    {
      name: 'mesh.attempt.failed',
      attributes: {
        ...{ 'gen_ai.tool.name': 'get_date', 'server.address': '127.0.0.1', 'server.port': 4000 },
        ...{ 'mesh.instance': 'i-4000', 'error.type': 'MESH_ENDPOINT_UNREACHABLE' },
      },
    },
  ])
})

t.test('spans and baggage of a handler are the nearer parent, of its own call only', async t => {
  const { tracing, spans, tracer } = open(t)
  const served = tracing.serve('plan', readTrace({ traceparent, baggage: 'k=v' }, {}))
  const other = tracing.serve('other', undefined)
  const contexts = served.within(() =>
    tracer.startActiveSpan('work', work => {
      const baggage = api.propagation.createBaggage({ mine: { value: '1' } })
      const contexts = api.context.with(
        api.propagation.setBaggage(api.context.active(), baggage),
        () => [served, other].map(each => each.call(edge)),
      )
      for (const call of contexts) call.end()
      work.end()
      return contexts.map(call => call.context?.baggage)
    }),
  )
  served.end()
  other.end()
  const [ofServed, ofOther, work, , otherServer] = spans()
  t.equal(ofServed!.parent, work!.spanId)
  t.equal(ofOther!.parent, otherServer!.spanId)
  t.equal(ofOther!.traceId, otherServer!.traceId)
  t.strictSame(contexts, ['mine=1', undefined])
})

t.test('what a handler made up goes into no header', async t => {
  const { tracing, spans } = open(t)
  const served = tracing.serve('plan', undefined)
  const traceState = { serialize: () => 'a=1\r\nx: y' } as api.TraceState
  const bogus = [
    { traceId: `${trace.slice(0, -5)}\r\na: `, spanId: parent, traceFlags: 1 },
    { traceId: trace, spanId: parent, traceFlags: 1, traceState },
  ]
  const told = served.within(() =>
    bogus.map(context => {
      const active = api.trace.setSpanContext(api.context.active(), context)
      return api.context.with(active, () => served.call(edge))
    }),
  )
  for (const call of told) {
    t.match(headerLinesOf(call.context!), /^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\n$/)
    call.end()
  }
  served.end()
  const [first, second, server] = spans()
  t.equal(first!.parent, server!.spanId)
  t.equal(second!.parent, parent)
})

t.test('what a handler writes to the span of its call is on it', async t => {
  for (const isLimited of [false, true]) {
    const { tracing, spans } = open(t, { isLimited })
    const served = tracing.serve('plan', undefined)
    served.within(() => {
      const span = api.trace.getActiveSpan()!
      t.equal(span.isRecording(), true)
      span.setAttribute('mine', 1).setAttributes({ more: true }).addEvent('seen', { at: 'once' })
      span.recordException(new Error('lost'))
      span.addLink({ context: { traceId: trace, spanId: parent, traceFlags: 1 } })
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: 'mine' }).updateName('renamed')
    })
    served.end()
    served.end()
    t.match(spans(), [
      {
        ...{ name: 'renamed', kind: 'SERVER', links: [parent] },
        attributes: { 'gen_ai.tool.name': 'plan', mine: 1, more: true },
        status: { code: api.SpanStatusCode.ERROR, message: 'mine' },
        events: [{ name: 'seen', attributes: { at: 'once' } }, { name: 'exception' }],
      },
    ])
    t.equal(spans().length, 1, 'ended once')
  }
})

t.test('limits of OTEL_* hold for what the mesh says and for what a handler adds', async t => {
  process.env['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'] = '4'
  t.teardown(() => delete process.env['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT'])
  const { tracing, spans } = open(t, { isLimited: true })
  const served = tracing.serve('plan', undefined)
  served.within(() => api.trace.getActiveSpan()?.setAttributes({ a: 1, b: 2, c: 3 }))
  const call = served.call(edge)
  call.attempt(endpoint(4000))
  call.end()
  served.end()
  t.strictSame(
    spans().map(({ attributes }) => Object.keys(attributes).length),
    [4, 4],
  )
})

t.test('the ambient context is off until somebody asks for a tracer', async t => {
  const { tracing, spans, ambient, tracer } = open(t, { isAmbient: false })
  const served = tracing.serve('plan', undefined)
  served.within(() => {
    t.equal(api.context.active(), api.ROOT_CONTEXT)
    served.call(edge).end()
  })
  served.end()
  ambient.turnOn()
  const later = tracing.serve('plan', undefined)
  later.within(() => tracer.startSpan('mine').end())
  later.end()
  const [client, server, mine, second] = spans()
  t.equal(client!.parent, server!.spanId)
  t.equal(mine!.parent, second!.spanId)
})

t.test('what is not sampled goes on: the parent that there is, or the decision', async t => {
  const { tracing, spans } = open(t, { root: new AlwaysOffSampler() })
  const received = readTrace({ traceparent, tracestate: 'a=1' }, {})
  t.strictSame(tracing.serve('plan', received).call(edge).context, received)
  const root = tracing.serve('plan', undefined)
  t.match(root.call(edge).context?.traceparent, new RegExp(`^00-${root.traceId}-[0-9a-f]{16}-00$`))
  const both = tracing.serve('plan', readTrace({ baggage: 'k=v' }, {})).call(edge)
  t.equal(both.context?.baggage, 'k=v')
  both.attempt(endpoint(1))
  both.end({ type: 'tool_error', about: undefined })
  t.strictSame(spans(), [])
  const unsampled = readTrace({ traceparent: `00-${trace}-${parent}-00` }, {})
  const byParent = open(t)
  t.strictSame(byParent.tracing.serve('plan', unsampled).call(edge).context, unsampled)
  t.strictSame(byParent.spans(), [])
})

t.test('without recording a context goes on as it came, and none costs nothing', async t => {
  const received = readTrace({ traceparent, tracestate: 'a=1', baggage: 'k=v' }, {})
  const call = passOn.serve('plan', received).call(edge)
  t.equal(call.context, received)
  t.equal(call.traceId, trace)
  t.equal(passOn.serve('plan', undefined), untraced)
  t.equal(untraced.call(edge), untraced)
  t.equal(untraced.context, undefined)
  t.equal(
    untraced.within(() => 7),
    7,
  )
  t.equal(passOn.serve('plan', readTrace({ baggage: 'k=v' }, {})).traceId, undefined)
})

const service = {
  name: 'planner',
  namespace: 'default',
  version: '1.2.3',
  instance: 'planner-1',
  modules: [fileURLToPath(import.meta.url)], // which uses the API
}

async function start(t: Test, env: Record<string, string>) {
  Object.assign(process.env, env)
  t.teardown(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  const lines: string[] = []
  const log = createLog('info', line => lines.push(line))
  const tracing = await startTracing(process.env, service, log)
  const logged = () => lines.map(line => JSON.parse(line) as Record<string, unknown>)
  return { tracing, logged, lines }
}

for (const protocol of ['http/protobuf', 'http/json']) {
  t.test(`spans reach an OTLP receiver over ${protocol}, with their headers`, async t => {
    const receiver = await openOtlpReceiver()
    t.teardown(() => receiver.close())
    const { tracing, lines } = await start(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//me:hunter2@'),
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hunter3',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.version=9.9.9',
    })
    const served = tracing.serve('plan', readTrace({ traceparent, tracestate: 'a=1' }, {}))
    served.within(() => api.trace.getTracer('handler').startSpan('mine').end())
    served.end({ type: 'tool_error', about: 'It failed.' })
    await tracing.close()
    t.equal(receiver.requests[0]?.path, '/v1/traces')
    t.equal(receiver.requests[0]?.headers.authorization, 'Bearer hunter3')
    const [mine, server] = receiver.spans
    t.match(server, {
      ...{ traceId: trace, parentSpanId: parent, traceState: 'a=1', name: 'tools/call plan' },
      ...{ kind: 'server', scope: 'mcp-mesh', links: [], events: [] },
      status: { code: 'error', message: 'It failed.' },
      attributes: { 'error.type': 'tool_error', 'gen_ai.tool.name': 'plan' },
      resource: {
        ...{ 'service.name': 'planner', 'service.namespace': 'default' },
        ...{ 'service.instance.id': 'planner-1', 'service.version': '9.9.9' },
        'deployment.environment.name': 'test',
      },
    })
    t.ok(server!.end >= server!.start && Math.abs(server!.end - Date.now()) < 60_000)
    t.match(mine, { name: 'mine', scope: 'handler', parentSpanId: server!.spanId })
    t.notMatch(lines.join(''), /hunter/)
    t.match(lines.join(''), `"to":"${receiver.url}/v1/traces"`)
  })
}

t.test('OTEL_SERVICE_NAME counts over the manifest; console writes lines of the log', async t => {
  const { tracing, logged } = await start(t, {
    ...{ OTEL_TRACES_EXPORTER: 'console', OTEL_SERVICE_NAME: 'other' },
  })
  const served = tracing.serve('plan', readTrace({ traceparent }, {}))
  served.end()
  await tracing.close()
  t.match(logged(), [
    {
      ...{ level: 'info', msg: 'span', span: 'tools/call plan', kind: 'server', traceId: trace },
      ...{ parentSpanId: parent, ms: Number, attributes: { 'gen_ai.tool.name': 'plan' } },
    },
  ])
})

t.test('a receiver that refuses or hangs is said once, and its return', async t => {
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  const { tracing, logged } = await start(t, {
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter3',
  })
  const messages = () => logged().map(({ msg, cause }) => [msg, cause])
  const sent = async () => {
    const before = receiver.requests.length
    tracing.serve('plan', undefined).end()
    for (const end = Date.now() + 10_000; receiver.requests.length === before;) {
      if (Date.now() > end) throw new Error('no request came')
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  receiver.answer(401)
  await sent()
  await sent()
  await sent()
  receiver.answer(200)
  await sent()
  receiver.answer(0)
  await sent()
  const began = performance.now()
  await tracing.close()
  t.ok(performance.now() - began < 3_000, 'the end does not wait for it')
  t.strictSame(messages(), [
    ['spans are exported', undefined],
    ['spans cannot be exported; calls go on', 'HTTP 401'],
    ['spans are exported again', undefined],
    ['the last spans were left behind', undefined],
  ])
  t.notMatch(JSON.stringify(logged()), 'hunter')
})

t.test('a variable without effect is logged and fails nothing', async t => {
  const { tracing, logged } = await start(t, { OTEL_TRACES_EXPORTER: 'zipkin' })
  t.equal(tracing, passOn)
  t.match(logged(), [{ level: 'warn', msg: 'a variable of OpenTelemetry has no effect' }])
})

t.test('a resource, a prompt and a completion have server spans of their own names', async t => {
  const { tracing, spans } = open(t)
  tracing.serve('users://{id}', undefined, 'resources/read').end()
  tracing.serve('review', undefined, 'prompts/get').end()
  tracing.serve('review', undefined, 'completion/complete').end()
  const told = spans().map(({ name, kind, attributes }) => [name, kind, attributes])
  t.strictSame(told, [
    [
      ...['resources/read', 'SERVER'],
      { 'mcp.method.name': 'resources/read', 'mcp.resource.uri': 'users://{id}' },
    ],
    [
      ...['prompts/get review', 'SERVER'],
      { 'mcp.method.name': 'prompts/get', 'gen_ai.prompt.name': 'review' },
    ],
    [
      ...['completion/complete', 'SERVER'],
      { 'mcp.method.name': 'completion/complete', 'mesh.completion.of': 'review' },
    ],
  ])
})
