/**
 * The lowered policies of an agent's dependencies. What they have in common is merged and parsed once, and for the shipped
 * policies once a process: a registry lowers manifests by the thousand, and most dependencies say nothing about calls.
 */
import type { CallPolicy } from '../model/call-policy.ts'
import type { CallPolicySpec, Dependency } from '../model/generated/manifest.ts'
import { agentLevels, effective, entriesOf } from './effective-policy.ts'
import { lowerPolicy } from './lower-policy.ts'
import { shippedPolicies } from './policies.ts'

/** The policy of each dependency by what it says itself, over what its agent says. */
export type PolicyOf = (dependency: Dependency) => CallPolicy

/** Of each shipped policy by its name, and of no policy at all. */
const ofShipped = new Map<string | undefined, PolicyOf>()

/** `policy` is the agent's, and has to be without faults. Policies that are equal may be the same frozen object. */
export function policiesUnder(policy: string | CallPolicySpec | undefined): PolicyOf {
  if (typeof policy === 'object') return policiesOver(policy)
  const known = ofShipped.get(policy)
  if (known) return known
  const made = policiesOver(policy)
  if (policy === undefined || shippedPolicies().has(policy)) ofShipped.set(policy, made)
  return made
}

function policiesOver(policy: string | CallPolicySpec | undefined): PolicyOf {
  const under = effective(agentLevels(policy, shippedPolicies()))
  let common: CallPolicy | undefined
  return dependency => {
    const values = { ...dependency }
    // Not parsed before a dependency needs it: alone it may lack what each dependency says, such as hashOn.
    if (entriesOf(values).length === 0) return (common ??= freeze(lowerPolicy(under)))
    return lowerPolicy(effective([{ origin: 'dependency', values }], under))
  }
}

function freeze<T extends object>(value: T): T {
  for (const part of Object.values(value) as unknown[])
    if (typeof part === 'object' && part !== null) freeze(part)
  return Object.freeze(value)
}
