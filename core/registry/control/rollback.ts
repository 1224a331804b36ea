/** An earlier generation becomes the desired one again, as a new generation. */
import { checkManifest } from '../../manifest/check-manifest.ts'
import { MeshError } from '../../model/error.ts'
import type { ApplyReceipt } from '../../model/registry-api.ts'
import { agentMissing, applyInTurn } from './apply.ts'
import { agentKey } from './desired.ts'
import { historyOf } from './history.ts'
import type { Mesh } from './mesh.ts'

export interface Rollback {
  namespace: string
  name: string
  /** The one to take up; undefined for the one before the current. */
  generation: number | undefined
  dryRun: boolean
  ifMatch: number | undefined
}

/** Throws MESH_RESOURCE_MISSING, MESH_REVISION_MISSING, and what apply throws: a manifest may be refused today. */
export function rollBack(mesh: Mesh, rollback: Rollback): Promise<ApplyReceipt> {
  const { namespace, name, dryRun, ifMatch } = rollback
  const key = agentKey(namespace, name)
  return mesh.turns.take(key, async () => {
    const current = mesh.desired.get(key)?.desired
    if (!current) throw agentMissing(namespace, name)
    const history = await historyOf(mesh, namespace, name)
    const target = rollback.generation
    const found = history.findLast(({ generation }) =>
      target === undefined ? generation < current.generation : generation === target,
    )
    if (!found) throw revisionMissing(rollback, history)
    const checked = checkManifest(found.manifest)
    if (checked.faults) {
      throw new MeshError(
        'MESH_MANIFEST_INVALID',
        `generation ${found.generation} of "${name}" is no manifest of this version: ${checked.faults[0]?.message}`,
        undefined,
        { details: { faults: checked.faults } },
      )
    }
    const { agent, manifest } = checked
    return applyInTurn(mesh, { agent, manifest, dryRun, ifMatch, from: found.generation })
  })
}

function revisionMissing(
  { name, generation }: Rollback,
  history: readonly { generation: number }[],
): MeshError {
  const kept = history.map(each => each.generation).join(', ')
  return new MeshError(
    'MESH_REVISION_MISSING',
    generation === undefined
      ? `no generation of agent "${name}" before the current one is kept`
      : `generation ${generation} of agent "${name}" is not kept`,
    `kept are ${kept}; see meshctl rollout history ${name}`,
  )
}
