/** A checked manifest of kind Gateway as the mesh works with it: which agents and tools it shows, and how it calls them. */
import type { Exposure, Gateway } from '../model/gateway.ts'
import type {
  CallPolicySpec,
  Exposure as ExposureManifest,
  GatewayManifest,
} from '../model/generated/manifest.ts'
import type { Manifest } from '../model/manifest.ts'
import { parseTags } from './parse-tags.ts'
import { policiesUnder } from './policies-under.ts'

/** What its calls behave by. Who asks a gateway is a person or a model: they wait longer than an agent does. */
export function policyOf({ kind, spec }: Manifest): string | CallPolicySpec | undefined {
  return spec.policy ?? (kind === 'Gateway' ? 'patient' : undefined)
}

/** The manifest has to be without faults. */
export function lowerGateway(manifest: GatewayManifest): Gateway {
  const { metadata, spec } = manifest
  const own = metadata.namespace ?? 'default'
  return {
    exposures: (spec.expose ?? [{}]).map(exposure => lowerExposure(exposure, own)),
    prefix: spec.prefix ?? 'collisions',
    search: lowerSearch(spec.search),
    policy: policiesUnder(policyOf(manifest))({ capability: '*' }), // no call says more of itself
  }
}

function lowerSearch(search: GatewayManifest['spec']['search'] = false): Gateway['search'] {
  if (search === false) return undefined
  const { tool = 'search_tools', limit = 8 } = search === true ? {} : search
  return { tool, limit }
}

function lowerExposure(exposure: ExposureManifest, own: string): Exposure {
  const { namespaces = [own], agents, capabilities, tags, prefix, pinned, auth } = exposure
  return {
    namespaces: namespaces.includes('*') ? undefined : namespaces,
    ...{ agents, capabilities, prefix, isPinned: pinned ?? false },
    tags: tags && parseTags(tags),
    bearer: auth?.bearer,
  }
}
