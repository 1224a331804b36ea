/**
 * The public names of `mcp-mesh`: what programs need that check manifests or speak to a registry. Agents are served by
 * `mcp-mesh/runtime`.
 */
export { createRegistryClient } from './client/registry-client.ts'
export type { RegistryClient, RegistryClientOptions } from './client/registry-client.ts'
export { renderDiagnostic } from './manifest/diagnostic.ts'
export type { Diagnostic } from './manifest/diagnostic.ts'
export { findManifests } from './manifest/find-manifests.ts'
export { loadManifests } from './manifest/load.ts'
export type { LoadedManifest, LoadResult } from './manifest/load.ts'
export type { Agent, AgentTool, Dependency } from './model/agent.ts'
export { MeshError } from './model/error.ts'
export type {
  AgentManifest,
  CallPolicyManifest,
  GatewayManifest,
} from './model/generated/manifest.ts'
export type * from './model/registry-api.ts'
