/**
 * p2c over peak EWMA against round-robin, the plain baseline, where one of five endpoints is ten times slower: quantiles
 * of the latency of the same calls, made at the same rate over the same layers in one process. Service times are
 * drawn from one seeded sequence, exponential with a mean of 4 ms, and a real timer waits for them.
 */
import type { CallPolicy } from '../core/model/call-policy.ts'
import { sleep } from '../core/model/sleep.ts'
import type { Call } from '../runtime/proxy/call.ts'
import { Cancellation } from '../runtime/proxy/cancellation.ts'
import { Edge } from '../runtime/proxy/edge.ts'
import { createLoad } from '../runtime/proxy/load.ts'
import { policyStack } from '../runtime/proxy/policy-stack.ts'
import { RetryBudget } from '../runtime/proxy/retry-budget.ts'
import { endpoints, plainPolicy, seeded } from './layer-fixtures.ts'
import { isQuick, median, quantile, report, round } from './measure.ts'

const calls = isQuick ? 300 : 4_000
const rounds = isQuick ? 1 : 3
const perSecond = 300
const meanMs = 4
const slowdown = 10

async function run(balance: CallPolicy['balance']): Promise<{ times: number[]; slow: number }> {
  const random = seeded(42)
  const times: number[] = []
  let slow = 0
  const leaf: Call = async ({ endpoint }) => {
    const isSlow = endpoint?.instance === 'e0'
    if (isSlow) slow++
    await sleep(-Math.log(1 - random()) * meanMs * (isSlow ? slowdown : 1))
    return { content: [] }
  }
  const options = { endpoints: endpoints(5), load: createLoad(), budget: new RetryBudget() }
  const edge = new Edge('bench')
  const call = policyStack({ ...plainPolicy, balance }, { ...options, edge, random }, leaf)
  const running: Promise<void>[] = []
  const began = performance.now()
  for (let i = 0; i < calls; i++) {
    const due = began + (i * 1_000) / perSecond
    if (performance.now() < due) await sleep(due - performance.now())
    const from = performance.now()
    const request = { args: {}, signal: new Cancellation(), expiresAt: Infinity }
    running.push(call(request).then(() => void times.push(performance.now() - from)))
  }
  await Promise.all(running)
  return { times, slow }
}

const ways = ['p2c', 'round-robin'] as const
const seen = { p2c: [] as number[], 'round-robin': [] as number[] }
const mid = { p2c: [] as number[], 'round-robin': [] as number[] }
const slow = { p2c: [] as number[], 'round-robin': [] as number[] }
for (let turn = 0; turn < rounds; turn++) {
  for (const way of ways) {
    const { times, slow: count } = await run(way)
    seen[way].push(quantile(times, 0.99))
    mid[way].push(median(times))
    slow[way].push(count / calls)
  }
}
report('balancing', {
  ...{ rounds, calls, perSecond, endpoints: 5, slowdown },
  p2cP99Ms: round(median(seen.p2c), 1),
  roundRobinP99Ms: round(median(seen['round-robin']), 1),
  p99RatioToRoundRobin: round(median(seen.p2c) / median(seen['round-robin'])),
  p2cP50Ms: round(median(mid.p2c), 1),
  roundRobinP50Ms: round(median(mid['round-robin']), 1),
  p2cShareOfSlow: round(median(slow.p2c), 3),
  roundRobinShareOfSlow: round(median(slow['round-robin']), 3),
})
