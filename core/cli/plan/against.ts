/** What `--against` names: a registry that runs, or a folder of manifests; its agents fill dependencies of those that are checked. */
import type { SetMember } from '../../manifest/check-set.ts'
import type { LoadedManifest } from '../../manifest/load.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import type { Others } from '../../lint/check-mesh.ts'
import { MeshError } from '../../model/error.ts'
import type { Context } from '../command.ts'
import { load } from '../manifests/faults.ts'

/** Throws MESH_MANIFEST_INVALID for a folder with errors, MESH_REGISTRY_UNREACHABLE. */
export async function othersOf(against: string, context: Context): Promise<Others> {
  if (against === 'registry' || /^https?:\/\//.test(against)) {
    const registry = await registryOf(against, context)
    try {
      const { items } = await registry.agents()
      return { members: await membersOf(items), origin: 'in the registry' }
    } finally {
      if (against !== 'registry') await registry.close()
    }
  }
  const { manifests, diagnostics } = await load([against], context, { checksHandlers: false })
  const error = diagnostics.find(({ severity }) => severity === 'error')
  if (error) {
    const found = `"${against}" has errors itself: ${error.file}:${error.line}:${error.column}: ${error.message}`
    throw new MeshError('MESH_MANIFEST_INVALID', found, `see meshctl validate ${against}`)
  }
  return { members: manifests satisfies LoadedManifest[], origin: `in ${against}` }
}

async function registryOf(against: string, context: Context) {
  if (against === 'registry') return context.registry()
  const { createRegistryClient } = await import('../../client/registry-client.ts')
  return createRegistryClient({
    urls: [against.replace(/\/+$/, '')],
    token: context.env.MESH_TOKEN,
  })
}

/** The agents of a registry as members of a set. One that this version does not read offers nothing. */
export async function membersOf(
  items: readonly (AgentResource | Manifest)[],
): Promise<SetMember[]> {
  const { checkManifest } = await import('../../manifest/check-manifest.ts')
  const { agentLevels } = await import('../../manifest/effective-policy.ts')
  const { shippedPolicies } = await import('../../manifest/policies.ts')
  return items.flatMap(item => {
    const manifest = manifestOf(item)
    const checked = checkManifest(manifest)
    if (checked.faults) return []
    const policies = agentLevels(manifest.spec.policy, shippedPolicies())
    return [{ agent: checked.agent, manifest, policies }]
  })
}

/** What was applied or announced, without the fields of the registry. */
export function manifestOf({
  apiVersion,
  kind,
  metadata,
  spec,
}: AgentResource | Manifest): Manifest {
  const { name, namespace = 'default', labels } = metadata
  return { apiVersion, kind, metadata: { name, namespace, ...(labels ? { labels } : {}) }, spec }
}
