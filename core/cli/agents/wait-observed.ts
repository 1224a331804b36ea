/** Waits until the live instances of agents follow a generation; one that cannot is an error, not a wait. */
import type { RegistryClient } from '../../client/registry-client.ts'
import type { Condition } from '../../model/condition.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { followAgent } from './follow-agent.ts'

export interface Applied {
  readonly namespace: string
  readonly name: string
  readonly generation: number
}

/** How long to wait, and who is told what is waited for. */
export interface Patience {
  readonly timeoutMs: number
  readonly tell: (text: string) => void
}

/** Throws MESH_AGENT_DRIFTED, MESH_WAIT_ELAPSED. An agent without a live instance has nobody to wait for. */
export async function waitUntilObserved(
  registry: RegistryClient,
  agents: readonly Applied[],
  { timeoutMs, tell }: Patience,
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  for (const [i, { namespace, name, generation }] of agents.entries()) {
    tell(
      `${i} of ${agents.length} followed, waiting for agent/${name} to follow generation ${generation}`,
    )
    for (let agent = await registry.agent(namespace, name); !isObserved(agent, generation);) {
      const drift = driftOf(agent, generation)
      if (drift) {
        throw new MeshError(
          'MESH_AGENT_DRIFTED',
          `agent "${name}" cannot follow generation ${generation}: ${drift.message}`,
        )
      }
      if (signal.aborted) {
        throw new MeshError(
          'MESH_WAIT_ELAPSED',
          `${behind(agent, generation).join(', ')} did not follow generation ${generation} within ${timeoutMs / 1_000} s`,
        )
      }
      const end = await followAgent(registry, {
        ...{ namespace, name, signal },
        isEnough: now => !now || isObserved(now, generation) || !!driftOf(now, generation),
      })
      const seen = end === 'elapsed' ? undefined : end.agent
      agent = seen ?? (await registry.agent(namespace, name)) // where it is gone its error says so
    }
  }
}

function isObserved(agent: AgentResource, generation: number): boolean {
  return behind(agent, generation).length === 0
}

/** Ids of the instances that serve an earlier generation. */
function behind({ status }: AgentResource, generation: number): string[] {
  return status.instances.filter(i => i.observedGeneration < generation).map(({ id }) => id)
}

/** The condition that says why it cannot follow. */
function driftOf({ status }: AgentResource, generation: number): Condition | undefined {
  return status.conditions.find(
    ({ type, status, observedGeneration }) =>
      type === 'Drifted' && status === 'True' && observedGeneration >= generation,
  )
}

/** Throws MESH_WAIT_ELAPSED. An agent without a live instance has nobody who could become Ready. */
export async function waitUntilReady(
  registry: RegistryClient,
  agents: readonly Applied[],
  { timeoutMs, tell }: Patience,
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  for (const [i, { namespace, name }] of agents.entries()) {
    tell(`${i} of ${agents.length} Ready, waiting for agent/${name}`)
    const isEnough = (agent: AgentResource | undefined) =>
      !agent || agent.status.instances.length === 0 || agent.status.phase === 'Ready'
    const end = await followAgent(registry, { namespace, name, signal, isEnough })
    if (end !== 'elapsed') continue
    const { status } = await registry.agent(namespace, name)
    const why = status.conditions.find(({ type }) => type === 'Ready')?.message ?? ''
    throw new MeshError(
      'MESH_WAIT_ELAPSED',
      `agent "${name}" was not Ready within ${timeoutMs / 1_000} s but ${status.phase}: ${why}`,
    )
  }
}
