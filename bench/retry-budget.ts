/**
 * What repeats add to the load of a capability that fails every call: requests that its providers get for each call, with
 * three attempts and a budget of a fifth, against the plain baseline of the same three attempts with a budget that
 * never ends. Several edges share the budget, as the callers of a capability in a process do.
 */
import { MeshError } from '../core/model/error.ts'
import { sleep } from '../core/model/sleep.ts'
import { Cancellation } from '../runtime/proxy/cancellation.ts'
import { Edge } from '../runtime/proxy/edge.ts'
import { createLoad } from '../runtime/proxy/load.ts'
import { policyStack } from '../runtime/proxy/policy-stack.ts'
import { RetryBudget } from '../runtime/proxy/retry-budget.ts'
import { endpoints, plainPolicy } from './layer-fixtures.ts'
import { isQuick, report, round } from './measure.ts'

const share = 0.2
const attempts = 3
const perSecond = 1_000
const calls = isQuick ? 2_000 : 20_000
const edges = 4

/** Requests that were sent for all calls, and how long it took in seconds. */
async function run(budget: number): Promise<{ sent: number; seconds: number }> {
  let sent = 0
  const shared = { load: createLoad(), budget: new RetryBudget(), endpoints: endpoints(3) }
  const retries = { ...plainPolicy.retries, attempts, budget, on: ['unavailable' as const] }
  const stacks = Array.from({ length: edges }, (_, i) =>
    policyStack({ ...plainPolicy, retries }, { ...shared, edge: new Edge(`edge-${i}`) }, () => {
      sent++
      return Promise.reject(new MeshError('MESH_CALL_INTERRUPTED', 'it fails'))
    }),
  )
  const running: Promise<unknown>[] = []
  const began = performance.now()
  for (let i = 0; i < calls; i++) {
    const due = began + (i * 1_000) / perSecond
    if (performance.now() < due) await sleep(due - performance.now())
    const request = { args: {}, signal: new Cancellation(), expiresAt: Infinity }
    running.push(stacks[i % edges]?.(request).catch(() => undefined) ?? Promise.resolve())
  }
  await Promise.all(running)
  return { sent, seconds: (performance.now() - began) / 1_000 }
}

const bounded = await run(share)
const endless = await run(attempts)
// a fifth, and one repeat a second with ten seconds of them in store
const mostExtra = share + (10 + bounded.seconds) / calls
const extra = bounded.sent / calls - 1
report('retry-budget', {
  ...{ calls, edges, attempts, budget: share },
  requestsPerCall: round(bounded.sent / calls, 3),
  requestsPerCallWithoutBudget: round(endless.sent / calls, 3),
  extraLoad: round(extra, 3),
  mostExtraLoad: round(mostExtra, 3),
  ratioToWithoutBudget: round(bounded.sent / endless.sent),
  isWithinBudget: String(extra <= mostExtra),
})
if (extra > mostExtra) process.exitCode = 1
