/**
 * What each layer of a call costs in this process: microseconds of processor time a call, each stack one layer longer than the
 * one before, over a leaf that answers at once; and the whole stack with 1,000 endpoints in its resolution. The
 * baseline is the leaf alone, awaited. In a loop that does nothing else all caches are warm: beside sockets it is two
 * to three times as much.
 */
import type { Endpoint } from '../core/model/registry-api.ts'
import { attemptTimeout } from '../runtime/proxy/attempt-timeout.ts'
import { stack, type Call, type Layer } from '../runtime/proxy/call.ts'
import { Cancellation } from '../runtime/proxy/cancellation.ts'
import { deadline } from '../runtime/proxy/deadline.ts'
import { failover } from '../runtime/proxy/failover.ts'
import { createLoad } from '../runtime/proxy/load.ts'
import { pick } from '../runtime/proxy/pick.ts'
import { policyStack } from '../runtime/proxy/policy-stack.ts'
import { isQuick, median, report, round } from './measure.ts'

const calls = isQuick ? 1_000 : 50_000
const rounds = isQuick ? 1 : 7
const policy = { deadlineMs: 10_000, timeoutMs: 3_000 }
const answer = Promise.resolve({ content: [] })
const leaf: Call = () => answer
const one = endpoints(1)
const layers: Record<string, Layer> = {
  attemptTimeout: attemptTimeout(policy.timeoutMs, 'edge'),
  pick: pick(one, createLoad(), 'edge'),
  failover: failover(one),
  deadline: deadline(policy.deadlineMs, 'edge'),
}
const names = Object.keys(layers)
const stacks: Record<string, Call> = { leaf }
for (const [i, name] of names.entries()) {
  stacks[name] = stack(
    Object.values(layers)
      .slice(0, i + 1)
      .reverse(),
    leaf,
  )
}
for (const count of [1, 1_000]) {
  const to = { edge: 'edge', endpoints: endpoints(count), load: createLoad() }
  stacks[`all of ${count}`] = policyStack(policy, to, leaf)
}

const seen: Record<string, number[]> = {}
for (let turn = -1; turn < rounds; turn++) {
  for (const [name, call] of Object.entries(stacks)) {
    const us = await cost(call)
    if (turn >= 0) (seen[name] ??= []).push(us) // the first is warm-up
  }
}
const us = (name: string) => median(seen[name] ?? [])
const steps = ['leaf', ...names]
report('call-layers', {
  ...{ rounds, calls },
  microseconds: Object.fromEntries(
    names.map((name, i) => [name, round(us(name) - us(steps[i] ?? 'leaf'))]),
  ),
  leafMicroseconds: round(us('leaf')),
  allMicroseconds: round(us('all of 1')),
  ratioToLeaf: round(us('all of 1') / us('leaf'), 1),
  ratioOf1000EndpointsTo1: round(us('all of 1000') / us('all of 1')),
})

/** Microseconds of processor time a call, sixteen at a time. */
async function cost(call: Call): Promise<number> {
  const signal = new Cancellation()
  let left = calls
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) await call({ args: {}, signal, expiresAt: Infinity, endpoint: one[0] })
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

function endpoints(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ instance: `i${i}`, agent: 'a', namespace: 'default', url: `http://10.0.0.1:${i}/mcp` },
    ...{
      tool: 'x',
      version: '1.0.0',
      tags: [],
      score: 0,
      isRepeatable: false,
      deduplicates: false,
    },
  }))
}
