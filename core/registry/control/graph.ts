/** The mesh as it is resolved now, as nodes and edges: what is wanted and what runs, and who fills whose dependency. */
import type { Graph, GraphEdge, GraphNode } from '../../model/operations-api.ts'
import type { AgentEntry } from './desired.ts'
import type { Mesh } from './mesh.ts'
import type { Slot } from './mesh-index.ts'
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
  const tools = serving?.agent.tools ?? desired?.agent.tools ?? []
  return [
    { kind: 'agent', id: key, ...of, phase: status.phase, instances },
    ...tools.map(({ name: tool, capability, version, tags }): GraphNode => {
      const broken = serving?.tools.find(each => each.tool === tool)?.broken
      const offer = { tool, capability, version, tags: [...tags] }
      const id = `${key}/${tool}`
      return { kind: 'tool', id, ...of, ...offer, ...(broken === undefined ? {} : { broken }) }
    }),
  ]
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
