/** The manifests that the registry keeps and processes run: an agent's, or a gateway's, which is an agent with tools of others. */
import type { AgentManifest, GatewayManifest, Tool } from './generated/manifest.ts'

/** Told apart by `kind`. */
export type Manifest = AgentManifest | GatewayManifest

/** The tools that the manifest itself offers; those of a gateway are the mesh's. */
export function toolsIn({ spec }: Pick<Manifest, 'spec'>): readonly Tool[] {
  return 'tools' in spec ? (spec.tools ?? []) : []
}
