/**
 * What calls leave behind: the heaps of consumer and provider after a full collection, before and after 100,000 unary
 * calls by an injected proxy. Code that is compiled meanwhile and the buffers of connections are part of it, so a few
 * bytes a call are noise; a call that is kept is hundreds.
 */
import { callTool } from './call-tool.ts'
import { isQuick, report, round } from './measure.ts'
import { openBench } from './processes.ts'

const wanted = isQuick ? 2_000 : 100_000
const portion = isQuick ? 1_000 : 5_000
const longestMs = 120_000 // a slow machine makes fewer calls, and says so
const bench = await openBench()
try {
  const registry = await bench.registry()
  const provider = await bench.agentAt(registry.url, 'bench/provider/mesh.yaml')
  const consumer = await bench.agentAt(registry.url, 'bench/consumer/mesh.yaml')
  const run = (calls: number) =>
    callTool(consumer.url, 'mesh', { text: 'x'.repeat(100), calls, connections: 16 })
  const heap = async (url: string) => (await callTool<{ bytes: number }>(url, 'heap')).bytes

  for (let i = 0; i < 4; i++) await run(portion) // until what is hot has been compiled
  const before = { consumer: await heap(consumer.url), provider: await heap(provider.url) }
  const began = performance.now()
  let calls = 0
  for (; calls < wanted && performance.now() - began < longestMs; calls += portion) {
    await run(portion)
  }
  const after = { consumer: await heap(consumer.url), provider: await heap(provider.url) }
  report('call-leak', {
    calls,
    consumerHeapBytes: after.consumer,
    consumerBytesPerCall: round((after.consumer - before.consumer) / calls),
    consumerRatioToBefore: round(after.consumer / before.consumer, 3),
    providerHeapBytes: after.provider,
    providerBytesPerCall: round((after.provider - before.provider) / calls),
    providerRatioToBefore: round(after.provider / before.provider, 3),
  })
} finally {
  await bench.close()
}
