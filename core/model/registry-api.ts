/**
 * What goes over the wire between the registry and those who speak to it: agents (announce, watch, lease) and meshctl.
 * Shapes only. Times are milliseconds, `revision` is the registry's monotonic change number.
 */
import type { Manifest } from './manifest.ts'
import type { Condition } from './condition.ts'
import type { ParamHeader } from './param-headers.ts'

/**
 * State of one instance: `unhealthy` says so itself, `suspect` has lost its watch stream, `draining` finishes what runs;
 * only `ready` is picked.
 */
export type InstanceState = 'ready' | 'unhealthy' | 'suspect' | 'draining'

/** Body of POST /v1/instances. Sending it again with the same id replaces it. */
export interface Announcement {
  /** Chosen by the process, unique for its life: `<agent>-<8 hex digits>`. */
  id: string
  namespace: string
  agent: string
  /** Digest of the manifest that the instance serves now (core/manifest/digest.ts). */
  digest: string
  /** Needed once a digest: without it an unknown digest is answered 428 MESH_MANIFEST_REQUIRED. */
  manifest?: Manifest
  /** Full URL of the MCP endpoint, `http://127.0.0.1:9090/mcp`. */
  endpoint: string
  pid: number
  host: string
  /** True when the instance comes back after losing its lease or its registry: it is taken, whatever it runs. */
  rejoin: boolean
  /** Generation of the desired manifest that the instance serves; 0 while it serves only what it started with. */
  observedGeneration: number
  /** Why the instance can't follow a generation of the desired manifest. */
  drift?: { generation: number; reason: string }
  /** Why the instance wants no calls, as its own health check says; absent while it is well. */
  unhealthy?: { reason: string }
}

/** Answer to an announcement, 201 for a new instance and 200 for a known one. */
export interface AnnouncementReceipt {
  id: string
  lease: { ttlMs: number }
  /** Desired generation of the agent. */
  generation: number
  revision: number
}

/** One reachable instance that fills a dependency, best first in a resolution. */
export interface Endpoint {
  instance: string
  agent: string
  namespace: string
  /** URL of the MCP endpoint. */
  url: string
  /** The provider's MCP tool name, which need not be the capability. */
  tool: string
  version: string
  tags: string[]
  score: number
  /** The provider says that a call may be repeated (readOnlyHint or idempotentHint). */
  isRepeatable: boolean
  /** The provider runs a call of one idempotency key once: it may be repeated at the same instance. */
  deduplicates: boolean
  /** The argument that carries the handle of a session, where one instance owns each; absent where none does. */
  session?: string
  /** Arguments that a call has to repeat in headers; absent where there are none. */
  paramHeaders?: ParamHeader[]
  /** What of its schemas could not be held against what the dependency expects; absent where nothing is open. */
  note?: string
}

/** For one dependency: the endpoints, all equally good or ranked, or why there are none. */
export interface Resolution {
  /** What has the dependency: a tool by its name, others as `resource:<name>` and `prompt:<name>`. */
  tool: string
  dependency: string
  required: boolean
  /** Index of the alternative that won; -1 when none resolves. */
  alternative: number
  capability: string
  endpoints: Endpoint[]
  /** Set when `endpoints` is empty: the reason, for people. */
  reason?: string
  /** Why, for programs: what came closest is not what mesh.lock says. Absent for every other reason. */
  code?: 'MESH_LOCK_DRIFTED'
}

/** A candidate that was left out of a resolution, and at which stage. */
export interface Exclusion {
  instance: string
  agent: string
  namespace: string
  url: string
  tool: string
  version: string
  tags: string[]
  stage: 'namespace' | 'state' | 'availability' | 'tags' | 'version' | 'schema' | 'lock'
  reason: string
  /** Of one left out at `lock`. */
  code?: 'MESH_LOCK_DRIFTED'
}

/** Key of a resolution within an instance: `tool/dependency`, `resource:<name>/dependency`, `prompt:<name>/dependency`. */
export type ResolutionKey = string

/**
 * Events of GET /v1/instances/{id}/watch. The first is `snapshot`, but where `Last-Event-ID` was sent and names an event of
 * this registry process: then only what came since is told. Ids are opaque. While `settling` is true the registry has just
 * started and does not know everybody yet: a consumer keeps what it has where a resolution is empty. `manifest` carries the
 * desired manifest when the instance serves another; `deleted` tells the instance to drain and leave.
 */
export type WatchEvent =
  | {
      type: 'snapshot'
      revision: number
      settling: boolean
      generation: number
      manifest?: Manifest
      resolutions: Record<ResolutionKey, Resolution>
    }
  | {
      type: 'resolutions'
      revision: number
      settling: boolean
      resolutions: Record<ResolutionKey, Resolution>
    }
  | { type: 'manifest'; revision: number; generation: number; manifest: Manifest }
  | { type: 'deleted'; revision: number }

export type AgentPhase = 'Ready' | 'Degraded' | 'Drifted' | 'Offline'

export interface InstanceStatus {
  id: string
  endpoint: string
  state: InstanceState
  observedGeneration: number
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  /** What its health check says while it is unhealthy. */
  reason?: string
}

export interface AgentStatus {
  phase: AgentPhase
  observedGeneration: number
  conditions: Condition[]
  instances: InstanceStatus[]
  resolutions: Resolution[]
}

/** An agent or a gateway as the registry shows it: the manifest, its generation, and what was observed. */
export interface AgentResource {
  apiVersion: 'mcp-mesh.dev/v1'
  kind: 'Agent' | 'Gateway'
  metadata: Manifest['metadata'] & {
    namespace: string
    generation: number
    revision: number
    origin: 'announced' | 'applied'
  }
  spec: Manifest['spec']
  status: AgentStatus
}

export interface AgentList {
  items: AgentResource[]
  revision: number
  /** Where there is more: sent as `?continue=`, it gives the next page. */
  continue?: string
}

/**
 * Events of GET /v1/agents?watch=true, and of one agent: every agent that matches, `complete`, then each that changes.
 * `gone`: it was deleted, or matches no longer. While `settling` is true the registry has just started and does not know
 * everybody yet: who is not told of may still be there, and another `complete` follows when it knows.
 */
export type AgentWatchEvent =
  | { type: 'agent'; revision: number; agent: AgentResource }
  | { type: 'gone'; revision: number; namespace: string; name: string }
  | { type: 'complete'; revision: number; settling: boolean }

/** Answer of PUT /v1/namespaces/{ns}/agents/{name}. */
export interface ApplyReceipt {
  result: 'created' | 'configured' | 'unchanged'
  generation: number
  revision: number
}

/** Answer of GET /v1/resolve. */
export interface ResolveAnswer {
  capability: string
  endpoints: Endpoint[]
  excluded: Exclusion[]
}

/** One fault of a manifest as a 422 carries it; meshctl finds the place in the user's file by `path`. */
export interface ManifestFault {
  code: string
  message: string
  mend: string
  path: (string | number)[]
}

/** RFC 9457 body of every failure. */
export interface Problem {
  type: string
  title: string
  status: number
  code: string
  detail: string
  mend: string
  /** Also in `X-Request-Id`, and in the registry's log where it is to blame. */
  requestId: string
  faults?: ManifestFault[]
}
