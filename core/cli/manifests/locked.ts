/** mesh.lock as `meshctl validate --locked` holds the manifests against it: findings with their place in the manifests. */
import { driftOf } from '../../lint/lock-drift.ts'
import type { Lock } from '../../manifest/lock-file.ts'
import type { SetCheck } from '../../manifest/compare.ts'
import type { Fault } from '../../manifest/fault.ts'
import type { SetMember } from '../../manifest/check-set.ts'

/** Differences as findings; those of tools that stand in no file any more are told by the first agent of their set. */
export function lockCheck(lock: Lock): SetCheck {
  return (members, { isWhole }) => {
    const found = new Map<SetMember, Fault[]>()
    if (!isWhole) return found
    const { findings, gone } = driftOf(lock, members)
    for (const { member, fault } of findings)
      found.set(member, [...(found.get(member) ?? []), fault])
    for (const { name, message } of gone) {
      const owner = members.find(({ agent }) =>
        name.startsWith(`${agent.namespace}/${agent.name}.`),
      )
      const member = owner ?? members[0]
      if (!member) continue
      const fault: Fault = {
        ...{
          code: 'MESH_LOCK_DRIFTED',
          severity: 'error',
          path: ['metadata', 'name'],
          at: 'value',
        },
        ...{ message, mend: 'bring it back, or write the lock anew with meshctl lock' },
      }
      found.set(member, [...(found.get(member) ?? []), fault])
    }
    return found
  }
}
