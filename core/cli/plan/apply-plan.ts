/**
 * Carries a plan out, all of it or nothing: every manifest is tried dry first, each apply holds the registry to the generation that
 * the plan was made on, and what was done is taken back where a later step fails.
 */
import type { RegistryClient } from '../../client/registry-client.ts'
import { hasCode, MeshError, messageOf } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { ApplyReceipt } from '../../model/registry-api.ts'
import { manifestOf } from './against.ts'
import type { Plan, PlannedAgent } from './make-plan.ts'

export interface Done {
  namespace: string
  name: string
  result: ApplyReceipt['result'] | 'removed'
  generation: number
  revision: number
}

/** Told what is done next. */
type Tell = (text: string) => void
type Registry = Pick<RegistryClient, 'apply' | 'deleteAgent' | 'rollBack'>
type Refusal = { agent: PlannedAgent; error: unknown }
type Wanted = PlannedAgent & { manifest: Manifest }

const isWanted = (agent: PlannedAgent): agent is Wanted => agent.manifest !== undefined

/** What the registry would answer to each, and which of them it refuses. Changes nothing. */
export async function tryPlan(
  { agents, cycles }: Plan,
  registry: Registry,
  tell: Tell = () => undefined,
): Promise<{ done: Done[]; refused: Refusal[] }> {
  const [done, refused]: [Done[], Refusal[]] = [[], []]
  for (const [i, agent] of agents.entries()) {
    const { namespace, name, generation } = agent
    tell(`trying ${i + 1} of ${agents.length}: agent/${name}`)
    if (!isWanted(agent)) {
      done.push({ namespace, name, generation, result: 'removed', revision: 0 })
      continue
    }
    try {
      const receipt = await registry.apply(agent.manifest, { dryRun: true, ifMatch: generation })
      done.push({ namespace, name, ...receipt })
    } catch (error) {
      // The registry sees it beside the others as they are; the plan has seen all as they would be.
      const isCycle = hasCode(error, 'MESH_DEPENDENCY_CYCLE') && !error.details?.faults
      if (!isCycle || cycles.length > 0) refused.push({ agent, error })
    }
  }
  return { done, refused }
}

/** Throws what the registry refused, after everything is as it was; its message says so, or what could not be taken back. */
export async function applyPlan(
  plan: Plan,
  registry: Registry,
  tell: Tell = () => undefined,
): Promise<Done[]> {
  const done: Done[] = []
  try {
    let left = plan.agents.filter(isWanted)
    for (let before = Infinity; left.length > 0 && left.length < before;) {
      before = left.length
      const again: Wanted[] = []
      for (const agent of left) {
        const { namespace, name, manifest, generation } = agent
        tell(`applying ${done.length + 1} of ${plan.agents.length}: agent/${name}`)
        try {
          const receipt = await registry.apply(manifest, { ifMatch: generation })
          done.push({ namespace, name, ...receipt })
        } catch (error) {
          // Another of the files may be the one that opens the cycle: it is asked again when that one is in.
          if (!hasCode(error, 'MESH_DEPENDENCY_CYCLE') || left.length === 1) throw error
          again.push(agent)
          if (again.length === before) throw error
        }
      }
      left = again
    }
    for (const { namespace, name, manifest, generation } of plan.agents) {
      if (manifest) continue
      tell(`removing ${done.length + 1} of ${plan.agents.length}: agent/${name}`)
      await registry.deleteAgent(namespace, name)
      done.push({ namespace, name, generation, result: 'removed', revision: 0 })
    }
  } catch (error) {
    await takeBack(plan, done, registry, error)
    throw error
  }
  return done
}

/** Everything as it was before, last first. Throws where something could not be: with what is left, and why it came to this. */
export async function takeBack(
  plan: Plan,
  done: readonly Done[],
  registry: Registry,
  cause: unknown,
): Promise<void> {
  const left: string[] = []
  for (const { namespace, name, result } of [...done].reverse()) {
    const planned = plan.agents.find(each => each.namespace === namespace && each.name === name)
    if (!planned || result === 'unchanged') continue
    try {
      if (planned.action === 'create') await registry.deleteAgent(namespace, name)
      else if (result === 'removed' && planned.before)
        await registry.apply(manifestOf(planned.before))
      else await registry.rollBack(namespace, name, planned.generation)
    } catch (error) {
      left.push(`agent/${name} in namespace ${namespace}: ${messageOf(error)}`)
    }
  }
  if (left.length === 0) return
  throw new MeshError(
    'MESH_ROLLBACK_FAILED',
    `${messageOf(cause)}; and not all could be taken back`,
    'see meshctl rollout history of each, and meshctl rollout undo',
    { cause, details: { lines: left } },
  )
}
