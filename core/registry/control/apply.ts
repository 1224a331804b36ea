/** What a user wants: apply and delete. Durable before it is acknowledged, and only then visible to anybody. */
import type { Agent } from '../../model/agent.ts'
import { hasCode, MeshError } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { ApplyReceipt } from '../../model/registry-api.ts'
import { digestOf } from '../../manifest/digest.ts'
import { closesCycle } from '../../resolver/closes-cycle.ts'
import { findRequiredCycle } from '../../resolver/graph.ts'
import { adopt, adoptDeletion } from './adopt.ts'
import { agentKey } from './desired.ts'
import { revisionOf } from './history.ts'
import type { Mesh } from './mesh.ts'

export interface Application {
  agent: Agent
  manifest: Manifest
  dryRun: boolean
  /** The generation that the change was made on. */
  ifMatch: number | undefined
  /** The generation that a rollback takes up again. */
  from?: number
}

/** Each time that it is lost, another registry's apply has won; more than this is not contention. */
const MAX_RACES = 20

/** Throws MESH_GENERATION_CONFLICT, MESH_DEPENDENCY_CYCLE, MESH_STORE_UNAVAILABLE; then nothing has changed. */
export function apply(mesh: Mesh, application: Application): Promise<ApplyReceipt> {
  const { namespace, name } = application.agent
  return mesh.turns.take(agentKey(namespace, name), () => applyInTurn(mesh, application))
}

/** For those who have the agent's turn already. A race that another registry wins is run again over what it applied. */
export async function applyInTurn(mesh: Mesh, application: Application): Promise<ApplyReceipt> {
  for (let races = 1; ; races++) {
    await mesh.peers.catchUp()
    try {
      return await applyOnce(mesh, application)
    } catch (error) {
      const isLost = hasCode(error, 'MESH_GENERATION_CONFLICT')
      if (!isLost || application.ifMatch !== undefined || races === MAX_RACES) throw error
    }
  }
}

async function applyOnce(mesh: Mesh, application: Application): Promise<ApplyReceipt> {
  const { agent, manifest, dryRun, ifMatch, from } = application
  const { namespace, name } = agent
  const known = mesh.desired.get(agentKey(namespace, name))?.desired
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
  const after = mesh.revisions.current
  const at = new Date().toISOString()
  const wanted = { manifest, agent, digest, generation, origin: 'applied', at } as const
  const origin = from === undefined ? 'applied' : 'rollback'
  // What was announced before is history now: a first apply can be rolled back too.
  const before = known?.origin === 'announced' ? [revisionOf(known, { origin: 'announced' })] : []
  const last = revisionOf({ ...wanted, revision: after }, { origin, from })
  const revision = await mesh.store.save([...before.filter(() => !isSame), last], {
    expected: known?.origin === 'applied' ? known.generation : 0,
    after,
  })
  adopt(mesh, { ...wanted, revision }, { from })
  return { result, generation, revision }
}

/** Its instances are told to leave, and are picked no more. Throws MESH_RESOURCE_MISSING. */
export function deleteAgent(mesh: Mesh, namespace: string, name: string): Promise<void> {
  const key = agentKey(namespace, name)
  return mesh.turns.take(key, async () => {
    await mesh.peers.catchUp()
    if (!mesh.desired.get(key)?.desired) throw agentMissing(namespace, name)
    const revision = await mesh.store.delete(namespace, name, mesh.revisions.current)
    adoptDeletion(mesh, { namespace, name }, revision)
  })
}

/** A cycle of required dependencies can never be filled: whoever closes it hears of it. */
export function refuseCycle(mesh: Mesh, agent: Agent): void {
  const before = mesh.desired.get(agentKey(agent.namespace, agent.name))?.desired?.agent
  const graphWith = (one: Agent) => mesh.desired.graphWith(one)
  if (!closesCycle(agent, before, graphWith)) return
  const cycle = findRequiredCycle(agent, graphWith(agent).offering)
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
