/** Endpoints, policies and requests for tests of the layers of a call. */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Code } from '../../core/model/codes.ts'
import type { Call, CallRequest } from '../../runtime/proxy/call.ts'
import { Cancellation } from '../../runtime/proxy/cancellation.ts'
import { Edge } from '../../runtime/proxy/edge.ts'
import { createLoad } from '../../runtime/proxy/load.ts'
import { policyStack, type StackOptions } from '../../runtime/proxy/policy-stack.ts'
import { RetryBudget } from '../../runtime/proxy/retry-budget.ts'

export const result = { content: [] }

export const endpoint = (instance: string, more: Partial<Endpoint> = {}): Endpoint => ({
  ...{ instance, agent: 'p', namespace: 'default', url: `http://${instance}/mcp`, tool: 'x' },
  ...{ version: '1.0.0', tags: [], score: 0, isRepeatable: false, deduplicates: false, ...more },
})

export const request = (more: Partial<CallRequest> = {}): CallRequest => ({
  ...{ args: {}, signal: new Cancellation(), expiresAt: Infinity, ...more },
})

/** Only deadline, pick and attempt timeout: a test adds what it is about. */
export const plain: CallPolicy = {
  ...{ timeoutMs: 5_000, deadlineMs: 10_000, hedge: undefined, breaker: undefined },
  retries: { attempts: 1, backoff: { initialMs: 5, maxMs: 20 }, on: ['unavailable'], budget: 1 },
  ...{ concurrency: undefined, ejection: undefined, balance: 'p2c', hashOn: undefined },
  ...{ headers: {}, stream: 'auto' },
}

export const retries = (more: Partial<CallPolicy['retries']> = {}): CallPolicy['retries'] => ({
  ...plain.retries,
  ...{ attempts: 3, ...more },
})

export interface Stacked {
  call: Call
  edge: Edge
  /** The instances that were asked, in order. */
  seen: string[]
  /** As they reached the leaf. */
  requests: CallRequest[]
}

/** The stack of a policy over a leaf; `edge a.x -> d`. */
export function stacked(
  policy: Partial<CallPolicy>,
  endpoints: Endpoint[],
  leaf: Call,
  more: Partial<StackOptions> = {},
): Stacked {
  const seen: string[] = []
  const requests: CallRequest[] = []
  const edge = more.edge ?? new Edge('a.x -> d')
  const options = { edge, endpoints, load: createLoad(), budget: new RetryBudget(), ...more }
  const call = policyStack({ ...plain, ...policy }, options, request => {
    seen.push(request.endpoint?.instance ?? '')
    requests.push(request)
    return leaf(request)
  })
  return { call, edge, seen, requests }
}

/** Never answers; ends with its signal. */
export const hang: Call = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason))
  })

export const answer: Call = () => Promise.resolve(result)

export const fail =
  (code: Code, details?: Record<string, unknown>): Call =>
  ({ endpoint }) =>
    Promise.reject(
      new MeshError(code, `from ${endpoint?.instance}`, undefined, details ? { details } : {}),
    )
