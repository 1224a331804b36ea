/** An agent as the API shows it: what is wanted and what was observed. */
import type { AgentResource } from '../../model/registry-api.ts'
import type { AgentEntry } from './desired.ts'
import { resolutionsOf } from './status.ts'

/** Undefined once it was deleted. */
export function resourceOf(entry: AgentEntry): AgentResource | undefined {
  const { desired, namespace } = entry
  if (!desired) return undefined
  const { manifest, generation, revision, origin } = desired
  const { apiVersion, kind, metadata, spec } = manifest
  const instances = [...entry.instances].map(instance => {
    const { id, endpoint, state, observedGeneration, pid, host, since, unhealthy } = instance
    return { id, endpoint, state, observedGeneration, pid, host, since, ...unhealthy }
  })
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, namespace, generation, revision, origin },
    spec,
    status: { ...entry.status, instances, resolutions: resolutionsOf(entry) },
  }
}
