/**
 * The third stage of `meshctl validate`: the manifests as a mesh. `others` are agents that are known from elsewhere (a
 * registry, another folder): they fill dependencies, and what a change would break among them is told.
 */
import type { SetMember } from '../manifest/check-set.ts'
import type { SetCheck } from '../manifest/compare.ts'
import type { Fault } from '../manifest/fault.ts'
import { brokenConsumers } from './broken-consumers.ts'
import { meshOf } from './mesh-view.ts'
import { rules, type Scene } from './rules.ts'

/** Agents from elsewhere, and where that is, for messages: `in the registry`. */
export interface Others {
  members: readonly SetMember[]
  origin: string
}

/** Each rule over the set and the others; nothing is said of faults that only the others have. */
export function meshCheck(others: Others = { members: [], origin: '' }): SetCheck {
  return (members, { placeOf, isWhole }) => {
    const own = new Set(members)
    const keyOf = ({ agent }: SetMember) => `${agent.namespace}/${agent.name}`
    const known = new Set(members.map(keyOf))
    const rest = others.members.filter(member => !known.has(keyOf(member)))
    const scene: Scene = {
      mesh: meshOf([...members, ...rest]),
      placeOf: (member, path) => (own.has(member) ? placeOf(member, path) : others.origin),
      isWhole,
    }
    const findings = rules.flatMap(rule => rule(scene))
    if (others.members.length > 0 && isWhole)
      findings.push(
        ...brokenConsumers({ before: others.members, own: members, rest, origin: others.origin }),
      )
    const found = new Map<SetMember, Fault[]>()
    for (const { member, fault } of findings) {
      if (!own.has(member)) continue
      const faults = found.get(member)
      if (faults) faults.push(fault)
      else found.set(member, [fault])
    }
    return found
  }
}
