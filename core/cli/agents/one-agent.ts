/** An agent by its name, as commands are given it. */
import { hasCode, MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import type { Context } from '../command.ts'
import { matchName } from '../line/name-match.ts'
import { missing } from '../line/nearest.ts'

/** An agent of the namespace by its name; an unknown one is MESH_RESOURCE_MISSING with the name that was perhaps meant. */
export async function oneAgent(
  name: string,
  { registry, namespace }: Context,
): Promise<AgentResource> {
  const client = await registry()
  try {
    return await client.agent(namespace, name)
  } catch (error) {
    if (!hasCode(error, 'MESH_RESOURCE_MISSING')) throw error
    const { items } = await client.agents()
    const elsewhere = items.find(({ metadata }) => metadata.name === name)
    const found = `no agent "${name}" in namespace "${namespace}"`
    if (elsewhere) {
      const { namespace } = elsewhere.metadata
      throw new MeshError(
        'MESH_RESOURCE_MISSING',
        found,
        `it is in "${namespace}": add -n ${namespace}`,
      )
    }
    const here = items.filter(({ metadata }) => metadata.namespace === namespace)
    const known = here.map(({ metadata }) => metadata.name)
    throw missing({ found, name, known, see: 'meshctl list' })
  }
}

/** The agent of that name, or the one whose name alone begins so. Throws as `oneAgent` does. */
export async function agentNamed(name: string, context: Context): Promise<AgentResource> {
  const { namespace, registry, io } = context
  const client = await registry()
  const exact = await client.agent(namespace, name).catch((error: unknown) => {
    if (hasCode(error, 'MESH_RESOURCE_MISSING')) return undefined
    throw error
  })
  if (exact) return exact
  const { items } = await client.agents({ namespace })
  return oneAgent(
    matchName(
      name,
      items.map(({ metadata }) => metadata.name),
      io,
    ),
    context,
  )
}
