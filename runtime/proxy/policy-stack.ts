/**
 * From policy to layers: the only place that knows their order, outermost first (docs/adr/0004-order-of-layers.md). What
 * a policy leaves out adds no layer.
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { attemptTimeout } from './attempt-timeout.ts'
import { breaker } from './breaker.ts'
import { bulkhead } from './bulkhead.ts'
import { stack, type Call, type Layer } from './call.ts'
import { deadline } from './deadline.ts'
import type { Edge } from './edge.ts'
import { hedge } from './hedge.ts'
import type { Load } from './load.ts'
import { metering } from './metering.ts'
import { pick } from './pick.ts'
import { retry } from './retry.ts'
import type { RetryBudget } from './retry-budget.ts'
import type { SessionOwners } from './session-owners.ts'
import { withoutChunks } from './without-chunks.ts'

export interface StackOptions {
  edge: Edge
  /** Ranked, best first, and not empty. */
  endpoints: readonly Endpoint[]
  load: Load
  /** See PickOptions. */
  owners?: SessionOwners
  /** That of the capability. */
  budget: RetryBudget
  /** Below 1, at least 0; default Math.random. */
  random?: () => number
}

/** Wires the edge to it as well: a call under way that repeats an attempt asks these endpoints. */
export function policyStack(policy: CallPolicy, options: StackOptions, leaf: Call): Call {
  const layers = layersOf(policy, options)
  const split = layers.findIndex(([name]) => ofAttempt.has(name))
  const stackOf = (some: typeof layers, next: Call) =>
    stack(
      some.map(([, layer]) => layer),
      next,
    )
  const attempt = stackOf(layers.slice(split), leaf)
  options.edge.wire({ attempt, endpoints: options.endpoints })
  return stackOf(layers.slice(0, split), attempt)
}

/** What retry repeats. */
const ofAttempt = new Set(['hedge', 'pick', 'attemptTimeout'])

/** Each layer with its name, for the bench that measures them one by one. */
export function layersOf(policy: CallPolicy, options: StackOptions): [string, Layer][] {
  const { edge, endpoints } = options
  const { deadlineMs, timeoutMs, concurrency, retries } = policy
  const mayHedge = endpoints.length > 1 && endpoints.some(endpoint => endpoint.isRepeatable)
  edge.bulkhead.resize(concurrency?.max ?? Infinity)
  if (!policy.breaker) edge.breaker.close()
  const layers: [string, Layer | undefined | false][] = [
    ['metering', metering(edge)],
    ['withoutChunks', policy.stream === 'never' && withoutChunks],
    ['deadline', deadline(deadlineMs, edge.name)],
    ['bulkhead', concurrency && bulkhead(concurrency, edge)],
    [
      'breaker',
      policy.breaker && breaker(policy.breaker, { edge, timeoutMs, endpoints: endpoints.length }),
    ],
    ['retry', retries.attempts > 1 && retry(retries, options)],
    ['hedge', policy.hedge && mayHedge && hedge(policy.hedge, options)],
    ['pick', pick(policy, options)],
    ['attemptTimeout', attemptTimeout(timeoutMs, edge.name)],
  ]
  return layers.filter((named): named is [string, Layer] => Boolean(named[1]))
}
