/** What goes over the wire for those who look back and around: the history of an agent, the audit trail, the graph. Shapes only. */
import type { Manifest } from './manifest.ts'
import type { AgentPhase, Endpoint, InstanceState } from './registry-api.ts'

/** One generation of an agent as it was wanted. */
export interface AgentRevision {
  generation: number
  revision: number
  digest: string
  origin: 'announced' | 'applied' | 'rollback'
  /** Of a rollback: the generation that it took up again. */
  from?: number
  /** ISO 8601: when it became what is wanted. */
  at: string
  manifest: Manifest
}

/** Answer of GET …/agents/{name}/revisions, oldest first. */
export interface AgentRevisionList {
  items: AgentRevision[]
}

/** A tool that fills a dependency, and the instance that leads. */
export interface Provider {
  agent: string
  tool: string
  version: string
  instance: string
}

/** One entry of the audit trail. `Rewired`: a resolution has changed its mind. */
export interface AuditEvent {
  revision: number
  /** ISO 8601. */
  at: string
  type:
    | 'Joined'
    | 'Draining'
    | 'Left'
    | 'Suspect'
    | 'Recovered'
    | 'Unhealthy'
    | 'Healthy'
    | 'Gone'
    | 'Applied'
    | 'RolledBack'
    | 'Deleted'
    | 'Rewired'
  namespace: string
  agent: string
  instance?: string
  /** For people. */
  message: string
  /** Of `Rewired`; `tool` has the dependency, as in a resolution; `from` and `to` are absent where nothing filled it. */
  rewiring?: { tool: string; dependency: string; from?: Provider; to?: Provider; reason: string }
}

/** Answer of GET /v1/events, oldest first. */
export interface AuditList {
  items: AuditEvent[]
  /** Sent as `?after=`, it gives what came since. */
  next: string
  /** True when events behind `after` are not kept any more, or cannot be known as it is of another registry process. */
  missed: boolean
}

/**
 * Events of GET /v1/events?watch=true. `missed`: some up to this revision are not kept any more, or cannot be known as
 * the id that was sent is of another registry process. Ids of the stream serve as `after`.
 */
export type AuditWatchEvent =
  { type: 'event'; event: AuditEvent } | { type: 'missed'; revision: number }

/**
 * Answer of GET /v1/graph: the mesh as it is resolved now. Ids are `namespace/agent` and `namespace/agent/tool`,
 * with `resource:<name>` or `prompt:<name>` in the place of a tool for what else has dependencies.
 */
export interface Graph {
  revision: number
  nodes: GraphNode[]
  edges: GraphEdge[]
}

export type GraphNode =
  | {
      kind: 'agent'
      id: string
      namespace: string
      agent: string
      phase: AgentPhase
      instances: { id: string; endpoint: string; state: InstanceState }[]
    }
  | {
      kind: 'tool'
      id: string
      namespace: string
      agent: string
      tool: string
      capability: string
      version: string
      tags: string[]
      /** Why its calls would fail: a required dependency of it is unresolved. */
      broken?: string
    }
  /** One that has dependencies. */
  | {
      kind: 'resource' | 'prompt'
      id: string
      namespace: string
      agent: string
      name: string
      /** Why it cannot be had: a required dependency of it is unresolved. */
      broken?: string
    }

/** A dependency of a node (`from`), and the tool that leads among those that fill it. */
export interface GraphEdge {
  from: string
  dependency: string
  capability: string
  required: boolean
  state: 'resolved' | 'unresolved'
  /** Absent where nothing fills it. */
  to?: string
  endpoints: Endpoint[]
  /** Why nothing fills it. */
  reason?: string
}

/** Answer of GET /healthz and GET /readyz, where it is a good one. */
export interface Health {
  status: 'ok'
}
