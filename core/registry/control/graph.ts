/** The mesh as it is resolved now, as nodes and edges: what is wanted and what runs, and who fills whose dependency. */
import { consumersOf, type Consumer } from '../../model/consumer.ts'
import type { Graph, GraphEdge, GraphNode } from '../../model/operations-api.ts'
import type { AgentEntry } from './desired.ts'
import type { Mesh } from './mesh.ts'
import type { Serving, Slot } from './mesh-index.ts'
import { servingOf } from './status.ts'

/** Of a namespace, or of all. */
export function graphOf(
  { desired, revisions }: Pick<Mesh, 'desired' | 'revisions'>,
  namespace?: string,
): Graph {
  const entries = desired.list(namespace)
  return {
    revision: revisions.current,
    nodes: entries.flatMap(nodesOf),
    edges: entries.flatMap(entry => servingOf(entry)?.slots.map(edgeOf) ?? []),
  }
}

function nodesOf(entry: AgentEntry): GraphNode[] {
  const { key, namespace, name, status, desired } = entry
  const instances = [...entry.instances].map(({ id, endpoint, state }) => ({ id, endpoint, state }))
  const of = { namespace, agent: name }
  const serving = servingOf(entry)
  const agent = serving?.agent ?? desired?.agent
  return [
    { kind: 'agent', id: key, ...of, phase: status.phase, instances },
    ...(agent?.tools ?? []).map(({ name: tool, capability, version, tags }): GraphNode => {
      const broken = serving?.tools.find(each => each.tool === tool)?.broken
      const offer = { tool, capability, version, tags: [...tags] }
      const id = `${key}/${tool}`
      return { kind: 'tool', id, ...of, ...offer, ...(broken === undefined ? {} : { broken }) }
    }),
    ...(agent ? consumersOf(agent) : []).flatMap((consumer): GraphNode[] => {
      const { kind, key: own, name } = consumer
      if (kind === 'tool') return []
      const broken = serving && brokenOf(serving, consumer)
      const id = `${key}/${own}`
      return [{ kind, id, ...of, name, ...(broken === undefined ? {} : { broken }) }]
    }),
  ]
}

/** Of what nothing else depends on: its own first required dependency that nothing fills. */
function brokenOf({ slots, agent }: Serving, { key }: Consumer): string | undefined {
  const open = slots.find(
    ({ consumer, dependency, resolution }) =>
      consumer.key === key && dependency.required && resolution.endpoints.length === 0,
  )
  if (!open) return undefined
  const reason = open.resolution.reason ?? 'nothing fills it'
  return `the required dependency ${agent.name}/${key} -> ${open.dependency.name} is unresolved: ${reason}`
}

function edgeOf({ serving: { agent }, consumer, resolution }: Slot): GraphEdge {
  const { dependency, capability, required, endpoints, reason } = resolution
  const [first] = endpoints
  return {
    from: `${agent.namespace}/${agent.name}/${consumer.key}`,
    ...{ dependency, capability, required },
    state: first ? 'resolved' : 'unresolved',
    ...(first ? { to: `${first.namespace}/${first.agent}/${first.tool}` } : {}),
    endpoints,
    ...(reason === undefined ? {} : { reason }),
  }
}
