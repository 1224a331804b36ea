/**
 * The tail with and without hedging, where one call in fifty takes half a second and all others about 5 ms, on each of
 * three endpoints alike: quantiles of the same calls with the same seeded service times, and what the hedges cost in
 * requests. The plain baseline is the same stack without the layer.
 */
import { sleep } from '../core/model/sleep.ts'
import type { Call } from '../runtime/proxy/call.ts'
import { Cancellation } from '../runtime/proxy/cancellation.ts'
import { Edge } from '../runtime/proxy/edge.ts'
import { createLoad } from '../runtime/proxy/load.ts'
import { policyStack } from '../runtime/proxy/policy-stack.ts'
import { RetryBudget } from '../runtime/proxy/retry-budget.ts'
import { endpoints, plainPolicy, seeded } from './layer-fixtures.ts'
import { isQuick, median, quantile, report, round } from './measure.ts'

const calls = isQuick ? 500 : 4_000
const perSecond = 250
const afterMs = 30
const slowShare = 0.02
const slowMs = 500

async function run(isHedged: boolean): Promise<{ times: number[]; requests: number }> {
  const random = seeded(7)
  const times: number[] = []
  const leaf: Call = async ({ signal }) => {
    await sleep(random() < slowShare ? slowMs : 3 + 4 * random(), signal)
    return { content: [] }
  }
  const hedge = isHedged ? { afterMs } : undefined
  const retries = { ...plainPolicy.retries, attempts: 2, budget: 0.2 } // what hedges take from
  const edge = new Edge('bench')
  const options = { edge, load: createLoad(), budget: new RetryBudget(), endpoints: endpoints(3) }
  const call = policyStack({ ...plainPolicy, hedge, retries }, { ...options, random }, leaf)
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
  return { times, requests: edge.attempts }
}

const plain = await run(false)
const hedged = await run(true)
report('hedging', {
  ...{ calls, perSecond, afterMs, slowShare, slowMs },
  p99Ms: round(quantile(hedged.times, 0.99), 1),
  p99MsWithout: round(quantile(plain.times, 0.99), 1),
  p99RatioToWithout: round(quantile(hedged.times, 0.99) / quantile(plain.times, 0.99)),
  p50Ms: round(median(hedged.times), 1),
  p50MsWithout: round(median(plain.times), 1),
  requestsRatioToWithout: round(hedged.requests / plain.requests, 3),
})
