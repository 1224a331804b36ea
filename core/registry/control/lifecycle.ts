/** What an instance does after it has announced itself: renew, watch, drain, leave. */
import { MeshError } from '../../model/error.ts'
import type { Instance } from './mesh-index.ts'
import { keyOf, type Mesh } from './mesh.ts'
import { eventOf } from './record.ts'
import type { Stream } from './watchers.ts'

/**
 * At once where the instance is judged here. Throws MESH_LEASE_EXPIRED when nobody knows it, MESH_STORE_UNAVAILABLE when
 * another registry may.
 */
export function renew(mesh: Mesh, id: string): Promise<void> | undefined {
  return mesh.liveness.renew(id) ? undefined : renewElsewhere(mesh, id)
}

async function renewElsewhere(mesh: Mesh, id: string): Promise<void> {
  if (!(await mesh.peers.renew(id))) throw unknown(mesh, id)
}

/**
 * The stream is told all that the instance has to know, now and as it changes; what came before `lastEventId` it knows.
 * Throws MESH_LEASE_EXPIRED.
 */
export function openWatch(mesh: Mesh, id: string, stream: Stream, lastEventId?: string): void {
  const instance = find(mesh, id)
  // Judged elsewhere: it announces itself here, and so tells all that has changed since.
  if (instance.owner !== undefined) throw unknown(mesh, id)
  mesh.watchers.open(id, stream, lastEventId)
  mesh.liveness.watchOpened(instance)
  mesh.changed({ agent: keyOf(instance), instance: id })
}

/** The stream can take more. */
export function resumeWatch(mesh: Mesh, id: string): void {
  const instance = mesh.index.instances.get(id)
  if (instance) mesh.changed({ agent: keyOf(instance), instance: id })
}

/** The stream broke: the instance is suspect in this moment. */
export function closeWatch(mesh: Mesh, id: string, stream: Stream): void {
  if (!mesh.watchers.closed(id, stream)) return
  const instance = mesh.index.instances.get(id)
  if (instance) mesh.liveness.watchBroke(instance)
}

/** Throws MESH_LEASE_EXPIRED when the instance is unknown. */
export function drain(mesh: Mesh, id: string): void {
  const instance = find(mesh, id)
  if (instance.state === 'draining') return
  mesh.audit.add(eventOf(instance, 'Draining', 'it is picked no more'))
  mesh.index.setState(instance, 'draining')
  mesh.peers.tell(id, instance.owner === undefined ? 'update' : 'drain')
  mesh.log.info({ agent: keyOf(instance), instance: id }, 'instance drains')
  mesh.changed({ agent: keyOf(instance), instance: id })
}

/** Nothing happens when the instance is unknown: it has left. */
export function leave(mesh: Mesh, id: string): void {
  const instance = mesh.index.instances.get(id)
  if (!instance) return
  mesh.log.info({ agent: keyOf(instance), instance: id }, 'instance left')
  mesh.audit.add(eventOf(instance, 'Left', 'it said goodbye'))
  mesh.peers.tell(id, 'left')
  mesh.forget(instance)
}

function find(mesh: Mesh, id: string): Instance {
  const instance = mesh.index.instances.get(id)
  if (!instance) throw unknown(mesh, id)
  return instance
}

function unknown(mesh: Mesh, id: string): MeshError {
  const seconds = mesh.times.ttlMs / 1_000
  return new MeshError(
    'MESH_LEASE_EXPIRED',
    `instance "${id}" holds no live lease`,
    `announce it again with POST /v1/instances; a lease lives ${seconds} s without renewal`,
  )
}
