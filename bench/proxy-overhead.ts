/**
 * What an injected proxy costs: unary calls from one agent's handler to another agent's tool, against a raw POST of the same
 * bytes and against each SDK's client with its own server. Client and server are separate processes; the ways are taken
 * in turn, round by round, and the medians of the rounds are compared.
 */
import { isQuick, median, report, round, type Load } from './measure.ts'
import { openBench } from './processes.ts'

const ways = ['mesh', 'raw', 'sdk_v1', 'sdk_v2'] as const
type Way = (typeof ways)[number]
const rounds = isQuick ? 1 : 5
const calls = isQuick ? 200 : 3_000
const connections = 16
const bench = await openBench()
const seen: Record<Way, Load[]> = { mesh: [], raw: [], sdk_v1: [], sdk_v2: [] }
const alone: Record<Way, Load[]> = { mesh: [], raw: [], sdk_v1: [], sdk_v2: [] }
try {
  const registry = await bench.registry()
  await bench.agentAt(registry.url, 'bench/provider/mesh.yaml')
  const consumer = await bench.agentAt(registry.url, 'bench/consumer/mesh.yaml')
  const urls: Record<Way, string> = {
    mesh: '',
    raw: (await bench.fork('echo-server.ts')).url,
    sdk_v1: (await bench.fork('sdk-v1-server.ts')).url,
    sdk_v2: (await bench.fork('sdk-v2-server.ts')).url,
  }
  for (let turn = -1; turn < rounds; turn++) {
    for (const way of ways) {
      const many = await measure(consumer.url, way, { url: urls[way], calls, connections })
      const one = await measure(consumer.url, way, {
        url: urls[way],
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
  meshP50Ms: round(p50('mesh'), 3),
  p50RatioToRaw: round(p50('mesh') / p50('raw')),
})

async function measure(url: string, name: Way, args: object): Promise<Load> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name, arguments: { text: 'x'.repeat(100), ...args } },
    }),
  })
  const text = await response.text()
  const message = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
    result?: { structuredContent?: Load; isError?: boolean }
  }
  if (!message.result?.structuredContent) throw new Error(`${name}: ${text}`)
  return message.result.structuredContent
}
