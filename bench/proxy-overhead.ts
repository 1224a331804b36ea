/**
 * What an injected proxy costs: unary calls from one agent's handler to another agent's tool, against a raw POST of the same
 * bytes and against each SDK's client with its own server. Client and server are separate processes; the ways are taken
 * in turn, round by round, after a round of warm-up, and the medians of the rounds are compared.
 *
 * Fair by this: all ways run in one consumer process, with as many callers and connections and the same text; the raw
 * POST sends the headers and bytes that the mesh sends, and parses the JSON that comes back; the mesh runs all layers of
 * the default policy. `wide` is the same tool among a hundred. Not the same work: the echo server parses nothing. On a machine that others use, the ratio of rates
 * is the lower the busier it is: the raw way needs less of it.
 */
import { callTool } from './call-tool.ts'
import { isQuick, median, report, round, type Load } from './measure.ts'
import { openBench } from './processes.ts'

const ways = ['mesh', 'wide', 'raw', 'sdk_v1', 'sdk_v2'] as const
type Way = (typeof ways)[number]
const rounds = isQuick ? 1 : 5
const calls = isQuick ? 200 : 3_000
const connections = 16
const bench = await openBench()
const seen: Record<Way, Load[]> = { mesh: [], wide: [], raw: [], sdk_v1: [], sdk_v2: [] }
const alone: Record<Way, Load[]> = { mesh: [], wide: [], raw: [], sdk_v1: [], sdk_v2: [] }
try {
  const registry = await bench.registry()
  await bench.agentAt(registry.url, 'bench/provider/mesh.yaml')
  await bench.agent(registry.url, wideProvider())
  const consumer = await bench.agentAt(registry.url, 'bench/consumer/mesh.yaml')
  const urls: Record<Way, string> = {
    mesh: '',
    wide: '',
    raw: (await bench.fork('echo-server.ts')).url,
    sdk_v1: (await bench.fork('sdk-v1-server.ts')).url,
    sdk_v2: (await bench.fork('sdk-v2-server.ts')).url,
  }
  for (let turn = -1; turn < rounds; turn++) {
    for (const way of ways) {
      const args = { text: 'x'.repeat(100), url: urls[way] }
      const many = await callTool<Load>(consumer.url, way, { ...args, calls, connections })
      const one = await callTool<Load>(consumer.url, way, {
        ...args,
        calls: calls / 5,
        connections: 1,
      })
      if (turn < 0) continue // warm-up
      seen[way].push(many)
      alone[way].push(one)
    }
  }
} finally {
  await bench.close()
}

const rate = (way: Way) => median(seen[way].map(l => l.rate))
const p50 = (way: Way) => median(alone[way].map(l => l.p50Ms))
report('proxy-overhead', {
  ...{ rounds, calls, connections },
  meshCallsPerSecond: round(rate('mesh'), 0),
  ratioToRaw: round(rate('mesh') / rate('raw')),
  ratioToSdkV1: round(rate('mesh') / rate('sdk_v1')),
  ratioToSdkV2: round(rate('mesh') / rate('sdk_v2')),
  rateOf100ToolsTo1: round(rate('wide') / rate('mesh')),
  meshP50Ms: round(p50('mesh'), 3),
  p50RatioToRaw: round(p50('mesh') / p50('raw')),
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
