/** The mesh as it is drawn: what the registry tells, or what manifests say, with each agent's tools and their edges together. */
import type { Graph, GraphEdge, GraphNode } from '../../model/operations-api.ts'

export type ToolNode = Extract<GraphNode, { kind: 'tool' }>
type LiveAgent = Extract<GraphNode, { kind: 'agent' }>

/** `Declared`: read from a manifest, of which nothing is known to run. */
export type AgentNode = Omit<LiveAgent, 'phase'> & { phase: LiveAgent['phase'] | 'Declared' }
export type DrawnNode = AgentNode | ToolNode

export interface DrawnGraph extends Omit<Graph, 'nodes'> {
  nodes: DrawnNode[]
}

export interface Branch {
  agent: AgentNode
  tools: { tool: ToolNode; edges: GraphEdge[] }[]
}

/** Agents in their order, each with its tools and what these depend on. */
export function branchesOf({ nodes, edges }: DrawnGraph): Branch[] {
  const from = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const known = from.get(edge.from)
    if (known) known.push(edge)
    else from.set(edge.from, [edge])
  }
  const branches = new Map<string, Branch>()
  for (const node of nodes) {
    if (node.kind === 'agent') branches.set(node.id, { agent: node, tools: [] })
  }
  for (const tool of nodes) {
    if (tool.kind !== 'tool') continue
    const tools = branches.get(`${tool.namespace}/${tool.agent}`)?.tools
    tools?.push({ tool, edges: from.get(tool.id) ?? [] })
  }
  return [...branches.values()]
}

/** What edges lead to that nothing in the graph is: capabilities that nothing offers, tools of other namespaces. */
export function openEnds({ nodes, edges }: DrawnGraph): string[] {
  const known = new Set(nodes.map(({ id }) => id))
  const ends = edges.map(({ to, capability }) => to ?? capability)
  return [...new Set(ends)].filter(id => !known.has(id))
}

/** How an edge stands: filled; open, but not needed; or open and needed, so that its tool is broken. */
export type EdgeState = 'filled' | 'open' | 'broken'

export const stateOf = ({ to, required }: GraphEdge): EdgeState =>
  to === undefined ? (required ? 'broken' : 'open') : 'filled'
