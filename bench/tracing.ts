/**
 * What tracing costs a call: the rate of unary calls by an injected proxy with OpenTelemetry on, over that with it off. Two
 * pairs of consumer and provider, each with a registry of its own, take turns after a warm-up, in rounds that are much shorter than
 * the seconds for which the machine is faster or slower; the pair
 * that records has two spans a call and hands all of them, over OTLP in protobuf, to a sink in a process of its own. All of it
 * begins anew a dozen times, since two equal processes differ by several per cent for as long as they live. The warm-up is long
 * enough for both to be compiled as they stay. The share of spans
 * that arrived is reported, as a queue that drops them would look cheap; and the CPU time that both processes of a pair
 * spend on a call, which says the same on a machine that others use.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { callTool } from './call-tool.ts'
import { isQuick, median, report, round, type Load } from './measure.ts'
import { cpuMs, openBench, type Process } from './processes.ts'

const ways = ['off', 'on'] as const
const generations = isQuick ? 1 : 12
const rounds = isQuick ? 1 : 20
const calls = isQuick ? 200 : 2_000
const warmUp = isQuick ? 200 : 60_000
const connections = 16
const bench = await openBench()
const seen: Record<(typeof ways)[number], Load[]> = { off: [], on: [] }
/** Milliseconds a call, of each generation. */
const cpu: Record<(typeof ways)[number], number[]> = { off: [], on: [] }
let recorded = 0
try {
  for (let generation = 0; generation < generations; generation++)
    await runGeneration(generation % 2 === 0 ? ways : ways.toReversed())
} finally {
  await bench.close()
}

/** Whichever pair starts first. */
async function runGeneration(inTurn: readonly (typeof ways)[number][]): Promise<void> {
  const sink = await bench.fork('otlp-sink.ts')
  const env = { off: {}, on: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url } }
  const consumers: Record<string, string> = {}
  const processes: Process[] = []
  const agents: Record<'on' | 'off', Process[]> = { off: [], on: [] }
  for (const way of inTurn) {
    const registry = await bench.registry()
    processes.push(registry)
    agents[way].push(await bench.agentAt(registry.url, 'bench/provider/mesh.yaml', env[way]))
    const consumer = await bench.agentAt(registry.url, 'bench/consumer/mesh.yaml', env[way])
    consumers[way] = consumer.url
    agents[way].push(consumer)
  }
  const spent = { off: 0, on: 0 }
  for (let turn = -1; turn < rounds; turn++) {
    for (const way of turn % 2 === 0 ? inTurn : inTurn.toReversed()) {
      const made = turn < 0 ? warmUp : calls
      const args = { text: 'x'.repeat(100), url: '', calls: made, connections }
      const before = cpuMs(agents[way])
      const load = await callTool<Load>(consumers[way] ?? '', 'mesh', args)
      await wait(40) // what is under way of an export is a cost of this round, not of the next
      if (turn < 0) continue // warm-up
      seen[way].push(load)
      spent[way] += cpuMs(agents[way]) - before
    }
  }
  for (const way of ways) cpu[way].push(spent[way] / (rounds * calls))
  for (const agent of [...agents.on, ...agents.off]) await agent.stop() // which hands over the last spans
  recorded += Number(await (await fetch(sink.url)).text())
  for (const each of [...processes, sink]) await each.stop()
}

/** Of what the same moments of a noisy machine have seen: the two halves of a round, or a generation. */
const onToOff = (figures: Record<(typeof ways)[number], number[]>) =>
  round(median(figures.on.map((on, i) => on / (figures.off[i] ?? NaN))))
const figuresOf = (key: 'rate' | 'p50Ms') => ({
  on: seen.on.map(load => load[key]),
  off: seen.off.map(load => load[key]),
})
/** Two a call, and one for the tool that makes the calls. */
const expected = generations * (2 * (warmUp + rounds * calls) + rounds + 1)
report('tracing', {
  ...{ generations, rounds, calls, warmUp, connections },
  offCallsPerSecond: round(median(figuresOf('rate').off), 0),
  ratioOnToOff: onToOff(figuresOf('rate')),
  cpuRatioOnToOff: onToOff(cpu),
  offCpuMicroseconds: round(median(cpu.off) * 1_000, 0),
  p50RatioOnToOff: onToOff(figuresOf('p50Ms')),
  shareOfSpansThatArrived: round(recorded / expected, 3),
})
