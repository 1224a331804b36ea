/**
 * Scenario 30: a call over three agents, each a process, is one trace with the right parents and no orphan, whoever began
 * it and however many there are at a time. And what must not be: telemetry that fails or slows a call.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { packageFile } from '../../core/model/package-file.ts'
import { agentFiles, createMesh, until, type Mesh } from '../support/mesh.ts'
import { openOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts'
import { chain, orphans, traces } from '../support/spans.ts'

const needs = (capability: string) =>
  `dependencies: { next: { capability: ${capability}, retries: { attempts: 1 }, timeout: 60s, deadline: 60s } }`
const passing = 'return { by: [...(await deps.next(args)).by, %] }'
const front = agentFiles('front', {
  handler: passing.replace('%', '"front"'),
  toolSpec: needs('middle'),
})
const middle = agentFiles('middle', {
  // it waits, so that calls overlap and their contexts could be mixed up
  handler: `await new Promise(r => setTimeout(r, Math.random() * 20))\n${passing.replace('%', '"middle"')}`,
  toolSpec: needs('end'),
})
const end = agentFiles('end', {
  handler: `if (args.fail) throw new Error('word-' + args.fail)\nreturn { by: ['end'] }`,
})
const hops = [
  ...['front server tools/call front', 'front client tools/call middle'],
  ...['middle server tools/call middle', 'middle client tools/call end'],
  'end server tools/call end',
]

interface Fleet {
  mesh: Mesh
  receiver: OtlpReceiver
  endpoint: string
  /** Ends the agents, by which they hand over their spans. */
  finish: () => Promise<void>
  logs: () => string
}

type Env = Record<string, string | undefined>

async function fleet(t: Test, env: { all?: Env; middle?: Env } = {}): Promise<Fleet> {
  const mesh = await createMesh(t)
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  await mesh.registry()
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env.all }
  const agents = await Promise.all([
    mesh.agent(end, { env: otel }),
    mesh.agent(middle, { env: { ...otel, ...env.middle } }),
    mesh.agent(front, { env: otel }),
  ])
  return {
    ...{ mesh, receiver, endpoint: agents[2].endpoint },
    async finish() {
      for (const { code } of await Promise.all(agents.map(agent => agent.stop()))) t.equal(code, 0)
    },
    logs: () => agents.map(agent => agent.stdout() + agent.stderr()).join(''),
  }
}

interface Sent {
  meta?: Record<string, unknown>
  headers?: Record<string, string>
  args?: Record<string, unknown>
}

async function call(endpoint: string, name: string, { meta, headers, args = {} }: Sent = {}) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' },
      ...{ 'mcp-method': 'tools/call', 'mcp-name': name, ...headers },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: {
        ...{ name, arguments: args },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          ...meta,
        },
      },
    }),
  })
  return (await response.json()) as { result: { isError?: boolean; structuredContent?: unknown } }
}

const parentOf = (trace = randomBytes(16).toString('hex'), flags = '01') => {
  const span = randomBytes(8).toString('hex')
  return { trace, span, traceparent: `00-${trace}-${span}-${flags}` }
}
const everyone = { by: ['end', 'middle', 'front'] }

t.test('a call over three agents is one trace, also after SIGTERM right behind it', async t => {
  const { receiver, endpoint, finish, logs } = await fleet(t)
  t.match(await call(endpoint, 'front'), { result: { structuredContent: everyone } })
  await finish()
  const { spans } = receiver
  t.strictSame(chain(spans), hops)
  t.equal(traces(spans).size, 1)
  t.strictSame(orphans(spans), [])
  for (const span of spans) t.equal(span.status.code, 'unset')
  t.match(
    spans.find(span => span.name === 'tools/call middle' && span.kind === 'client'),
    {
      attributes: {
        ...{ 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool' },
        ...{ 'gen_ai.tool.name': 'middle', 'mesh.edge': 'front.front -> next' },
        ...{ 'mesh.capability': 'middle', 'server.address': '127.0.0.1', 'server.port': Number },
        'mesh.instance': /^middle-[0-9a-f]{8}$/,
      },
      resource: { 'service.namespace': 'default', 'service.version': '1.0.0' },
    },
  )
  t.match(logs(), `"to":"${receiver.url}/v1/traces"`)
})

t.test('fifty calls at a time, each with a trace of its own client', async t => {
  const { receiver, endpoint, finish } = await fleet(t, {
    all: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
  })
  const parents = Array.from({ length: 50 }, () => parentOf())
  await Promise.all(
    parents.map(async ({ traceparent }, i) => {
      const meta = { traceparent, tracestate: `vendor=${i}` }
      const { result } = await call(endpoint, 'front', { meta })
      t.strictSame(result.structuredContent, everyone)
    }),
  )
  await finish()
  const found = traces(receiver.spans)
  t.equal(found.size, 50)
  for (const [i, { trace, span }] of parents.entries()) {
    const spans = found.get(trace) ?? []
    t.strictSame(chain(spans, span), hops)
    t.equal(spans.length, hops.length)
    for (const { traceState } of spans) t.equal(traceState, `vendor=${i}`)
  }
})

t.test('the message, its HTTP request, either era: who the parent is', async t => {
  const { receiver, endpoint, finish } = await fleet(t)
  const [message, request, only, legacy, faulty] = Array.from({ length: 5 }, () => parentOf())
  await call(endpoint, 'front', {
    meta: { traceparent: message!.traceparent },
    headers: { traceparent: request!.traceparent },
  })
  await call(endpoint, 'front', { headers: { traceparent: only!.traceparent } })
  await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2025-06-18', traceparent: legacy!.traceparent },
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'front', arguments: {} },
    }),
  }).then(response => response.text())
  await call(endpoint, 'front', { meta: { traceparent: faulty!.traceparent.toUpperCase() } })
  await finish()
  const found = traces(receiver.spans)
  for (const { trace, span } of [message!, only!, legacy!]) {
    t.strictSame(chain(found.get(trace) ?? [], span), hops)
  }
  t.equal(found.get(request!.trace), undefined)
  const first = found.get(message!.trace)?.find(span => span.parentSpanId === message!.span)
  t.strictSame(first?.links, [{ traceId: request!.trace, spanId: request!.span }])
  const other = [...found.keys()].filter(id => ![message, only, legacy].some(p => p!.trace === id))
  t.equal(other.length, 1, 'a traceparent that is none begins a trace')
  t.strictSame(chain(found.get(other[0]!) ?? []), hops)
})

t.test('a trace goes through an agent that records nothing, and does not sample', async t => {
  for (const off of [
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: undefined },
    { OTEL_TRACES_SAMPLER: 'always_off' },
  ]) {
    const { receiver, endpoint, finish } = await fleet(t, { middle: off })
    const { trace, span, traceparent } = parentOf()
    await call(endpoint, 'front', { meta: { traceparent, baggage: 'k=v' } })
    await finish()
    t.strictSame(chain(receiver.spans, span), [hops[0], hops[1], hops[4]], JSON.stringify(off))
    for (const { traceId } of receiver.spans) t.equal(traceId, trace)
    t.strictSame(orphans(receiver.spans, [span]), [])
  }
})

t.test('who began a trace without sampling it is heeded, and so is a sampler', async t => {
  const { receiver, endpoint, finish } = await fleet(t, {
    all: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
  })
  const sampled = parentOf()
  await call(endpoint, 'front', { meta: { traceparent: parentOf(undefined, '00').traceparent } })
  await call(endpoint, 'front')
  await call(endpoint, 'front', { meta: { traceparent: sampled.traceparent } })
  await finish()
  t.strictSame(chain(receiver.spans, sampled.span), hops)
  t.equal(receiver.spans.length, hops.length)
})

t.test('a failure: its code on each span, one line of the log at each consumer', async t => {
  const { receiver, endpoint, finish, logs } = await fleet(t)
  const { trace, traceparent } = parentOf()
  const { result } = await call(endpoint, 'front', {
    ...{ args: { fail: 'hunter2' }, meta: { traceparent } },
  })
  t.equal(result.isError, true)
  await finish()
  t.equal(receiver.spans.length, 5)
  for (const { status, attributes } of receiver.spans) {
    t.equal(status.code, 'error')
    t.equal(attributes['error.type'], 'tool_error')
  }
  t.notMatch(JSON.stringify(receiver.spans), 'hunter2')
  const lines = logs()
    .split('\n')
    .filter(line => line.includes('"msg":"call failed"'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .sort((a, b) => String(b.edge).localeCompare(String(a.edge)))
  t.match(lines, [
    { edge: 'middle.middle -> next', attempts: 1, code: 'MESH_TOOL_FAILED', traceId: trace },
    { edge: 'front.front -> next', attempts: 1, code: 'MESH_TOOL_FAILED', traceId: trace },
  ])
  t.equal(lines.length, 2)
  for (const line of logs().split('\n')) {
    const names = [...line.matchAll(/[{,]"(\w+)":/g)].map(([, name]) => name)
    t.strictSame(names, [...new Set(names)], 'no field of the log twice')
  }
  for (const { ms, cause } of lines) {
    t.type(ms, 'number')
    t.match(cause, 'word-hunter2') // the words of the tool itself
  }
})

t.test('a receiver that is not there, and one that hangs, cost no call anything', async t => {
  const hanging = createServer(() => undefined)
  await new Promise<void>(resolve => hanging.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (hanging.closeAllConnections(), hanging.close()))
  const { port } = hanging.address() as { port: number }
  for (const url of ['http://127.0.0.1:9', `http://127.0.0.1:${port}`]) {
    const { endpoint, finish, logs } = await fleet(t, {
      all: {
        ...{ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '20' },
        ...{
          OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hunter3',
          OTEL_EXPORTER_OTLP_TIMEOUT: '300',
        },
      },
    })
    const times: number[] = []
    for (let i = 0; i < 40; i++) {
      const began = performance.now()
      const { result } = await call(endpoint, 'front')
      times.push(performance.now() - began)
      t.strictSame(result.structuredContent, everyone)
    }
    const median = times.sort((a, b) => a - b)[20]!
    t.ok(median < 300, `${median} ms, of which the middle waits 10`)
    await until(() => logs().match(/spans cannot be exported/g)?.length === 3)
    await finish()
    t.equal(logs().match(/spans cannot be exported/g)?.length, 3, 'once each')
    t.notMatch(logs(), 'hunter3')
  }
})

t.test('a handler that uses the API is within its call, and its spans are parents', async t => {
  const mesh = await createMesh(t)
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  await mesh.registry()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const api = JSON.stringify(packageFile('node_modules/@opentelemetry/api/build/src/index.js'))
  const handler = `const { default: api } = await import(${api})
const tracer = api.trace.getTracer('mine')
return tracer.startActiveSpan('work', async span => {
  const value = await deps.next({})
  span.end()
  return value
})`
  const providing = await mesh.agent(end, { env })
  const user = await mesh.agent(agentFiles('user', { handler, toolSpec: needs('end') }), { env })
  await Promise.all(Array.from({ length: 5 }, () => call(user.endpoint, 'user')))
  await user.stop()
  await providing.stop()
  const found = traces(receiver.spans)
  t.equal(found.size, 5)
  for (const spans of found.values()) {
    t.strictSame(chain(spans), [
      ...['user server tools/call user', 'user internal work'],
      ...['user client tools/call end', 'end server tools/call end'],
    ])
  }
})

t.test('a wrapped server is told of the trace', async t => {
  const mesh = await createMesh(t)
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  await mesh.registry()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const server = await mesh.agent(end, { env })
  const wrapper = await mesh.agent(
    {
      'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: wrapper }
spec:
  version: 1.0.0
  server: { url: "${server.endpoint}" }
  tools: [{ name: end, capability: wrapped-end }]
`,
    },
    { env },
  )
  const { trace, span, traceparent } = parentOf()
  t.match(await call(wrapper.endpoint, 'end', { meta: { traceparent } }), {
    result: { structuredContent: { by: ['end'] } },
  })
  await wrapper.stop()
  await server.stop()
  const own = traces(receiver.spans).get(trace) ?? []
  t.strictSame(chain(own, span), ['wrapper server tools/call end', 'end server tools/call end'])
})

t.test('without OTEL_* none of its packages is loaded', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const handler = `const { createRequire } = await import('node:module')
const { report } = process
return { loaded: Object.keys(createRequire(import.meta.url).cache).filter(f => f.includes('opentelemetry')).length }`
  for (const [env, loaded] of [
    [{}, 0],
    [{ OTEL_SERVICE_NAME: 'me' }, 0],
    [{ OTEL_TRACES_EXPORTER: 'console' }, 1],
  ] as const) {
    const agent = await mesh.agent(agentFiles('probe', { handler }), { env })
    const { result } = await call(agent.endpoint, 'probe')
    const { loaded: count } = result.structuredContent as { loaded: number }
    t.equal(Math.min(count, 1), loaded)
    await agent.stop()
  }
})
