/**
 * The registry's HTTP API as functions, for meshctl and the runtime. Given several URLs it stays with the one that
 * answers and moves to the next when a connection fails; a failure of all of them is MESH_REGISTRY_UNREACHABLE.
 * A problem body becomes a MeshError with its code and mend.
 */
import { MeshError, hasCode } from '../model/error.ts'
import type {
  AgentRevisionList,
  AuditList,
  AuditWatchEvent,
  Graph,
} from '../model/operations-api.ts'
import type {
  AgentList,
  AgentResource,
  AgentWatchEvent,
  Announcement,
  AnnouncementReceipt,
  ApplyReceipt,
  ResolveAnswer,
} from '../model/registry-api.ts'
import type { Manifest } from '../model/manifest.ts'
import { followEvents } from './follow-events.ts'
import { createTransport, type Sending } from './transport.ts'

export interface RegistryClientOptions {
  /** Base URLs, the preferred one first. */
  urls: readonly string[]
  /** Sent as `Authorization: Bearer`. */
  token?: string | undefined
  /** Bound on each request, in milliseconds; default 5,000. */
  timeoutMs?: number
}

export interface AgentQuery {
  /** By default all. */
  namespace?: string
  /** Labels, as `kubectl -l` takes them. */
  selector?: string
}

export interface EventQuery {
  namespace?: string
  /** Name of an agent. */
  agent?: string
  /** `next` of a list, an id of the stream, or `0`: from the first that is kept. */
  after?: string
  limit?: number
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
  apply(manifest: Manifest, options?: { dryRun?: boolean; ifMatch?: number }): Promise<ApplyReceipt>
  /** All of them; it follows the pages by itself. */
  agents(options?: AgentQuery): Promise<AgentList>
  /** Tells of every agent that matches, or of the one named, and then of changes, for one connection's life. */
  watchAgents(
    options: (AgentQuery | { namespace: string; name: string }) & {
      signal: AbortSignal
      onEvent(this: void, event: AgentWatchEvent): void
    },
  ): Promise<void>
  /** Throws MESH_RESOURCE_MISSING. */
  agent(namespace: string, name: string): Promise<AgentResource>
  deleteAgent(namespace: string, name: string): Promise<void>
  /** What happened: the newest, or what came behind `after`. */
  events(query?: EventQuery): Promise<AuditList>
  /** What happens from now on, or behind `after`, for one connection's life. */
  watchEvents(
    query: EventQuery & {
      signal: AbortSignal
      /** `id` serves as `after` of the next watch. */
      onEvent(this: void, event: AuditWatchEvent, id: string): void
    },
  ): Promise<void>
  /** The generations that are kept, oldest first. Throws MESH_RESOURCE_MISSING. */
  revisions(namespace: string, name: string): Promise<AgentRevisionList>
  /** Takes up a generation again, by default the one before. Throws MESH_REVISION_MISSING. */
  rollBack(namespace: string, name: string, generation?: number): Promise<ApplyReceipt>
  resolve(query: {
    capability: string
    version?: string
    tags?: readonly string[]
    namespace?: string
    /** `agent/tool/dependency/0`: schemas are held to what that alternative of it expects. */
    expectedBy?: string
  }): Promise<ResolveAnswer>
  /** The mesh as it is resolved now, of a namespace or of all. */
  graph(namespace?: string): Promise<Graph>
  /** True when the registry answers /healthz within `timeoutMs`. */
  isReachable(timeoutMs?: number): Promise<boolean>
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 5_000
/** Agents of a page. */
const PAGE = '500'

/** A client that keeps its connections alive until `close()`. Throws MESH_USAGE_INVALID for a URL that is none. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { urls, token, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const transport = createTransport({ urls, token, timeoutMs })
  const send = <T = void>(sending: Sending) => transport.send<T>(sending)

  return {
    get url() {
      return transport.url
    },
    announce: (announcement, signal) =>
      send<AnnouncementReceipt>({
        method: 'POST',
        path: '/v1/instances',
        body: announcement,
        signal,
      }),
    renewLease: (id, signal) =>
      send({ method: 'PUT', path: `/v1/instances/${encodeURIComponent(id)}/lease`, signal }),
    drain: id => send({ method: 'POST', path: `/v1/instances/${encodeURIComponent(id)}/drain` }),
    async leave(id) {
      try {
        await send({ method: 'DELETE', path: `/v1/instances/${encodeURIComponent(id)}` })
      } catch (error) {
        if (!hasCode(error, 'MESH_LEASE_EXPIRED')) throw error
      }
    },
    apply(manifest, { dryRun = false, ifMatch } = {}) {
      const { name, namespace = 'default' } = manifest.metadata
      return send<ApplyReceipt>({
        method: 'PUT',
        path: `${agentPath(namespace, name)}${dryRun ? '?dryRun=true' : ''}`,
        headers: ifMatch === undefined ? {} : { 'if-match': String(ifMatch) },
        body: manifest,
      })
    },
    async agents(query = {}) {
      const all: AgentList = { items: [], revision: 0 }
      for (let next: string | undefined = ''; next !== undefined;) {
        const paging: Record<string, string> = { limit: PAGE, ...(next ? { continue: next } : {}) }
        const path = agentsPath(query, paging)
        const page: AgentList = await send<AgentList>({ method: 'GET', path })
        all.items.push(...page.items)
        all.revision = page.revision
        next = page.continue
      }
      return all
    },
    async watchAgents({ signal, onEvent, ...query }) {
      await followEvents({
        ...{ url: transport.url, token, signal },
        path:
          'name' in query
            ? `${agentPath(query.namespace, query.name)}?watch=true`
            : agentsPath(query, { watch: 'true' }),
        onEvent: event => onEvent(event as AgentWatchEvent),
      })
    },
    agent: (namespace, name) =>
      send<AgentResource>({ method: 'GET', path: agentPath(namespace, name) }),
    deleteAgent: (namespace, name) => send({ method: 'DELETE', path: agentPath(namespace, name) }),
    events: (query = {}) => send<AuditList>({ method: 'GET', path: eventsPath(query) }),
    async watchEvents({ signal, onEvent, ...query }) {
      await followEvents({
        ...{ url: transport.url, token, signal },
        path: eventsPath(query, { watch: 'true' }),
        onEvent: (event, id) => onEvent(event as AuditWatchEvent, id),
      })
    },
    revisions: (namespace, name) =>
      send<AgentRevisionList>({ method: 'GET', path: `${agentPath(namespace, name)}/revisions` }),
    rollBack: (namespace, name, generation) =>
      send<ApplyReceipt>({
        method: 'POST',
        path: `${agentPath(namespace, name)}/rollback`,
        body: generation === undefined ? {} : { generation },
      }),
    resolve({ capability, version, tags, namespace, expectedBy }) {
      const query = new URLSearchParams({ capability })
      if (version !== undefined) query.set('version', version)
      if (tags !== undefined && tags.length > 0) query.set('tags', tags.join(','))
      if (namespace !== undefined) query.set('namespace', namespace)
      if (expectedBy !== undefined) query.set('expectedBy', expectedBy)
      return send<ResolveAnswer>({ method: 'GET', path: `/v1/resolve?${query.toString()}` })
    },
    graph(namespace) {
      const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`
      return send<Graph>({ method: 'GET', path: `/v1/graph${query}` })
    },
    async isReachable(reachableMs = timeoutMs) {
      try {
        await send({ method: 'GET', path: '/healthz', timeoutMs: reachableMs })
        return true
      } catch (error) {
        if (error instanceof MeshError) return false
        throw error
      }
    },
    close: () => transport.close(),
  }
}

function agentsPath({ namespace, selector }: AgentQuery, more: Record<string, string>): string {
  const query = new URLSearchParams(more)
  if (selector !== undefined) query.set('labelSelector', selector)
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return `/v1${place}/agents?${query.toString()}`
}

function eventsPath(given: EventQuery, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(more)
  for (const [name, value] of Object.entries(given)) query.set(name, String(value))
  return `/v1/events?${query.toString()}`
}

function agentPath(namespace: string, name: string): string {
  return `/v1/namespaces/${encodeURIComponent(namespace)}/agents/${encodeURIComponent(name)}`
}
