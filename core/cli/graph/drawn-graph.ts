/** The mesh as it is drawn: what the registry tells, or what manifests say, with all that an agent has and its edges together. */
import type { Graph, GraphEdge, GraphNode } from '../../model/operations-api.ts'

/** A tool, or a resource or prompt that has dependencies. */
export type PartNode = Exclude<GraphNode, { kind: 'agent' }>
type LiveAgent = Extract<GraphNode, { kind: 'agent' }>

/** `Declared`: read from a manifest, of which nothing is known to run. */
export type AgentNode = Omit<LiveAgent, 'phase'> & { phase: LiveAgent['phase'] | 'Declared' }
export type DrawnNode = AgentNode | PartNode

export interface DrawnGraph extends Omit<Graph, 'nodes'> {
  nodes: DrawnNode[]
}

export interface Branch {
  agent: AgentNode
  parts: { part: PartNode; edges: GraphEdge[] }[]
}

/** Agents in their order, each with its parts and what these depend on. */
export function branchesOf({ nodes, edges }: DrawnGraph): Branch[] {
  const from = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const known = from.get(edge.from)
    if (known) known.push(edge)
    else from.set(edge.from, [edge])
  }
  const branches = new Map<string, Branch>()
  for (const node of nodes) {
    if (node.kind === 'agent') branches.set(node.id, { agent: node, parts: [] })
  }
  for (const part of nodes) {
    if (part.kind === 'agent') continue
    const parts = branches.get(`${part.namespace}/${part.agent}`)?.parts
    parts?.push({ part, edges: from.get(part.id) ?? [] })
  }
  return [...branches.values()]
}

/** How a part is called, and what it is: `date` and `date_service 1.0.0`, `report` and `resource`. */
export function wordsOf(part: PartNode): [name: string, about: string] {
  if (part.kind !== 'tool') return [part.name, part.kind]
  return [part.tool, `${part.capability} ${part.version}`]
}

/** What edges lead to that nothing in the graph is: capabilities that nothing offers, tools of other namespaces. */
export function openEnds({ nodes, edges }: DrawnGraph): string[] {
  const known = new Set(nodes.map(({ id }) => id))
  const ends = edges.map(({ to, capability }) => to ?? capability)
  return [...new Set(ends)].filter(id => !known.has(id))
}

/** How an edge stands: filled; open, but not needed; or open and needed, so that what has it is broken. */
export type EdgeState = 'filled' | 'open' | 'broken'

export const stateOf = ({ to, required }: GraphEdge): EdgeState =>
  to === undefined ? (required ? 'broken' : 'open') : 'filled'
