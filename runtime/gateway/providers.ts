/**
 * The agents of the mesh as a gateway sees them, followed by the registry's watch: every agent once, then each that changes,
 * so that the cost is that of what changed. Level-based, and kept while the registry is away or has just started: then
 * nobody is forgotten who was not told of.
 */
import { isDialable } from '../../core/model/dialable.ts'
import type { RegistryClient } from '../../core/client/registry-client.ts'
import { keyOf } from '../../core/model/consumer.ts'
import type { AgentSpec, Prompt, Resource } from '../../core/model/generated/manifest.ts'
import { toolsIn } from '../../core/model/manifest.ts'
import type { AgentResource, AgentWatchEvent } from '../../core/model/registry-api.ts'
import { sleep } from '../../core/model/sleep.ts'
import { backoffMs } from '../../core/reconcile/backoff.ts'
import type { Log } from '../telemetry/log.ts'

/** An agent that may be called. */
export interface Provider {
  /** `namespace/name`. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  /** Tools of a wrapped server are the server's: the manifest lists only some of them. */
  readonly isWrapped: boolean
  /** Of what its manifest says, so that equal ones need not be looked at again. */
  readonly generation: number
  /** What the manifest says of tools, by name. */
  readonly tools: ReadonlyMap<string, ProviderTool>
  /** URIs and templates of resources, and names of prompts, of which a required dependency is not filled. */
  readonly broken: Readonly<Record<'resources' | 'prompts', ReadonlySet<string>>>
  /** Those that take calls, in the order of their ids. */
  readonly instances: readonly { id: string; endpoint: string }[]
}

export interface ProviderTool {
  capability: string
  version: string
  tags: readonly string[]
  /** readOnlyHint or idempotentHint. */
  isRepeatable: boolean
  /** Why it would fail: a required dependency of it that nothing fills; undefined while all are filled. */
  broken: string | undefined
}

export interface Providers {
  /** By key, those with an instance that takes calls. */
  readonly known: ReadonlyMap<string, Provider>
  /** Resolves when all were told of once, or nobody could be asked. */
  readonly first: Promise<void>
  close(): Promise<void>
}

export interface ProvidersOptions {
  client: RegistryClient
  /** Only those of this namespace; undefined for all. */
  namespace: string | undefined
  log: Log
  /** Some are others now, by key; several changes of one moment are one. */
  onChange: (changed: ReadonlySet<string>) => void
}

const backoff = (failures: number) => backoffMs(failures, { initialMs: 100, maxMs: 2_000 })

export function followProviders(options: ProvidersOptions): Providers {
  const { client, namespace, log, onChange } = options
  const end = new AbortController()
  const known = new Map<string, Provider>()
  let settleFirst = () => {}
  const first = new Promise<void>(resolve => (settleFirst = resolve))
  let changed = new Set<string>()
  /** Told of since the stream was opened. */
  let told = new Set<string>()
  /** The registry may not know everybody yet. */
  let isSettling = true

  function tell(key: string): void {
    if (changed.size === 0) setImmediate(flush)
    changed.add(key)
  }

  function flush(): void {
    const all = changed
    changed = new Set()
    if (all.size > 0 && !end.signal.aborted) onChange(all)
  }

  function take(event: AgentWatchEvent): void {
    if (event.type === 'complete') {
      isSettling = event.settling
      if (!isSettling) for (const key of known.keys()) if (!told.has(key)) forget(key)
      flush()
      return settleFirst()
    }
    if (event.type === 'gone') return forget(`${event.namespace}/${event.name}`)
    const provider = providerOf(event.agent)
    if (!provider) return
    const { key } = provider
    if (isSettling && known.has(key) && provider.instances.length === 0) return
    told.add(key)
    if (provider.instances.length === 0) return forget(key)
    known.set(key, provider)
    tell(key)
  }

  function forget(key: string): void {
    if (known.delete(key)) tell(key)
  }

  async function run(): Promise<void> {
    for (let failures = 0; !end.signal.aborted;) {
      told = new Set()
      isSettling = true
      let isOpen = false
      await client.watchAgents({
        ...(namespace !== undefined && { namespace }),
        signal: end.signal,
        onEvent(event) {
          if (!isOpen && failures > 0) log.info('registry is back', { registry: client.url })
          isOpen = true
          failures = 0
          take(event)
        },
      })
      settleFirst()
      if (end.signal.aborted) return
      if (failures++ === 0)
        log.warn('lost the registry; going on with what is known', { registry: client.url })
      await sleep(failures === 1 ? Math.random() * 20 : backoff(failures - 1), end.signal).catch(
        () => undefined, // closed: the loop sees it
      )
      if (failures > 1) await client.isReachable(1_000) // moves the client on to a registry that answers
    }
  }

  const running = run()
  return {
    known,
    first,
    async close() {
      end.abort()
      await running
    },
  }
}

/** Undefined for what is no agent: a gateway shows agents, not what other gateways show. */
function providerOf({ kind, metadata, spec, status }: AgentResource): Provider | undefined {
  if (kind !== 'Agent') return undefined
  const { namespace, name, generation } = metadata
  const instances = status.instances
    .filter(({ state, endpoint }) => state === 'ready' && isDialable(endpoint))
    .map(({ id, endpoint }) => ({ id, endpoint }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const broken = new Map<string, string>()
  for (const { tool, dependency, required, endpoints, reason } of status.resolutions) {
    if (!required || endpoints.length > 0) continue
    broken.set(
      tool,
      `its dependency "${dependency}" is not filled: ${reason ?? 'nobody offers it'}`,
    )
  }
  const tools = toolsIn({ spec }).map((tool): [string, ProviderTool] => {
    const { readOnlyHint, idempotentHint } = tool.annotations ?? {}
    return [
      tool.name,
      {
        capability: tool.capability ?? tool.name,
        version: tool.version ?? spec.version,
        tags: tool.tags ?? [],
        isRepeatable: readOnlyHint === true || idempotentHint === true,
        broken: broken.get(tool.name),
      },
    ]
  })
  return {
    ...{ key: `${namespace}/${name}`, namespace, name, version: spec.version, generation },
    isWrapped: 'server' in spec && spec.server !== undefined,
    ...{ tools: new Map(tools), broken: brokenOffers(spec, broken), instances },
  }
}

/** `keys` are those of consumers of which a required dependency is not filled. */
function brokenOffers(
  { resources = [], prompts = [] }: Partial<AgentSpec>,
  keys: ReadonlyMap<string, string>,
): Provider['broken'] {
  const isBroken = (kind: 'resource' | 'prompt', { name, dependencies }: Resource | Prompt) =>
    dependencies !== undefined && keys.has(keyOf(kind, name))
  const places = resources.filter(one => isBroken('resource', one))
  return {
    resources: new Set(places.map(({ uri, uriTemplate }) => uri ?? uriTemplate ?? '')),
    prompts: new Set(prompts.filter(one => isBroken('prompt', one)).map(({ name }) => name)),
  }
}
