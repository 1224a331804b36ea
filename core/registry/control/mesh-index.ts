/**
 * The mesh as observed, in memory: who runs, what their manifests offer and need. What does not differ between instances
 * of one manifest is kept once for all of them (`Serving`), so ten thousand instances cost as much as their manifests.
 * It only records, and which capabilities were touched; the resolution controller draws the conclusions.
 */
import type { Agent, AgentTool, Dependency } from '../../model/agent.ts'
import { consumersOf, type Consumer } from '../../model/consumer.ts'
import { routingOf } from '../../model/session-header.ts'
import type { InstanceState, Resolution } from '../../model/registry-api.ts'
import { digestOf } from '../../manifest/tool-digest.ts'
import type { Offer } from '../../resolver/offer.ts'

export interface Instance {
  readonly id: string
  serving: Serving
  endpoint: string
  pid: number
  host: string
  /** ISO 8601. */
  since: string
  state: InstanceState
  observedGeneration: number
  drift: { generation: number; reason: string } | undefined
  /** What its own health check says; undefined while it is well. */
  unhealthy: { reason: string } | undefined
  /** Its agent was deleted: it is told to leave, and does not come back. */
  isDeleted: boolean
  /** The registry that judges it, if another one over the same store. */
  readonly owner?: string
}

/** One manifest as at least one instance serves it. */
export interface Serving {
  readonly key: string
  readonly agent: Agent
  readonly digest: string
  readonly instances: Map<string, Instance>
  readonly tools: readonly ServedTool[]
  readonly slots: readonly Slot[]
  readyCount: number
}

/** A tool on offer. */
export interface ServedTool extends Offer {
  readonly serving: Serving
  readonly offered: Capability
  readonly required: Slot[]
  /** Stage at which its availability was derived, Infinity while it is unavailable (see availability.ts). */
  depth: number
}

/** A dependency, and what fills it. */
export interface Slot {
  readonly serving: Serving
  /** Who has it. */
  readonly consumer: Consumer
  /** What becomes unavailable where it is required and not filled; undefined where no tool has it. */
  readonly tool: ServedTool | undefined
  readonly dependency: Dependency
  /** The capability of each alternative. */
  readonly wanted: readonly Capability[]
  resolution: Resolution
  /** The resolution as it goes over the wire. */
  json: string
  /** Revision at which the resolution last changed. */
  revision: number
}

/** A name in a namespace, and who offers and who wants it. */
export interface Capability {
  readonly key: string
  readonly offers: Set<ServedTool>
  readonly slots: Set<Slot>
}

export class MeshIndex {
  readonly instances = new Map<string, Instance>()
  /** How often a slot was resolved, ever. */
  resolved = 0
  readonly #servings = new Map<string, Serving>()
  readonly #capabilities = new Map<string, Capability>()
  readonly #namespaces = new Map<string, Map<string, Capability>>()
  /** Capabilities of which an offer came, went or changed state, and slots that were never resolved. */
  #touched = new Set<Capability>()
  #fresh = new Set<Slot>()

  /** What changed since this was last asked for. */
  takeTouched(): { capabilities: Set<Capability>; slots: Set<Slot> } {
    const [capabilities, slots] = [this.#touched, this.#fresh]
    this.#touched = new Set()
    this.#fresh = new Set()
    return { capabilities, slots }
  }

  get hasTouched(): boolean {
    return this.#touched.size > 0 || this.#fresh.size > 0
  }

  serving(agent: Pick<Agent, 'namespace' | 'name'>, digest: string): Serving | undefined {
    return this.#servings.get(servingKey(agent, digest))
  }

  /** Adds or replaces an instance that serves the manifest. */
  put(agent: Agent, digest: string, details: Omit<Instance, 'serving'>): Instance {
    const old = this.instances.get(details.id)
    const serving = this.serving(agent, digest) ?? this.#addServing(agent, digest)
    if (old) this.#detach(old, serving)
    const instance = { ...details, serving }
    this.instances.set(instance.id, instance)
    serving.instances.set(instance.id, instance)
    if (instance.state === 'ready') serving.readyCount++
    this.#touch(serving)
    return instance
  }

  setState(instance: Instance, state: InstanceState): void {
    if (instance.state === state) return
    if (instance.state === 'ready') instance.serving.readyCount--
    if (state === 'ready') instance.serving.readyCount++
    instance.state = state
    this.#touch(instance.serving)
  }

  remove(instance: Instance): void {
    if (this.instances.get(instance.id) !== instance) return
    this.instances.delete(instance.id)
    this.#detach(instance)
  }

  capability(namespace: string, name: string): Capability | undefined {
    return this.#capabilities.get(capabilityKey(namespace, name))
  }

  /** The capability of that name in every namespace that has it. */
  inAllNamespaces(name: string): Iterable<Capability> {
    return this.#namespaces.get(name)?.values() ?? []
  }

  #detach(instance: Instance, next?: Serving): void {
    const { serving } = instance
    if (instance.state === 'ready') serving.readyCount--
    serving.instances.delete(instance.id)
    this.#touch(serving)
    if (serving.instances.size === 0 && serving !== next) this.#removeServing(serving)
  }

  #touch(serving: Serving): void {
    for (const tool of serving.tools) this.#touched.add(tool.offered)
  }

  #addServing(agent: Agent, digest: string): Serving {
    const tools: ServedTool[] = []
    const slots: Slot[] = []
    const instances = new Map<string, Instance>()
    const key = servingKey(agent, digest)
    const serving: Serving = { key, agent, digest, instances, tools, slots, readyCount: 0 }
    for (const definition of agent.tools) tools.push(this.#offer(serving, definition))
    const byName = new Map(tools.map(tool => [tool.tool, tool]))
    for (const consumer of consumersOf(agent)) {
      const tool = consumer.kind === 'tool' ? byName.get(consumer.name) : undefined
      for (const dependency of consumer.dependencies) {
        const slot = this.#want({ serving, consumer, tool, dependency })
        slots.push(slot)
        if (dependency.required) tool?.required.push(slot)
      }
    }
    for (const tool of tools) if (tool.required.length === 0) tool.depth = 0
    this.#servings.set(key, serving)
    return serving
  }

  #offer(serving: Serving, tool: AgentTool): ServedTool {
    const { namespace, name } = serving.agent
    const offered = this.#addCapability(namespace, tool.capability)
    const served: ServedTool = {
      ...{ namespace, agent: name, tool: tool.name, capability: tool.capability },
      ...{ version: tool.version, tags: tool.tags, isRepeatable: tool.isRepeatable },
      deduplicates: serving.agent.server === undefined, // handlers do (runtime/mcp/deduplicate.ts), a foreign server does not
      ...routingOf(tool),
      broken: undefined,
      ...{ schemas: tool, digest: () => digestOf(tool) },
      get instances() {
        return serving.instances.values()
      },
      serving,
      offered,
      required: [],
      depth: Infinity,
    }
    offered.offers.add(served)
    return served
  }

  #want(wish: Pick<Slot, 'serving' | 'consumer' | 'tool' | 'dependency'>): Slot {
    const { serving, consumer, dependency } = wish
    const names = dependency.alternatives.map(alternative => alternative.capability)
    const wanted = names.map(name => this.#addCapability(serving.agent.namespace, name))
    const { name, required } = dependency
    const resolution: Resolution = {
      ...{ tool: consumer.key, dependency: name, required, capability: names[0] ?? '' },
      ...{ alternative: -1, endpoints: [] },
    }
    const slot: Slot = { ...wish, wanted, resolution, json: '', revision: 0 }
    for (const capability of wanted) capability.slots.add(slot)
    this.#fresh.add(slot)
    return slot
  }

  #removeServing(serving: Serving): void {
    this.#servings.delete(serving.key)
    for (const tool of serving.tools) {
      tool.offered.offers.delete(tool)
      this.#forget(tool.offered)
    }
    for (const slot of serving.slots) {
      this.#fresh.delete(slot)
      for (const capability of slot.wanted) capability.slots.delete(slot)
    }
    for (const capability of serving.slots.flatMap(slot => slot.wanted)) this.#forget(capability)
  }

  #addCapability(namespace: string, name: string): Capability {
    const key = capabilityKey(namespace, name)
    let capability = this.#capabilities.get(key)
    if (!capability) {
      capability = { key, offers: new Set(), slots: new Set() }
      this.#capabilities.set(key, capability)
      const spaces = this.#namespaces.get(name) ?? new Map<string, Capability>()
      this.#namespaces.set(name, spaces.set(namespace, capability))
    }
    return capability
  }

  #forget(capability: Capability): void {
    if (capability.offers.size > 0 || capability.slots.size > 0) return
    this.#capabilities.delete(capability.key)
    const [namespace = '', name = ''] = capability.key.split('/')
    const spaces = this.#namespaces.get(name)
    spaces?.delete(namespace)
    if (spaces?.size === 0) this.#namespaces.delete(name)
  }
}

function servingKey({ namespace, name }: Pick<Agent, 'namespace' | 'name'>, digest: string) {
  return `${namespace}/${name}@${digest}`
}

function capabilityKey(namespace: string, name: string): string {
  return `${namespace}/${name}`
}
