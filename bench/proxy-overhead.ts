/**
 * What an injected proxy costs: unary calls from one agent's handler to another agent's tool, against a raw POST of the same
 * bytes and against each SDK's client with its own server. Client and server are separate processes. The ways are taken in
 * turn, round by round, after two of warm-up, and all of it begins anew a few times with fresh processes, since two
 * equal ones differed by up to a third for as long as they lived; each generation begins with another way. Reported is the
 * median of the ratios of the rounds, whose ways have seen the same moments of a noisy machine, with the quartiles beside it.
 *
 * Fair by this: all ways run in one consumer process, with as many callers and connections and the same text; the raw
 * POST sends the headers and bytes that the mesh sends, and parses the JSON that comes back; the mesh runs all layers of
 * the default policy. `wide` is the same tool among a hundred. Not the same work: the echo server parses nothing. On a machine that others use, the ratio of rates
 * is the lower the busier it is: the raw way needs less of it.
 */
import { callTool } from './call-tool.ts'
import { isQuick, median, quantile, report, round, type Load } from './measure.ts'
import { cpuMs, openBench, type Process } from './processes.ts'

const ways = ['mesh', 'raw', 'wide', 'sdk_v1', 'sdk_v2'] as const
type Way = (typeof ways)[number]

/** One way's half of a round: many callers, then one alone, and what a call of the many took of the cores. */
interface Figures {
  many: Load
  alone: Load
  /** CPU time of client and server per call, in microseconds. */
  cpu: number
}

const generations = isQuick ? 1 : 5
const rounds = isQuick ? 1 : 4
const calls = isQuick ? 200 : 10_000
/** Of the SDKs, which are some ten times slower. */
const sdkCalls = isQuick ? 200 : 2_000
const connections = 16
const bench = await openBench()
const seen: Record<Way, Figures>[] = []
try {
  for (let generation = 0; generation < generations; generation++) await runGeneration(generation)
} finally {
  await bench.close()
}

async function runGeneration(generation: number): Promise<void> {
  const registry = await bench.registry()
  const provider = await bench.agentAt(registry.url, 'bench/provider/mesh.yaml')
  const servers: Record<Way, Process> = {
    mesh: provider,
    wide: await bench.agent(registry.url, wideProvider()),
    raw: await bench.fork('echo-server.ts'),
    sdk_v1: await bench.fork('sdk-v1-server.ts'),
    sdk_v2: await bench.fork('sdk-v2-server.ts'),
  }
  const consumer = await bench.agentAt(registry.url, 'bench/consumer/mesh.yaml')
  const inTurn = [
    ...ways.slice(generation % ways.length),
    ...ways.slice(0, generation % ways.length),
  ]
  for (let turn = isQuick ? 0 : -2; turn < rounds; turn++) {
    const figures = {} as Record<Way, Figures>
    for (const way of inTurn) figures[way] = await measure(way, consumer, servers[way])
    if (turn >= 0) seen.push(figures) // before it is the warm-up
  }
  for (const each of [consumer, ...Object.values(servers), registry]) await each.stop()
}

async function measure(way: Way, consumer: Process, server: Process): Promise<Figures> {
  const args = { text: 'x'.repeat(100), url: server.url }
  const run = (load: object) => callTool<Load>(consumer.url, way, { ...args, ...load })
  const count = way.startsWith('sdk') ? sdkCalls : calls
  const before = cpuMs([consumer, server])
  const many = await run({ calls: count, connections })
  const cpu = ((cpuMs([consumer, server]) - before) / count) * 1_000
  return { many, alone: await run({ calls: count / 5, connections: 1 }), cpu }
}

/** Of each round, `figure` of the one way over that of the other. */
const ratios = (figure: (f: Figures) => number, of: Way, to: Way) =>
  seen.map(figures => figure(figures[of]) / figure(figures[to]))
const rate = (f: Figures) => f.many.rate
const p50 = (f: Figures) => f.alone.p50Ms
const middle = (values: number[]) => round(median(values))
const toRaw = ratios(rate, 'mesh', 'raw')
report('proxy-overhead', {
  ...{ generations, rounds, calls, sdkCalls, connections },
  meshCallsPerSecond: round(median(seen.map(({ mesh }) => rate(mesh))), 0),
  ratioToRaw: middle(toRaw),
  ratioToRawQuartiles: [round(quantile(toRaw, 0.25)), round(quantile(toRaw, 0.75))],
  ratioToSdkV1: middle(ratios(rate, 'mesh', 'sdk_v1')),
  ratioToSdkV2: middle(ratios(rate, 'mesh', 'sdk_v2')),
  rateOf100ToolsTo1: middle(ratios(rate, 'wide', 'mesh')),
  cpuRatioToRaw: middle(ratios(f => f.cpu, 'mesh', 'raw')),
  meshP50Ms: round(median(seen.map(({ mesh }) => p50(mesh))), 3),
  p50RatioToRaw: middle(ratios(p50, 'mesh', 'raw')),
})

/** The provider's tool again, among a hundred. */
function wideProvider(): Record<string, string> {
  const schema = '{ type: object, properties: { text: { type: string } }, required: [text] }'
  const tool = (name: string, capability: string) =>
    `    - { name: ${name}, handler: ./echo.ts#echo, capability: ${capability}, inputSchema: ${schema} }`
  const others = Array.from({ length: 99 }, (_, i) => tool(`other_${i}`, `other-${i}`))
  return {
    'echo.ts': 'export const echo = ({ text }: { text: string }) => ({ text })\n',
    'mesh.yaml': [
      'apiVersion: mcp-mesh.dev/v1',
      'kind: Agent',
      'metadata: { name: wide, namespace: bench }',
      'spec:',
      '  version: 1.0.0',
      '  tools:',
      ...[...others, tool('echo', 'wide-echo')],
    ].join('\n'),
  }
}
