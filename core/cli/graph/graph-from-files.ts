/**
 * The graph of manifests before anything runs: as the registry would resolve it if one instance of each were ready. A tool
 * whose required dependency nothing fills is broken, and fills nothing itself, over any number of steps.
 */
import { closest } from '../../resolver/explain.ts'
import { wantOf } from '../../resolver/filter.ts'
import { compareText } from '../../resolver/rank.ts'
import { digestOf } from '../../manifest/tool-digest.ts'
import type { Agent, AgentTool } from '../../model/agent.ts'
import { consumersOf, type Consumer } from '../../model/consumer.ts'
import type { GraphEdge } from '../../model/operations-api.ts'
import type { Resolution } from '../../model/registry-api.ts'
import type { Offer, OffersOf } from '../../resolver/offer.ts'
import { resolve } from '../../resolver/resolve.ts'
import type { DrawnGraph, DrawnNode } from './drawn-graph.ts'

interface Slot {
  agent: Agent
  consumer: Consumer
  /** What it fills dependencies of others as; undefined of what is no tool. */
  offer: Offer | undefined
  broken: string | undefined
  resolutions: Resolution[]
}

export function graphFromFiles(agents: readonly Agent[]): DrawnGraph {
  const sorted = [...agents].sort((a, b) => compareText(idOf(a), idOf(b)))
  const byAgent = sorted.map(agent => ({ agent, slots: slotsOf(agent) }))
  const slots = byAgent.flatMap(each => each.slots)
  settle(slots)
  return {
    revision: 0,
    nodes: byAgent.flatMap(each => nodesOf(each.agent, each.slots)),
    edges: slots.flatMap(slot => slot.resolutions.map(resolution => edgeOf(slot, resolution))),
  }
}

/**
 * Resolves every consumer, and again those that want what a tool offers that is found broken: breaking one can only leave
 * others without, so it comes to an end.
 */
function settle(slots: readonly Slot[]): void {
  const offers = groupedBy(slots, ({ offer }) => (offer ? [offer.capability] : []))
  const offersOf: OffersOf = capability =>
    (offers.get(capability) ?? []).flatMap(({ offer }) => offer ?? [])
  const wants = groupedBy(slots, ({ consumer }) =>
    consumer.dependencies.flatMap(each => each.alternatives.map(({ capability }) => capability)),
  )
  const queue = new Set(slots)
  for (const slot of queue) {
    queue.delete(slot)
    const { agent, consumer, offer } = slot
    slot.resolutions = consumer.dependencies.map(dependency =>
      resolve({ namespace: agent.namespace, consumer: consumer.key }, dependency, offersOf),
    )
    const open = slot.resolutions.find(each => each.required && each.endpoints.length === 0)
    if (!open || slot.broken !== undefined) continue
    slot.broken =
      brokenBelow(slot, open, offersOf) ??
      `${agent.name}:${consumer.key} needs ${open.dependency}: ${open.reason ?? 'nothing fills it'}`
    if (!offer) continue
    offer.broken = slot.broken
    for (const other of wants.get(offer.capability) ?? []) queue.add(other)
  }
}

/** Why the tool is broken that would fill the dependency otherwise: the first broken edge is told, not the way to it. */
function brokenBelow(
  { agent, consumer }: Slot,
  { dependency }: Resolution,
  offersOf: OffersOf,
): string | undefined {
  const slot = consumer.dependencies.find(({ name }) => name === dependency)
  const alternatives = slot?.alternatives ?? []
  for (const alternative of alternatives) {
    const want = wantOf(agent.namespace, alternative)
    const found = closest(want, offersOf(want.capability))
    if (found?.left.stage === 'availability') return found.offer.broken
  }
  return undefined
}

/** Each under every key that it has. */
function groupedBy(slots: readonly Slot[], keysOf: (slot: Slot) => string[]): Map<string, Slot[]> {
  const groups = new Map<string, Slot[]>()
  for (const slot of slots) {
    for (const key of new Set(keysOf(slot))) {
      const known = groups.get(key)
      if (known) known.push(slot)
      else groups.set(key, [slot])
    }
  }
  return groups
}

function slotsOf(agent: Agent): Slot[] {
  const tools = new Map(agent.tools.map(tool => [tool.name, tool]))
  return consumersOf(agent).map(consumer => {
    const tool = consumer.kind === 'tool' ? tools.get(consumer.name) : undefined
    const offer = tool && offerOf(agent, tool)
    return { agent, consumer, offer, broken: undefined, resolutions: [] }
  })
}

function offerOf(agent: Agent, tool: AgentTool): Offer {
  const { namespace, name, server, http } = agent
  const { capability, version, tags, isRepeatable } = tool
  // Of a wrapped server the schemas are known to nobody before it runs: these keep it from being left out for them.
  const schemas = server === undefined ? tool : { inputSchema: {}, outputSchema: { not: {} } }
  const endpoint = http.advertise ?? `http://${http.host}:${http.port}${http.path}`
  return {
    ...{ namespace, agent: name, tool: tool.name, capability, version, tags },
    ...{ isRepeatable, schemas, deduplicates: server === undefined, broken: undefined },
    digest: () => digestOf(tool),
    instances: [{ id: name, endpoint, state: 'ready' }],
  }
}

function nodesOf(agent: Agent, slots: readonly Slot[]): DrawnNode[] {
  const of = { namespace: agent.namespace, agent: agent.name }
  return [
    { kind: 'agent', id: idOf(agent), ...of, phase: 'Declared', instances: [] },
    ...slots.flatMap(({ consumer, offer, broken }): DrawnNode[] => {
      const { kind, key, name } = consumer
      const common = {
        ...{ id: `${idOf(agent)}/${key}`, ...of },
        ...(broken === undefined ? {} : { broken }),
      }
      if (kind !== 'tool') return [{ kind, name, ...common }]
      if (!offer) return []
      const { tool, capability, version, tags } = offer
      return [{ kind, tool, capability, version, tags: [...tags], ...common }]
    }),
  ]
}

function edgeOf({ agent, consumer }: Slot, resolution: Resolution): GraphEdge {
  const { dependency, capability, required, endpoints, reason } = resolution
  const [first] = endpoints
  return {
    from: `${idOf(agent)}/${consumer.key}`,
    ...{ dependency, capability, required, endpoints },
    state: first ? 'resolved' : 'unresolved',
    ...(first ? { to: `${first.namespace}/${first.agent}/${first.tool}` } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

const idOf = ({ namespace, name }: Agent) => `${namespace}/${name}`
