/** What of a trace context is read, which carrier counts, and which variables turn recording on. */
import t from 'tap'
import { readTrace, traceIdOf } from '../../../runtime/telemetry/trace-context.ts'
import { readTraceSettings } from '../../../runtime/telemetry/trace-settings.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const message = `00-${trace}-00f067aa0ba902b7-01`
const transport = `00-${trace}-b7ad6b7169203331-01`
const nothing = { tracestate: undefined, baggage: undefined, transport: undefined }

t.test('nothing that came is nothing', async t => {
  t.equal(readTrace({}, {}), undefined)
  t.equal(readTrace(undefined, {}), undefined)
  t.equal(readTrace({ tracestate: 'a=1' }, { tracestate: 'b=2' }), undefined)
})

t.test(
  'the message counts over its HTTP request, which is told too where it is another',
  async t => {
    t.strictSame(readTrace({ traceparent: message }, {}), { traceparent: message, ...nothing })
    t.strictSame(readTrace({}, { traceparent: transport }), { traceparent: transport, ...nothing })
    t.strictSame(readTrace({}, {}, transport), { traceparent: transport, ...nothing })
    t.strictSame(readTrace({ traceparent: message }, {}, message), {
      ...{ traceparent: message, ...nothing },
    })
    t.strictSame(readTrace({ traceparent: message }, {}, transport), {
      ...{ traceparent: message, ...nothing, transport },
    })
    t.strictSame(readTrace({ traceparent: message }, { traceparent: message }), {
      ...{ traceparent: message, ...nothing },
    })
    t.strictSame(
      readTrace({ traceparent: message }, { traceparent: transport, tracestate: 'b=2' }),
      {
        ...{ traceparent: message, ...nothing, transport },
      },
    )
    t.equal(traceIdOf(message), trace)
  },
)

t.test('tracestate comes from where traceparent came, baggage from either', async t => {
  t.strictSame(
    readTrace({ traceparent: message, tracestate: 'a=1' }, { tracestate: 'b=2', baggage: 'k=v' }),
    { traceparent: message, tracestate: 'a=1', baggage: 'k=v', transport: undefined },
  )
  t.strictSame(readTrace({ tracestate: 'a=1' }, { traceparent: transport, tracestate: 'b=2' }), {
    ...{ traceparent: transport, tracestate: 'b=2', baggage: undefined, transport: undefined },
  })
  t.strictSame(readTrace({ baggage: 'k=v', tracestate: 'a=1' }, {}), {
    ...{ traceparent: undefined, tracestate: undefined, baggage: 'k=v', transport: undefined },
  })
})

t.test('a traceparent that W3C does not know is none', async t => {
  const faulty = [
    ...['', 'none', message.toUpperCase(), `${message}-00`, message.slice(0, -1), ` ${message}`],
    ...[`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `00-${trace}-${'0'.repeat(16)}-01`],
    ...[`ff${message.slice(2)}`, `0g${message.slice(2)}`, message.replace('4', 'é')],
    ...[message.replace('-', '_'), `cc${message.slice(2)}_later`, message.replace('4b', '4\u1e9b')],
    ...[`${message}, ${message}`, 7, {}, null, [message]],
  ]
  for (const traceparent of faulty) {
    t.equal(
      readTrace({ traceparent, tracestate: 'a=1' }, {}),
      undefined,
      JSON.stringify(traceparent),
    )
  }
})

t.test('a traceparent of a later version goes on as the part that this one knows', async t => {
  const later = `cc-${trace}-00f067aa0ba902b7-01-what-the-future-will-be-like`
  t.equal(readTrace({ traceparent: later }, {})?.traceparent, message)
  t.equal(readTrace({ traceparent: later.slice(0, 55) }, {})?.traceparent, message)
  t.equal(readTrace({ traceparent: `${later}\r\nx: y` }, {})?.traceparent, message)
})

t.test('what is no text of a header, or longer than W3C asks to carry, is left behind', async t => {
  for (const list of ['a=1\r\nx: y', 'a=é', '', 'k='.padEnd(8_193, 'v'), 7, null]) {
    const meta = { traceparent: message, tracestate: list, baggage: list }
    t.strictSame(readTrace(meta, {}), { traceparent: message, ...nothing })
  }
  const longest = 'k='.padEnd(8_192, 'v')
  t.equal(readTrace({ baggage: longest }, {})?.baggage, longest)
})

const otlp = (endpoint = 'http://localhost:4318/v1/traces', protocol = 'http/protobuf') => ({
  settings: { otlp: { protocol, endpoint }, isLogged: false },
  faults: [],
})
const off = { settings: undefined, faults: [] }
const E = 'OTEL_EXPORTER_OTLP_ENDPOINT'
const X = 'OTEL_TRACES_EXPORTER'

t.test('nothing is recorded unless a variable asks for it', async t => {
  for (const env of [
    ...[{}, { OTEL_SERVICE_NAME: 'me' }, { [E]: '' }, { [X]: 'none', [E]: 'http://c:4318' }],
    ...[{ OTEL_SDK_DISABLED: 'TRUE', [E]: 'http://c:4318' }, { OTEL_TRACES_SAMPLER: 'nonsense' }],
  ]) {
    t.strictSame(readTraceSettings(env), off, JSON.stringify(env))
  }
})

t.test('where spans go', async t => {
  const traces = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  const protocol = 'OTEL_EXPORTER_OTLP_PROTOCOL'
  const table: [Record<string, string>, object][] = [
    [{ [X]: 'otlp' }, otlp()],
    [{ [E]: 'http://c:4318' }, otlp('http://c:4318/v1/traces')],
    [{ [E]: 'http://c:4318/' }, otlp('http://c:4318/v1/traces')],
    [{ [E]: 'http://c:4318/base' }, otlp('http://c:4318/base/v1/traces')],
    [{ [E]: 'http://c:4318', [traces]: 'https://t/x' }, otlp('https://t/x')],
    [{ [E]: 'http://c', [protocol]: 'http/json' }, otlp('http://c/v1/traces', 'http/json')],
    [
      { [E]: 'http://c', [protocol]: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      otlp('http://c/v1/traces', 'http/json'),
    ],
    [{ [E]: 'http://c', OTEL_SDK_DISABLED: 'no' }, otlp('http://c/v1/traces')],
    [{ [X]: 'console' }, { settings: { otlp: undefined, isLogged: true }, faults: [] }],
    [{ [X]: 'otlp, console' }, { settings: { ...otlp().settings, isLogged: true }, faults: [] }],
  ]
  for (const [env, expected] of table) {
    t.strictSame(readTraceSettings(env), expected, JSON.stringify(env))
  }
})

t.test('what is set to something without effect is named, and no password with it', async t => {
  const table: [Record<string, string>, string[]][] = [
    [
      { [X]: 'zipkin' },
      ['OTEL_TRACES_EXPORTER names "zipkin"; an agent knows otlp, console and none'],
    ],
    [
      { [E]: 'http://c', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      [
        'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; an agent speaks http/protobuf and http/json, so no spans are exported',
      ],
    ],
    [
      { [E]: 'me:secret@c' },
      [
        'OTEL_EXPORTER_OTLP_ENDPOINT is no URL like http://localhost:4318, so no spans are exported',
      ],
    ],
  ]
  for (const [env, faults] of table) {
    t.strictSame(readTraceSettings(env), { settings: undefined, faults }, JSON.stringify(env))
  }
  t.strictSame(
    readTraceSettings({
      ...{ [X]: 'otlp', OTEL_TRACES_SAMPLER: 'sometimes' },
      ...{ OTEL_BSP_MAX_QUEUE_SIZE: 'many', OTEL_BSP_SCHEDULE_DELAY: '100' },
    }),
    {
      ...otlp(),
      faults: [
        'OTEL_TRACES_SAMPLER is "sometimes", none of always_on, parentbased_always_on, always_off, parentbased_always_off, traceidratio, parentbased_traceidratio; parentbased_always_on applies',
        'OTEL_BSP_MAX_QUEUE_SIZE is "many", no whole number above 0',
      ],
    },
  )
  for (const arg of [undefined, '2', 'half', '-1']) {
    const env = { [X]: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: arg }
    t.strictSame(readTraceSettings(env).faults, [
      'OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 applies',
    ])
  }
  const half = { [X]: 'otlp', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' }
  t.strictSame(readTraceSettings(half), otlp())
})
