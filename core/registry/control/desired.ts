/** What is wanted: one entry an agent, with the manifest that was applied, or announced by its first instance. */
import type { Agent } from '../../model/agent.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { AgentStatus } from '../../model/registry-api.ts'
import type { ToolNode } from '../../resolver/graph.ts'
import type { Instance } from './mesh-index.ts'

export interface Desired {
  readonly manifest: Manifest
  readonly agent: Agent
  readonly digest: string
  readonly generation: number
  readonly revision: number
  readonly origin: 'announced' | 'applied'
  /** ISO 8601: when it became what is wanted; undefined where it was read from the store. */
  readonly at?: string
}

export interface AgentEntry {
  readonly key: string
  readonly namespace: string
  readonly name: string
  /** Undefined once it was deleted, until its last instance has left. */
  desired: Desired | undefined
  readonly instances: Set<Instance>
  status: Pick<AgentStatus, 'phase' | 'observedGeneration' | 'conditions'>
  /** The agent as the API shows it (resource.ts); undefined since it changed. */
  json: Buffer | undefined
}

/** All agents by key `namespace/name`, and the tools that their desired manifests offer by capability. */
export class DesiredState {
  readonly #entries = new Map<string, AgentEntry>()
  /** In the order of their keys; undefined when one came or went. */
  #sorted: AgentEntry[] | undefined
  readonly #tools = new Map<string, Set<ToolNode>>()

  get(key: string): AgentEntry | undefined {
    return this.#entries.get(key)
  }

  getOrAdd(namespace: string, name: string): AgentEntry {
    const key = agentKey(namespace, name)
    let entry = this.#entries.get(key)
    if (!entry) {
      const status = { phase: 'Offline' as const, observedGeneration: 0, conditions: [] }
      entry = {
        key,
        namespace,
        name,
        desired: undefined,
        instances: new Set(),
        status,
        json: undefined,
      }
      this.#entries.set(key, entry)
      this.#sorted = undefined
    }
    return entry
  }

  set(entry: AgentEntry, desired: Desired | undefined): void {
    for (const node of nodesOf(entry.desired)) {
      const key = toolKey(node)
      const nodes = this.#tools.get(key)
      for (const each of nodes ?? []) if (each.agent === node.agent) nodes?.delete(each)
      if (nodes?.size === 0) this.#tools.delete(key)
    }
    entry.desired = desired
    for (const node of nodesOf(desired)) {
      const nodes = this.#tools.get(toolKey(node)) ?? new Set()
      this.#tools.set(toolKey(node), nodes.add(node))
    }
  }

  /** Nothing is wanted and nothing runs. */
  forget(entry: AgentEntry): void {
    this.#entries.delete(entry.key)
    this.#sorted = undefined
  }

  /** Those that are wanted, sorted by namespace and name. */
  list(namespace?: string): AgentEntry[] {
    return [...this.after(undefined, namespace)].filter(entry => entry.desired)
  }

  /** All entries behind a key, of a namespace or of all, in the order of their keys. */
  *after(key: string | undefined, namespace?: string): Generator<AgentEntry> {
    this.#sorted ??= [...this.#entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
    const entries = this.#sorted
    const prefix = namespace === undefined ? '' : `${namespace}/`
    const from = key === undefined || key < prefix ? prefix : key
    for (let i = firstFrom(entries, from); i < entries.length; i++) {
      const entry = entries[i]
      if (!entry?.key.startsWith(prefix)) return
      if (entry.key !== key) yield entry
    }
  }

  /** The tools on offer if `agent` were wanted in place of what is wanted of its name now. */
  toolsWith(agent: Agent): (namespace: string, capability: string) => ToolNode[] {
    return (namespace, capability) => {
      const others = [...(this.#tools.get(`${namespace}/${capability}`) ?? [])].filter(
        node => node.agent.name !== agent.name || node.agent.namespace !== agent.namespace,
      )
      if (namespace !== agent.namespace) return others
      const own = agent.tools.filter(tool => tool.capability === capability)
      return [...others, ...own.map(tool => ({ agent, tool }))]
    }
  }
}

/** Index of the first entry whose key is not less. */
function firstFrom(entries: readonly AgentEntry[], key: string): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.key ?? '') < key) low = middle + 1
    else high = middle
  }
  return low
}

export function agentKey(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

function nodesOf(desired: Desired | undefined): ToolNode[] {
  return desired ? desired.agent.tools.map(tool => ({ agent: desired.agent, tool })) : []
}

function toolKey({ agent, tool }: ToolNode): string {
  return `${agent.namespace}/${tool.capability}`
}
