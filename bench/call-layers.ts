/**
 * What each layer of a call costs in this process: microseconds of processor time a call, each stack one layer longer than the
 * one before, over a leaf that answers at once; and the whole stack with 1,000 endpoints in its resolution. The
 * baseline is the leaf alone, awaited. In a loop that does nothing else all caches are warm: beside sockets it is two
 * to three times as much. The table goes to stderr, the figures as one line to stdout.
 */
import type { CallPolicy } from '../core/model/call-policy.ts'
import type { Endpoint } from '../core/model/registry-api.ts'
import { stack, type Call, type Layer } from '../runtime/proxy/call.ts'
import { Cancellation } from '../runtime/proxy/cancellation.ts'
import { Edge } from '../runtime/proxy/edge.ts'
import { createLoad } from '../runtime/proxy/load.ts'
import { layersOf, policyStack, type StackOptions } from '../runtime/proxy/policy-stack.ts'
import { RetryBudget } from '../runtime/proxy/retry-budget.ts'
import { isQuick, median, report, round } from './measure.ts'

const calls = isQuick ? 1_000 : 50_000
const rounds = isQuick ? 1 : 9
/** Every layer there is; a policy that leaves a part out does not pay for it. */
const policy: CallPolicy = {
  ...{ deadlineMs: 10_000, timeoutMs: 3_000, balance: 'p2c', hashOn: undefined, headers: {} },
  retries: {
    ...{ attempts: 3, backoff: { initialMs: 50, maxMs: 2_000 }, on: ['unavailable'], budget: 0.2 },
  },
  ...{ hedge: { afterMs: 1_000 }, breaker: { failures: 5, openMs: 10_000 } },
  concurrency: { max: 1_000, queue: 1_000 },
  ejection: { failures: 3, forMs: 10_000, maxShare: 0.5 },
  stream: 'auto',
}
const answer = Promise.resolve({ content: [] })
const leaf: Call = () => answer
const to = (count: number): StackOptions => ({
  ...{ edge: new Edge('edge'), endpoints: endpoints(count), load: createLoad() },
  budget: new RetryBudget(),
})
const layers = layersOf(policy, to(2)).reverse() // innermost first
const stacks: Record<string, Call> = { leaf }
for (const [i, [name]] of layers.entries()) {
  const inner: Layer[] = layers.slice(0, i + 1).map(([, layer]) => layer)
  stacks[name] = stack(inner.reverse(), leaf)
}
for (const count of [2, 1_000]) stacks[`all of ${count}`] = policyStack(policy, to(count), leaf)

const seen: Record<string, number[]> = {}
for (let turn = -1; turn < rounds; turn++) {
  for (const [name, call] of Object.entries(stacks)) {
    const us = await cost(call)
    if (turn >= 0) (seen[name] ??= []).push(us) // the first is warm-up
  }
}
const us = (name: string) => median(seen[name] ?? [])
const names = layers.map(([name]) => name)
const microseconds = Object.fromEntries(
  names.map((name, i) => [name, round(us(name) - us(names[i - 1] ?? 'leaf'))]),
)
for (const name of names.toReversed()) {
  process.stderr.write(`${name.padEnd(16)}${(microseconds[name] ?? 0).toFixed(2).padStart(6)} us\n`)
}
process.stderr.write(`${'all'.padEnd(16)}${us('all of 2').toFixed(2).padStart(6)} us\n`)
report('call-layers', {
  ...{ rounds, calls, microseconds },
  leafMicroseconds: round(us('leaf')),
  allMicroseconds: round(us('all of 2')),
  ratioToLeaf: round(us('all of 2') / us('leaf'), 1),
  ratioOf1000EndpointsTo2: round(us('all of 1000') / us('all of 2')),
})

/** Microseconds of processor time a call, sixteen at a time. */
async function cost(call: Call): Promise<number> {
  const signal = new Cancellation()
  const [endpoint] = endpoints(1)
  let left = calls
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await call({ args: {}, signal, expiresAt: Infinity, endpoint })
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

function endpoints(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ instance: `i${i}`, agent: 'a', namespace: 'default', url: `http://10.0.0.1:${i}/mcp` },
    ...{ tool: 'x', version: '1.0.0', tags: [], score: 0, isRepeatable: true, deduplicates: true },
  }))
}
