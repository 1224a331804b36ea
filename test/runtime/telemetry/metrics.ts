/** What Prometheus reads of an agent: the format, the figures of an edge and of a tool, and labels that stay bounded. */
import t from 'tap'
import { MeshError } from '../../../core/model/error.ts'
import { Edge, figuresOf } from '../../../runtime/proxy/edge.ts'
import type { ToolResult } from '../../../runtime/proxy/values.ts'
import { renderMetrics } from '../../../runtime/telemetry/metrics.ts'
import { observeTools } from '../../../runtime/telemetry/observe-tools.ts'
import { createToolMeters } from '../../../runtime/telemetry/tool-meters.ts'
import { passOn } from '../../../runtime/telemetry/tracing.ts'
import type { Invocation } from '../../../runtime/mcp/invoke.ts'

const about = { agent: 'planner', namespace: 'default', version: '1.0.0', instance: 'planner-1' }
const ok: ToolResult = { content: [] }
const failed = (code?: string): ToolResult => ({
  ...{ content: [], isError: true, ...(code && { _meta: { 'mcp-mesh.dev/code': code } }) },
})

t.test('an edge: calls, errors by code, attempts, latency, breaker', async t => {
  const edge = new Edge('planner.plan -> date')
  Object.assign(edge, { capability: 'date_service', calls: 5, inFlight: 2, attempts: 9 })
  Object.assign(edge, { retries: 3, hedges: 1, ejections: 2 })
  edge.failed('MESH_TIMEOUT_ELAPSED')
  edge.failed('MESH_TIMEOUT_ELAPSED')
  edge.failed('MESH_TOOL_FAILED')
  for (const ms of [1, 3, 60_000]) edge.latency.observe(ms)
  edge.breaker.probeAt = performance.now() + 60_000
  const text = renderMetrics({
    about,
    edges: [figuresOf(edge)],
    tools: [],
    offers: [],
    waiting: () => 0,
  })
  const lines = new Set(text.split('\n'))
  const of = (name: string, more = '') => `${name}{edge="planner.plan -> date"${more}}`
  for (const line of [
    'mesh_agent_info{agent="planner",namespace="default",version="1.0.0",instance="planner-1"} 1',
    `${of('mesh_edge_info', ',capability="date_service"')} 1`,
    `${of('mesh_calls_total')} 5`,
    `${of('mesh_calls_in_flight')} 2`,
    `${of('mesh_calls_waiting')} 0`,
    `${of('mesh_call_attempts_total')} 9`,
    `${of('mesh_call_retries_total')} 3`,
    `${of('mesh_call_hedges_total')} 1`,
    `${of('mesh_call_ejections_total')} 2`,
    `${of('mesh_call_errors_total', ',code="MESH_TIMEOUT_ELAPSED"')} 2`,
    `${of('mesh_call_errors_total', ',code="MESH_TOOL_FAILED"')} 1`,
    `${of('mesh_breaker_state', ',state="open"')} 1`,
    `${of('mesh_breaker_state', ',state="closed"')} 0`,
    `${of('mesh_call_duration_seconds_bucket', ',le="0.001"')} 1`,
    `${of('mesh_call_duration_seconds_bucket', ',le="0.005"')} 2`,
    `${of('mesh_call_duration_seconds_bucket', ',le="+Inf"')} 3`,
    `${of('mesh_call_duration_seconds_sum')} 60.004`,
    `${of('mesh_call_duration_seconds_count')} 3`,
  ]) {
    t.ok(lines.has(line), line)
  }
  for (const line of text.trimEnd().split('\n')) {
    if (/^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$/.test(line)) continue
    t.match(line, /^[a-z_]+(\{([a-z_]+="[^"\\\n]*",?)+\})? [0-9.e+-]+$/)
  }
})

t.test('a tool: calls, errors by code, in flight and waiting', async t => {
  const meters = createToolMeters()
  const answers: (() => Promise<ToolResult>)[] = [
    async () => ok,
    async () => failed(),
    async () => failed('MESH_OUTPUT_INVALID'),
    async () => failed('made-up-by-a-provider'),
    () => Promise.reject(new MeshError('MESH_TOOL_BUSY', 'busy')),
  ]
  const invoke = observeTools(() => answers.shift()!(), { tracing: passOn, meters })
  const invocation = { tool: { spec: { name: 'plan' } } } as Invocation
  for (let i = 0; i < 4; i++) await invoke(invocation)
  await t.rejects(invoke(invocation), { code: 'MESH_TOOL_BUSY' })
  let finish: (result: ToolResult) => void = () => undefined
  answers.push(() => new Promise(resolve => (finish = resolve)))
  const running = invoke(invocation)
  const render = () =>
    renderMetrics({
      about,
      edges: [],
      tools: meters.figures(),
      offers: [],
      waiting: () => 0,
    }).split('\n')
  t.ok(render().includes('mesh_tool_calls_in_flight{tool="plan"} 1'))
  finish(ok)
  await running
  const lines = render()
  for (const line of [
    'mesh_tool_calls_total{tool="plan"} 6',
    'mesh_tool_calls_in_flight{tool="plan"} 0',
    'mesh_tool_errors_total{tool="plan",code="tool_error"} 2',
    'mesh_tool_errors_total{tool="plan",code="MESH_OUTPUT_INVALID"} 1',
    'mesh_tool_errors_total{tool="plan",code="MESH_TOOL_BUSY"} 1',
    'mesh_tool_duration_seconds_count{tool="plan"} 6',
  ]) {
    t.ok(lines.includes(line), line)
  }
  t.equal(lines.filter(line => line.startsWith('mesh_tool_errors_total')).length, 3)
})
