/**
 * The registry's HTTP API as functions, for meshctl and the runtime. Given several URLs it stays with the one that
 * answers and moves to the next when a connection fails; a failure of all of them is MESH_REGISTRY_UNREACHABLE.
 * A problem body becomes a MeshError with its code and mend.
 */
import type {
  AgentList,
  AgentResource,
  Announcement,
  AnnouncementReceipt,
  ApplyReceipt,
  ResolveAnswer,
} from '../model/registry-api.ts'
import type { AgentManifest } from '../model/generated/manifest.ts'

export interface RegistryClientOptions {
  /** Base URLs, the preferred one first. */
  urls: readonly string[]
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined
  /** Bound on each request, in milliseconds; default 5,000. */
  timeoutMs?: number
}

export interface RegistryClient {
  /** The base URL in use. */
  readonly url: string
  announce(announcement: Announcement, signal?: AbortSignal): Promise<AnnouncementReceipt>
  /** Resolves when renewed; throws MESH_LEASE_EXPIRED when it has to announce again. */
  renewLease(id: string, signal?: AbortSignal): Promise<void>
  /** Marks it draining; consumers are told at once. Its lease stays until `leave`. */
  drain(id: string): Promise<void>
  /** The instance is gone. Unknown ids are no error. */
  leave(id: string): Promise<void>
  apply(
    manifest: AgentManifest,
    options?: { dryRun?: boolean; ifMatch?: number },
  ): Promise<ApplyReceipt>
  agents(options?: { namespace?: string }): Promise<AgentList>
  /** Throws MESH_RESOURCE_MISSING. */
  agent(namespace: string, name: string): Promise<AgentResource>
  deleteAgent(namespace: string, name: string): Promise<void>
  resolve(query: {
    capability: string
    version?: string
    tags?: readonly string[]
    namespace?: string
  }): Promise<ResolveAnswer>
  /** True when the registry answers /healthz within `timeoutMs`. */
  isReachable(timeoutMs?: number): Promise<boolean>
  close(): Promise<void>
}
