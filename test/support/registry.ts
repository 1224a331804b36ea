/**
 * A registry in this process for tests, on port 0 with short times, and agents that are nothing but their side of the wire:
 * they announce themselves, watch and remember what they were told.
 */
import { randomBytes } from 'node:crypto'
import pino from 'pino'
import type { Test } from 'tap'
import { createRegistryClient } from '../../core/client/registry-client.ts'
import { watchInstance } from '../../core/client/watch.ts'
import { digestOf } from '../../core/manifest/digest.ts'
import type { AgentManifest } from '../../core/model/generated/manifest.ts'
import type {
  Announcement,
  AnnouncementReceipt,
  Resolution,
  WatchEvent,
} from '../../core/model/registry-api.ts'
import { startRegistry, type RegistryOptions } from '../../core/registry/server.ts'
import { until } from './mesh.ts'

type Tool = NonNullable<AgentManifest['spec']['tools']>[number]
export type ToolText = Partial<Tool> & { needs?: Tool['dependencies'] }

/** A manifest; a tool is its name, or its name and what is special of it. */
export function manifestOf(
  name: string,
  tools: Record<string, ToolText> = { [name]: {} },
  { namespace, version = '1.0.0' }: { namespace?: string; version?: string } = {},
): AgentManifest {
  return {
    apiVersion: 'mcp-mesh.dev/v1',
    kind: 'Agent',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      version,
      tools: Object.entries(tools).map(([tool, { needs, ...rest }]) => ({
        name: tool,
        handler: './handler.ts',
        ...rest,
        ...(needs ? { dependencies: needs } : {}),
      })),
    },
  }
}

export interface FakeAgent {
  id: string
  manifest: AgentManifest
  events: WatchEvent[]
  receipt: AnnouncementReceipt
  /** Resolutions as the agent knows them, from the snapshot and every delta. */
  resolutions: Record<string, Resolution>
  /** Ids of the instances that fill `tool/dependency`. */
  endpoints(key: string): string[]
  /** Bare: with the digest only. */
  announce(
    changes?: Partial<Announcement>,
    options?: { isBare: boolean },
  ): Promise<AnnouncementReceipt>
  /** Resolves with the first event, or when the watch is refused. */
  watch(): Promise<void>
  /** Cuts the watch as the end of a process does. */
  kill(): void
  /** How the last watch ended. */
  ended: Promise<'closed' | 'unknown'>
}

export type TestRegistry = Awaited<ReturnType<typeof openRegistry>>

export async function openRegistry(t: Test, options: Partial<RegistryOptions> = {}) {
  const { times, ...rest } = options
  const lines: string[] = []
  const registry = await startRegistry({
    host: '127.0.0.1',
    port: 0,
    store: { kind: 'memory' },
    token: undefined,
    advertise: [],
    log: pino({ level: 'info', base: {} }, { write: (line: string) => void lines.push(line) }),
    times: { settleMs: 0, ...times },
    ...rest,
  })
  const client = createRegistryClient({ urls: [registry.url], token: rest.token })
  const aborts = new Set<AbortController>()
  t.teardown(async () => {
    for (const abort of aborts) abort.abort()
    await client.close()
    await registry.close()
  })

  /** Announces an instance of the manifest, and watches unless told not to. */
  async function join(
    manifest: AgentManifest,
    { isWatching = true, ...changes }: Partial<Announcement> & { isWatching?: boolean } = {},
  ): Promise<FakeAgent> {
    const name = manifest.metadata.name
    const id = changes.id ?? `${name}-${randomBytes(4).toString('hex')}`
    let abort = new AbortController()
    const agent: FakeAgent = {
      id,
      manifest,
      events: [],
      receipt: undefined as unknown as AnnouncementReceipt,
      resolutions: {},
      ended: Promise.resolve('closed'),
      endpoints: key => agent.resolutions[key]?.endpoints.map(endpoint => endpoint.instance) ?? [],
      announce: async (more = {}, { isBare } = { isBare: false }) =>
        (agent.receipt = await client.announce({
          id,
          namespace: manifest.metadata.namespace ?? 'default',
          agent: name,
          digest: digestOf(agent.manifest),
          ...(isBare ? {} : { manifest: agent.manifest }),
          endpoint: `http://127.0.0.1:9/${id}`,
          pid: 1,
          host: 'test',
          rejoin: false,
          observedGeneration: 0,
          ...changes,
          ...more,
        })),
      async watch() {
        abort = new AbortController()
        aborts.add(abort)
        const count = agent.events.length
        const onEvent = (event: WatchEvent) => {
          agent.events.push(event)
          if (event.type === 'snapshot') agent.resolutions = { ...event.resolutions }
          if (event.type === 'resolutions') Object.assign(agent.resolutions, event.resolutions)
        }
        const watched = { url: registry.url, token: rest.token, id, signal: abort.signal }
        agent.ended = watchInstance({ ...watched, onEvent })
        let isOver = false
        void agent.ended.finally(() => (isOver = true))
        await until(() => isOver || agent.events.length > count, { what: `a snapshot for ${id}` })
      },
      kill: () => abort.abort(),
    }
    await agent.announce()
    if (isWatching) await agent.watch()
    return agent
  }
  const state = async (id: string) =>
    (await client.agents()).items.flatMap(a => a.status.instances).find(i => i.id === id)?.state
  return { ...registry, client, join, state, lines }
}
