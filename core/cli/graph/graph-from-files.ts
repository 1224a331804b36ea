/**
 * The graph of manifests before anything runs: as the registry would resolve it if one instance of each were ready. A tool
 * whose required dependency nothing fills is broken, and fills nothing itself, over any number of steps.
 */
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
  const slots = sorted.flatMap(agent => agent.tools.map(tool => slotOf(agent, tool)))
  const byCapability = new Map<string, Offer[]>()
  for (const { offer } of slots) {
    byCapability.set(offer.capability, [...(byCapability.get(offer.capability) ?? []), offer])
  }
  settle(slots, capability => byCapability.get(capability) ?? [])
  return {
    revision: 0,
    nodes: sorted.flatMap(agent => nodesOf(agent, slots)),
    edges: slots.flatMap(slot => slot.resolutions.map(resolution => edgeOf(slot, resolution))),
  }
}

/** Resolves until no tool more is found broken: breaking one can only leave others without, so it comes to an end. */
function settle(slots: readonly Slot[], offersOf: OffersOf): void {
  for (let isSettled = false; !isSettled;) {
    isSettled = true
    for (const slot of slots) {
      const { agent, tool, offer } = slot
      slot.resolutions = tool.dependencies.map(dependency =>
        resolve({ namespace: agent.namespace, tool: tool.name }, dependency, offersOf),
      )
      const open = slot.resolutions.find(each => each.required && each.endpoints.length === 0)
      if (!open || offer.broken !== undefined) continue
      offer.broken = `${agent.name}:${tool.name} needs ${open.dependency}: ${open.reason ?? 'nothing fills it'}`
      isSettled = false
    }
  }
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
      ...{ deduplicates: true, broken: undefined, digest: () => digestOf(tool) },
      instances: [{ id: name, endpoint, state: 'ready' }],
    },
  }
}

function nodesOf(agent: Agent, slots: readonly Slot[]): DrawnNode[] {
  const of = { namespace: agent.namespace, agent: agent.name }
  const tools = slots.filter(slot => slot.agent === agent)
  return [
    { kind: 'agent', id: idOf(agent), ...of, phase: 'Declared', instances: [] },
    ...tools.map(({ tool, offer }) => ({
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
