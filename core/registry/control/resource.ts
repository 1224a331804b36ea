/**
 * An agent as the API shows it, as JSON: what is wanted and what was observed. It is made once a change, however often it
 * is asked for, and of parts that are JSON already where they are large: manifest and resolutions.
 */
import type { AgentResource, InstanceStatus } from '../../model/registry-api.ts'
import type { AgentEntry, Desired } from './desired.ts'
import type { Instance } from './mesh-index.ts'
import { servingOf } from './status.ts'

const heads = new WeakMap<Desired, string>()

/** JSON of an AgentResource, in UTF-8; undefined once the agent was deleted. Whoever changes what it shows clears `entry.json`. */
export function resourceJson(entry: AgentEntry): Buffer | undefined {
  if (!entry.desired) return undefined
  return (entry.json ??= Buffer.from(`${headOf(entry.desired)},"status":${statusJson(entry)}}`))
}

/** Up to the status, without the closing brace. */
function headOf(desired: Desired): string {
  let head = heads.get(desired)
  if (head === undefined) {
    const { manifest, agent, generation, revision, origin } = desired
    const { apiVersion, kind, metadata, spec } = manifest
    const { namespace } = agent
    const shown: Omit<AgentResource, 'status'> = {
      apiVersion,
      kind,
      metadata: { ...metadata, namespace, generation, revision, origin },
      spec,
    }
    head = JSON.stringify(shown).slice(0, -1)
    heads.set(desired, head)
  }
  return head
}

function statusJson(entry: AgentEntry): string {
  const instances = [...entry.instances].map(instance => instanceOf(instance))
  const resolutions = servingOf(entry)?.slots.map(
    slot => slot.json || JSON.stringify(slot.resolution),
  )
  const head = JSON.stringify({ ...entry.status, instances })
  return `${head.slice(0, -1)},"resolutions":[${resolutions?.join(',') ?? ''}]}`
}

function instanceOf(instance: Instance): InstanceStatus {
  const { id, endpoint, state, observedGeneration, pid, host, since, unhealthy } = instance
  return { id, endpoint, state, observedGeneration, pid, host, since, ...unhealthy }
}
