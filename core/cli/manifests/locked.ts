/** mesh.lock as `meshctl validate --locked` holds the manifests against it: findings with their place in the manifests. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { driftOf } from '../../lint/lock-drift.ts'
import { readLock, type Lock } from '../../lint/lock.ts'
import type { SetCheck } from '../../manifest/compare.ts'
import type { Fault } from '../../manifest/fault.ts'
import type { SetMember } from '../../manifest/check-set.ts'
import { MeshError } from '../../model/error.ts'

/** Throws MESH_LOCK_INVALID, also where there is none. */
export async function loadLock(cwd: string, name: string): Promise<Lock> {
  const text = await readFile(join(cwd, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`
    throw new MeshError('MESH_LOCK_INVALID', `${name} ${found}`, undefined, { cause })
  })
  return readLock(text, name)
}

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
