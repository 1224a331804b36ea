/** What somebody wrote of a call's policy, apart from what the shipped policies say of every call: only that is held against others. */
import { effectiveOver, type EffectivePolicy } from '../manifest/effective-policy.ts'
import { record, valueAt } from '../manifest/record.ts'
import type { Edge } from './mesh-view.ts'

const known = new WeakMap<Edge, EffectivePolicy>()

/** The policy of an edge with the origin of each value. */
export function policyOf(edge: Edge): EffectivePolicy {
  let policy = known.get(edge)
  if (!policy) {
    const { manifest, policies } = edge.from.member
    const values = record(valueAt(manifest, edge.path))
    policy = effectiveOver(policies, values)
    known.set(edge, policy)
  }
  return policy
}

/** True where a file of the user says one of the fields. */
export function isWritten(edge: Edge, fields: readonly string[]): boolean {
  const policy = policyOf(edge)
  return fields.some(field => {
    const origin = policy.get(field)?.origin
    return origin !== undefined && !origin.endsWith('(shipped)')
  })
}

/** Where the field is written: the field, where the dependency says it itself, or else the dependency. */
export function placeOfField(edge: Edge, field: string): (string | number)[] {
  const isOwn = policyOf(edge).get(field)?.origin === 'dependency'
  return isOwn ? [...edge.path, ...field.split('.')] : [...edge.path]
}
