/**
 * A process announces itself. An unknown agent's first manifest becomes the desired one; a second, different one of that
 * name is refused while an instance runs the first (ADR 0005). Nothing
 * has to be written before it is answered: what announces itself comes back by itself.
 */
import type { Agent } from '../../model/agent.ts'
import { MeshError } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { Announcement, AnnouncementReceipt } from '../../model/registry-api.ts'
import { checkManifest } from '../../manifest/check-manifest.ts'
import { digestOf } from '../../manifest/digest.ts'
import { refuseCycle } from './apply.ts'
import { agentKey, type AgentEntry, type Desired } from './desired.ts'
import { keyOf, type Mesh } from './mesh.ts'
import type { Instance } from './mesh-index.ts'
import { eventOf } from './record.ts'

/** Throws MESH_MANIFEST_REQUIRED, MESH_MANIFEST_INVALID, MESH_DEPENDENCY_CYCLE, MESH_AGENT_CONFLICT. */
export function announce(
  mesh: Mesh,
  announcement: Announcement,
): { isNew: boolean; receipt: AnnouncementReceipt } {
  const { id, namespace, agent: name, digest, unhealthy } = announcement
  const old = mesh.index.instances.get(id)
  const key = agentKey(namespace, name)
  if (old && keyOf(old) !== key) {
    throw new MeshError(
      'MESH_AGENT_CONFLICT',
      `instance id "${id}" belongs to agent "${keyOf(old)}"`,
      'choose an id of your own: the name of the agent and 8 random hex digits',
    )
  }
  const known = mesh.desired.get(key)?.desired
  if (old && known && isRepeated(announcement, old, known)) {
    mesh.liveness.announced(id, mesh.watchers.has(id))
    return { isNew: false, receipt: receiptOf(mesh, id, known) }
  }
  const { agent, manifest } = served(mesh, announcement)
  const desired = old?.isDeleted ? known : chooseDesired(mesh, announcement, agent, manifest)
  const entry = mesh.desired.getOrAdd(namespace, name)
  const isFollowed = desired?.digest === digest
  const isNews =
    !old ||
    old.serving.digest !== digest ||
    old.endpoint !== announcement.endpoint ||
    old.unhealthy?.reason !== unhealthy?.reason
  if (desired && desired !== known) {
    mesh.desired.set(entry, desired)
    mesh.peers.tellAnnounced(key)
  } else if (isNews) mesh.revisions.next()

  const instance = mesh.index.put(agent, digest, {
    id,
    endpoint: announcement.endpoint,
    pid: announcement.pid,
    host: announcement.host,
    since: old?.since ?? new Date().toISOString(),
    state: old?.state === 'draining' ? 'draining' : unhealthy ? 'unhealthy' : 'ready',
    unhealthy,
    observedGeneration: isFollowed ? desired.generation : observed(announcement, old),
    drift: announcement.drift,
    isDeleted: old?.isDeleted ?? false,
  })
  if (old) entry.instances.delete(old)
  entry.instances.add(instance)
  mesh.liveness.announced(id, mesh.watchers.has(id))
  if (manifest) mesh.peers.remember(instance.serving, manifest)
  mesh.peers.tell(id, 'claim')
  if (!old) mesh.audit.add(eventOf(instance, 'Joined', `serves at ${instance.endpoint}`))
  if (unhealthy && !old?.unhealthy) {
    mesh.audit.add(eventOf(instance, 'Unhealthy', unhealthy.reason))
  } else if (old?.unhealthy && !unhealthy) {
    mesh.audit.add(eventOf(instance, 'Healthy', 'its check passes again'))
  }
  mesh.changed({ agent: key, instance: id })
  if (!old)
    mesh.log.info({ agent: key, instance: id, endpoint: instance.endpoint }, 'instance joined')
  return { isNew: !old, receipt: receiptOf(mesh, id, desired) }
}

/** All that it says is known: only its lease is new. */
function isRepeated(announcement: Announcement, old: Instance, known: Desired): boolean {
  const { digest, endpoint, pid, host, drift, unhealthy } = announcement
  if (old.owner !== undefined || old.isDeleted || old.state === 'suspect' || drift || old.drift)
    return false
  if (unhealthy?.reason !== old.unhealthy?.reason) return false
  if (digest !== known.digest || digest !== old.serving.digest) return false
  if (old.observedGeneration !== known.generation) return false
  return endpoint === old.endpoint && pid === old.pid && host === old.host
}

function receiptOf(mesh: Mesh, id: string, desired: Desired | undefined): AnnouncementReceipt {
  return {
    id,
    lease: { ttlMs: mesh.times.ttlMs },
    generation: desired?.generation ?? 0,
    revision: mesh.revisions.current,
  }
}

/** What was seen to be observed stays so while it serves the same manifest: equal digests count, whether it was told or not. */
function observed({ digest, observedGeneration }: Announcement, old: Instance | undefined): number {
  const seen = old?.serving.digest === digest ? old.observedGeneration : 0
  return Math.max(seen, observedGeneration)
}

/** The agent that the instance serves, from the manifest sent or from what is known of its digest. */
function served(
  mesh: Mesh,
  { namespace, agent: name, digest, manifest }: Announcement,
): { agent: Agent; manifest: Manifest | undefined } {
  const known = mesh.desired.get(agentKey(namespace, name))?.desired
  if (known?.digest === digest) return known
  const serving = mesh.index.serving({ namespace, name }, digest)
  if (serving && !manifest) return { agent: serving.agent, manifest: undefined }
  if (!manifest) throw manifestRequired(digest)
  const checked = checkManifest(manifest)
  if (checked.faults) {
    const count = checked.faults.length
    throw new MeshError(
      'MESH_MANIFEST_INVALID',
      `the manifest of "${name}" has ${count} fault${count === 1 ? '' : 's'}`,
      undefined,
      { details: { faults: checked.faults } },
    )
  }
  const actual = digestOf(checked.manifest)
  if (checked.agent.name !== name || checked.agent.namespace !== namespace || actual !== digest) {
    throw new MeshError(
      'MESH_BODY_INVALID',
      `the manifest is that of ${checked.agent.namespace}/${checked.agent.name} with digest ${actual}, not of ${namespace}/${name} with digest ${digest}`,
      'announce a manifest under its own namespace, name and digest',
    )
  }
  return checked
}

/** The desired manifest from now on; the same object as before where it stays. */
function chooseDesired(
  mesh: Mesh,
  { id, namespace, agent: name, digest, rejoin }: Announcement,
  agent: Agent,
  manifest: Manifest | undefined,
): Desired {
  const entry = mesh.desired.get(agentKey(namespace, name))
  const known = entry?.desired
  if (entry && known) {
    if (known.digest === digest || known.origin === 'applied' || rejoin) return known
    refuseSecond(entry, id, digest)
  }
  if (!manifest) throw manifestRequired(digest)
  if (!rejoin) refuseCycle(mesh, agent)
  const generation = (known?.generation ?? 0) + 1
  const revision = mesh.revisions.next()
  const at = new Date().toISOString()
  return { manifest, agent, digest, generation, revision, origin: 'announced', at }
}

function refuseSecond(entry: AgentEntry, id: string, digest: string): void {
  for (const other of entry.instances) {
    if (other.id === id || other.state !== 'ready' || other.serving.digest === digest) continue
    throw new MeshError(
      'MESH_AGENT_CONFLICT',
      `agent "${entry.name}" of namespace "${entry.namespace}" runs with another manifest: instance ${other.id} at ${other.endpoint}, pid ${other.pid} on ${other.host}`,
    )
  }
}

function manifestRequired(digest: string): MeshError {
  return new MeshError('MESH_MANIFEST_REQUIRED', `the registry does not know ${digest}`)
}
