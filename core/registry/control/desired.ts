/** What is wanted: one entry an agent, with the manifest that was applied, or announced by its first instance. */
import type { Agent } from '../../model/agent.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { AgentStatus } from '../../model/registry-api.ts'
import {
  requiredWants,
  type RequiredGraph,
  type ToolNode,
  type ToolsOf,
} from '../../resolver/graph.ts'
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
  /** Its tools, as they are indexed. */
  nodes: readonly ToolNode[]
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
  readonly #tools = new NodesByCapability()
  /** By each capability that a required dependency of theirs asks for. */
  readonly #requiring = new NodesByCapability()

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
        nodes: [],
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
    for (const node of entry.nodes) {
      this.#tools.delete(toolKey(node), node)
      for (const key of requiredKeys(node)) this.#requiring.delete(key, node)
    }
    entry.desired = desired
    entry.nodes = desired ? nodesOf(desired.agent) : []
    for (const node of entry.nodes) {
      this.#tools.add(toolKey(node), node)
      for (const key of requiredKeys(node)) this.#requiring.add(key, node)
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

  /** The tools as they were if `agent` were wanted in place of what is wanted of its name now. */
  graphWith(agent: Agent): RequiredGraph {
    const own = nodesOf(agent)
    const isOther = ({ agent: { name, namespace } }: ToolNode) =>
      name !== agent.name || namespace !== agent.namespace
    const of =
      (nodes: NodesByCapability, keysOf: (node: ToolNode) => string[]): ToolsOf =>
      (namespace, capability) => {
        const key = `${namespace}/${capability}`
        const others = [...nodes.get(key)].filter(isOther)
        return [...others, ...own.filter(node => keysOf(node).includes(key))]
      }
    return {
      offering: of(this.#tools, node => [toolKey(node)]),
      requiring: of(this.#requiring, requiredKeys),
    }
  }
}

/** Sets of tools by `namespace/capability`. */
class NodesByCapability {
  readonly #nodes = new Map<string, Set<ToolNode>>()

  get(key: string): Iterable<ToolNode> {
    return this.#nodes.get(key) ?? []
  }

  add(key: string, node: ToolNode): void {
    const nodes = this.#nodes.get(key)
    if (nodes) nodes.add(node)
    else this.#nodes.set(key, new Set([node]))
  }

  delete(key: string, node: ToolNode): void {
    const nodes = this.#nodes.get(key)
    nodes?.delete(node)
    if (nodes?.size === 0) this.#nodes.delete(key)
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

function nodesOf(agent: Agent): ToolNode[] {
  return agent.tools.map(tool => ({ agent, tool }))
}

function requiredKeys(node: ToolNode): string[] {
  return requiredWants(node).map(({ namespace, capability }) => `${namespace}/${capability}`)
}

function toolKey({ agent, tool }: ToolNode): string {
  return `${agent.namespace}/${tool.capability}`
}
