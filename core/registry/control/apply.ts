/** What a user wants: apply and delete. Durable before it is acknowledged, and only then visible to anybody. */
import type { Agent } from '../../model/agent.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentManifest } from '../../model/generated/manifest.ts'
import type { ApplyReceipt } from '../../model/registry-api.ts'
import { digestOf } from '../../manifest/digest.ts'
import { findRequiredCycle } from '../../resolver/graph.ts'
import { agentKey } from './desired.ts'
import { revisionOf } from './history.ts'
import type { Mesh } from './mesh.ts'

export interface Application {
  agent: Agent
  manifest: AgentManifest
  dryRun: boolean
  /** The generation that the change was made on. */
  ifMatch: number | undefined
  /** The generation that a rollback takes up again. */
  from?: number
}

/** Throws MESH_GENERATION_CONFLICT, MESH_DEPENDENCY_CYCLE, MESH_STORE_UNAVAILABLE; then nothing has changed. */
export function apply(mesh: Mesh, application: Application): Promise<ApplyReceipt> {
  const { namespace, name } = application.agent
  return mesh.turns.take(agentKey(namespace, name), () => applyInTurn(mesh, application))
}

/** For those who have the agent's turn already. */
export async function applyInTurn(mesh: Mesh, application: Application): Promise<ApplyReceipt> {
  const { agent, manifest, dryRun, ifMatch, from } = application
  const { namespace, name } = agent
  const key = agentKey(namespace, name)
  const known = mesh.desired.get(key)?.desired
  const current = known?.generation ?? 0
  if (ifMatch !== undefined && ifMatch !== current) {
    throw new MeshError(
      'MESH_GENERATION_CONFLICT',
      `agent "${name}" is at generation ${current}, not ${ifMatch}`,
    )
  }
  refuseCycle(mesh, agent)
  const digest = digestOf(manifest)
  const isSame = known?.digest === digest
  const generation = isSame ? current : current + 1
  const result = !known ? 'created' : isSame ? 'unchanged' : 'configured'
  if (dryRun || (isSame && known.origin === 'applied')) {
    return { result, generation, revision: known?.revision ?? mesh.revisions.current }
  }
  const revision = mesh.revisions.next()
  const at = new Date().toISOString()
  const desired = { manifest, agent, digest, generation, revision, origin: 'applied', at } as const
  const origin = from === undefined ? 'applied' : 'rollback'
  // What was announced before is history now: a first apply can be rolled back too.
  const before = known?.origin === 'announced' ? [revisionOf(known, { origin: 'announced' })] : []
  await mesh.store.save(
    [...before.filter(() => !isSame), revisionOf(desired, { origin, from })],
    known?.origin === 'applied' ? known.generation : 0,
  )
  const entry = mesh.desired.getOrAdd(namespace, name)
  mesh.desired.set(entry, desired)
  mesh.log.info({ agent: key, generation, from }, 'manifest applied')
  const message = `generation ${generation}, version ${agent.version}`
  mesh.audit.add(
    from === undefined
      ? { type: 'Applied', namespace, agent: name, message }
      : { type: 'RolledBack', namespace, agent: name, message: `${message}, that of ${from}` },
  )
  mesh.changed({ agent: key })
  for (const instance of entry.instances) mesh.changed({ agent: key, instance: instance.id })
  return { result, generation, revision }
}

/** Its instances are told to leave, and are picked no more. Throws MESH_RESOURCE_MISSING. */
export function deleteAgent(mesh: Mesh, namespace: string, name: string): Promise<void> {
  const key = agentKey(namespace, name)
  return mesh.turns.take(key, async () => {
    const entry = mesh.desired.get(key)
    if (!entry?.desired) throw agentMissing(namespace, name)
    if (entry.desired.origin === 'applied') await mesh.store.delete(namespace, name)
    mesh.desired.set(entry, undefined)
    mesh.audit.add({
      type: 'Deleted',
      namespace,
      agent: name,
      message: 'its instances are to leave',
    })
    mesh.log.info({ agent: key }, 'agent deleted')
    for (const instance of entry.instances) {
      instance.isDeleted = true
      mesh.index.setState(instance, 'draining')
      mesh.changed({ agent: key, instance: instance.id })
    }
    mesh.changed({ agent: key })
  })
}

/** A cycle of required dependencies can never be filled: whoever closes it hears of it. */
export function refuseCycle(mesh: Mesh, agent: Agent): void {
  const cycle = findRequiredCycle(agent, mesh.desired.toolsWith(agent))
  if (!cycle) return
  throw new MeshError(
    'MESH_DEPENDENCY_CYCLE',
    `required dependencies form a cycle: ${cycle.join(' -> ')}`,
    'make one of them required: false, or tell the providers apart by tags or version',
  )
}

export function agentMissing(namespace: string, name: string): MeshError {
  return new MeshError(
    'MESH_RESOURCE_MISSING',
    `there is no agent "${name}" in namespace "${namespace}"`,
  )
}
