/**
 * A manifest with the values of the policies that it names, so that it is whole by itself: its digest covers them, and the
 * registry and running instances see values. Shipped policies stay names: every part of the mesh has them.
 */
import type { CallPolicySpec } from '../model/generated/manifest.ts'
import type { Manifest } from '../model/manifest.ts'
import { effective, type EffectivePolicy } from './effective-policy.ts'
import { chainOf, defaultPolicy, type NamedPolicy, type Policies } from './policies.ts'

/** The policies of the set, not the shipped ones, under the agent's calls; lowest first. */
export function policiesOf({ spec }: Manifest, policies: Policies): NamedPolicy[] {
  const from = typeof spec.policy === 'string' ? spec.policy : spec.policy?.from
  return chainOf(from, policies).filter(({ place }) => place !== undefined)
}

/** The manifest has to be without faults. It is given back as it is where it names no policy of the set. */
export function inlinePolicies(manifest: Manifest, policies: Policies): Manifest {
  const { policy } = manifest.spec
  const own = policiesOf(manifest, policies)
  if (own.length === 0) return manifest
  const values = own.map(({ name, spec }) => ({ origin: name, values: spec }))
  const inline =
    typeof policy === 'object' ? [{ origin: 'spec.policy', values: { ...policy } }] : []
  const from = own[0]?.spec.from
  const base = typeof from === 'string' && from !== defaultPolicy ? { from } : {}
  const spec: CallPolicySpec = { ...base, ...nested(effective([...values, ...inline])) }
  return { ...manifest, spec: { ...manifest.spec, policy: spec } }
}

/** `retries.backoff.max` to `{ retries: { backoff: { max } } }`. */
export function nested(policy: EffectivePolicy): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [path, { value }] of policy) {
    // The name of a header may have dots of its own.
    const steps = path.startsWith('headers.') ? ['headers', path.slice(8)] : path.split('.')
    let owner = root
    for (const step of steps.slice(0, -1)) owner = (owner[step] ??= {}) as Record<string, unknown>
    owner[steps.at(-1) ?? ''] = value
  }
  return root
}
