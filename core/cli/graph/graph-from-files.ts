/**
 * The graph of manifests before anything runs: as the registry would resolve it if one instance of each were ready. A tool
 * whose required dependency nothing fills is broken, and fills nothing itself, over any number of steps.
 */
import { closest } from '../../resolver/explain.ts'
import { wantOf } from '../../resolver/filter.ts'
import { compareText } from '../../resolver/rank.ts'
import { digestOf } from '../../manifest/tool-digest.ts'
import type { Agent, AgentTool } from '../../model/agent.ts'
import type { GraphEdge } from '../../model/operations-api.ts'
import type { Resolution } from '../../model/registry-api.ts'
import type { Offer, OffersOf } from '../../resolver/offer.ts'
import { resolve } from '../../resolver/resolve.ts'
import type { DrawnGraph, DrawnNode } from './drawn-graph.ts'

interface Slot {
  offer: Offer
  agent: Agent
  tool: AgentTool
  resolutions: Resolution[]
}

export function graphFromFiles(agents: readonly Agent[]): DrawnGraph {
  const sorted = [...agents].sort((a, b) => compareText(idOf(a), idOf(b)))
  const byAgent = sorted.map(agent => ({ agent, slots: agent.tools.map(t => slotOf(agent, t)) }))
  const slots = byAgent.flatMap(each => each.slots)
  settle(slots)
  return {
    revision: 0,
    nodes: byAgent.flatMap(each => nodesOf(each.agent, each.slots)),
    edges: slots.flatMap(slot => slot.resolutions.map(resolution => edgeOf(slot, resolution))),
  }
}

/**
 * Resolves every tool, and again those that want what a tool offers that is found broken: breaking one can only leave others
 * without, so it comes to an end.
 */
function settle(slots: readonly Slot[]): void {
  const offers = groupedBy(slots, ({ tool }) => [tool.capability])
  const offersOf: OffersOf = capability => (offers.get(capability) ?? []).map(({ offer }) => offer)
  const wants = groupedBy(slots, ({ tool }) =>
    tool.dependencies.flatMap(each => each.alternatives.map(({ capability }) => capability)),
  )
  const queue = new Set(slots)
  for (const slot of queue) {
    queue.delete(slot)
    const { agent, tool, offer } = slot
    slot.resolutions = tool.dependencies.map(dependency =>
      resolve({ namespace: agent.namespace, tool: tool.name }, dependency, offersOf),
    )
    const open = slot.resolutions.find(each => each.required && each.endpoints.length === 0)
    if (!open || offer.broken !== undefined) continue
    const below = brokenBelow(slot, open, offersOf)
    offer.broken =
      below ??
      `${agent.name}:${tool.name} needs ${open.dependency}: ${open.reason ?? 'nothing fills it'}`
    for (const consumer of wants.get(tool.capability) ?? []) queue.add(consumer)
  }
}

/** Why the tool is broken that would fill the dependency otherwise: the first broken edge is told, not the way to it. */
function brokenBelow(
  { agent, tool }: Slot,
  { dependency }: Resolution,
  offersOf: OffersOf,
): string | undefined {
  const alternatives = tool.dependencies.find(({ name }) => name === dependency)?.alternatives ?? []
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

function slotOf(agent: Agent, tool: AgentTool): Slot {
  const { namespace, name, server, http } = agent
  const { capability, version, tags, isRepeatable } = tool
  // Of a wrapped server the schemas are known to nobody before it runs: these keep it from being left out for them.
  const schemas = server === undefined ? tool : { inputSchema: {}, outputSchema: { not: {} } }
  const endpoint = http.advertise ?? `http://${http.host}:${http.port}${http.path}`
  return {
    ...{ agent, tool, resolutions: [] },
    offer: {
      ...{
        namespace,
        agent: name,
        tool: tool.name,
        capability,
        version,
        tags,
        isRepeatable,
        schemas,
      },
      ...{ deduplicates: server === undefined, broken: undefined, digest: () => digestOf(tool) },
      instances: [{ id: name, endpoint, state: 'ready' }],
    },
  }
}

function nodesOf(agent: Agent, slots: readonly Slot[]): DrawnNode[] {
  const of = { namespace: agent.namespace, agent: agent.name }
  return [
    { kind: 'agent', id: idOf(agent), ...of, phase: 'Declared', instances: [] },
    ...slots.map(({ tool, offer }) => ({
      ...{ kind: 'tool' as const, id: `${idOf(agent)}/${tool.name}`, ...of, tool: tool.name },
      ...{ capability: tool.capability, version: tool.version, tags: [...tool.tags] },
      ...(offer.broken === undefined ? {} : { broken: offer.broken }),
    })),
  ]
}

function edgeOf({ agent, tool }: Slot, resolution: Resolution): GraphEdge {
  const { dependency, capability, required, endpoints, reason } = resolution
  const [first] = endpoints
  return {
    from: `${idOf(agent)}/${tool.name}`,
    ...{ dependency, capability, required, endpoints },
    state: first ? 'resolved' : 'unresolved',
    ...(first ? { to: `${first.namespace}/${first.agent}/${first.tool}` } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

const idOf = ({ namespace, name }: Agent) => `${namespace}/${name}`
