/** From policy to layers: the only place that knows their order, outermost first. */
import type { DependencyAlternative } from '../../core/model/agent.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { attemptTimeout } from './attempt-timeout.ts'
import { stack, type Call } from './call.ts'
import { deadline } from './deadline.ts'
import { failover } from './failover.ts'
import type { Load } from './load.ts'
import { pick } from './pick.ts'

/** `edge` names the hop in errors, `agent.tool -> dependency`. */
export function policyStack(
  policy: Pick<DependencyAlternative, 'deadlineMs' | 'timeoutMs'>,
  to: { edge: string; endpoints: readonly Endpoint[]; load: Load },
  leaf: Call,
): Call {
  return stack(
    [
      deadline(policy.deadlineMs, to.edge),
      failover(to.endpoints),
      pick(to.endpoints, to.load, to.edge),
      attemptTimeout(policy.timeoutMs, to.edge),
    ],
    leaf,
  )
}
