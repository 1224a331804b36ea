/** Waits until the live instances of agents follow a generation; one that cannot is an error, not a wait. */
import type { RegistryClient } from '../client/registry-client.ts'
import { MeshError } from '../model/error.ts'
import { sleep } from '../model/sleep.ts'

const LOOK_EVERY_MS = 100

export interface Applied {
  readonly namespace: string
  readonly name: string
  readonly generation: number
}

/** Throws MESH_AGENT_DRIFTED, MESH_WAIT_ELAPSED. An agent without a live instance has nobody to wait for. */
export async function waitUntilObserved(
  registry: RegistryClient,
  agents: readonly Applied[],
  timeoutMs: number,
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  for (const { namespace, name, generation } of agents) {
    for (;;) {
      const { status } = await registry.agent(namespace, name)
      const behind = status.instances.filter(i => i.observedGeneration < generation)
      if (behind.length === 0) break
      const drift = status.conditions.find(
        ({ type, status, observedGeneration }) =>
          type === 'Drifted' && status === 'True' && observedGeneration >= generation,
      )
      if (drift) {
        throw new MeshError(
          'MESH_AGENT_DRIFTED',
          `agent "${name}" cannot follow generation ${generation}: ${drift.message}`,
        )
      }
      if (signal.aborted) {
        throw new MeshError(
          'MESH_WAIT_ELAPSED',
          `${behind.map(({ id }) => id).join(', ')} did not follow generation ${generation} within ${timeoutMs / 1_000} s`,
        )
      }
      await sleep(LOOK_EVERY_MS)
    }
  }
}
