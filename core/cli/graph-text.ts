/** The mesh as text: a tree for people, and the languages of Graphviz and Mermaid for those who draw. */
import type { Graph, GraphEdge, GraphNode } from '../model/operations-api.ts'
import { printable } from './output.ts'

type AgentNode = Extract<GraphNode, { kind: 'agent' }>
type ToolNode = Extract<GraphNode, { kind: 'tool' }>

interface Branch {
  agent: AgentNode
  tools: { tool: ToolNode; edges: GraphEdge[] }[]
}

/** Lines of a tree: agents, their tools, and what fills each dependency, or why nothing does. */
export function treeOf(graph: Graph): string[] {
  const spaces = new Set(branchesOf(graph).map(({ agent }) => agent.namespace))
  return branchesOf(graph).flatMap(({ agent, tools }) => {
    const name = spaces.size > 1 ? agent.id : agent.agent
    const ready = agent.instances.filter(({ state }) => state === 'ready').length
    const head = `${name}  ${agent.phase}, ${ready} of ${agent.instances.length} instances ready`
    return [head, ...indent(tools.map(toolLines))].map(printable)
  })
}

function toolLines({ tool, edges }: Branch['tools'][number]): string[] {
  const name = tool.tool === tool.capability ? '' : `  ${tool.capability}`
  const broken = tool.broken === undefined ? '' : '  broken'
  return [`${tool.tool}${name} ${tool.version}${broken}`, ...indent(edges.map(e => [edgeLine(e)]))]
}

function edgeLine({ dependency, required, capability, to, endpoints, reason, from }: GraphEdge) {
  const need = required ? '' : ' (optional)'
  if (to === undefined) return `${dependency}${need} -> nothing: ${reason ?? capability}`
  const [first] = endpoints
  const isNear = to.split('/')[0] === from.split('/')[0]
  const target = isNear ? to.split('/').slice(1).join('.') : to
  const count = endpoints.length === 1 ? '' : `, ${endpoints.length} endpoints`
  return `${dependency}${need} -> ${target} ${first?.version ?? ''}${count}`
}

/** Each group of lines below the one before, joined by branches. */
function indent(groups: readonly (readonly string[])[]): string[] {
  return groups.flatMap((lines, i) => {
    const isLast = i === groups.length - 1
    const [first = '', ...rest] = lines
    return [
      `${isLast ? '└─' : '├─'} ${first}`,
      ...rest.map(line => `${isLast ? '  ' : '│ '} ${line}`),
    ]
  })
}

/** The language of Graphviz: agents are clusters, an edge that nothing fills is red and leads to its capability. */
export function dotOf(graph: Graph): string[] {
  const clusters = branchesOf(graph).flatMap(({ agent, tools }) => [
    `  subgraph ${quote(`cluster_${agent.id}`)} {`,
    `    label=${quote(`${agent.id} (${agent.phase})`)}`,
    ...tools.map(({ tool }) => {
      const color = tool.broken === undefined ? '' : ' color="red"'
      return `    ${quote(tool.id)} [label=${quote(`${tool.tool}\n${tool.capability} ${tool.version}`)}${color}]`
    }),
    '  }',
  ])
  const open = openOf(graph).map(id => `  ${quote(id)} [label=${quote(id)} shape="plaintext"]`)
  const edges = graph.edges.map(edge => {
    const style = edge.required ? '' : ' style="dashed"'
    const color = edge.to === undefined ? ' color="red"' : ''
    const ends = `${quote(edge.from)} -> ${quote(edge.to ?? edge.capability)}`
    return `  ${ends} [label=${quote(edge.dependency)}${style}${color}]`
  })
  return ['digraph mesh {', '  rankdir="LR"', ...clusters, ...open, ...edges, '}']
}

/** The language of Mermaid, which GitHub draws: the same picture. */
export function mermaidOf(graph: Graph): string[] {
  const ids = new Map<string, string>()
  const idOf = (id: string) => {
    const known = ids.get(id) ?? `n${ids.size}`
    ids.set(id, known)
    return known
  }
  const clusters = branchesOf(graph).flatMap(({ agent, tools }) => [
    `  subgraph ${idOf(`agent ${agent.id}`)}[${label(`${agent.id} (${agent.phase})`)}]`,
    ...tools.map(({ tool }) => {
      return `    ${idOf(tool.id)}[${label(`${tool.tool}: ${tool.capability} ${tool.version}`)}]`
    }),
    '  end',
  ])
  const open = openOf(graph).map(id => `  ${idOf(id)}(${label(id)})`)
  const edges = graph.edges.map(({ from, to, capability, dependency, required }) => {
    const arrow = to === undefined ? '--x' : required ? '-->' : '-.->'
    return `  ${idOf(from)} ${arrow}|${label(dependency)}| ${idOf(to ?? capability)}`
  })
  return ['flowchart LR', ...clusters, ...open, ...edges]
}

function branchesOf({ nodes, edges }: Graph): Branch[] {
  const from = new Map<string, GraphEdge[]>()
  for (const edge of edges) from.set(edge.from, [...(from.get(edge.from) ?? []), edge])
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
function openOf({ nodes, edges }: Graph): string[] {
  const known = new Set(nodes.map(({ id }) => id))
  const ends = edges.map(({ to, capability }) => to ?? capability)
  return [...new Set(ends)].filter(id => !known.has(id))
}

/** A text in quotes, its line breaks as Graphviz writes them. */
const quote = (text: string) => `"${text.split('\n').map(quoted).join('\\n')}"`

const quoted = (line: string) => printable(line).replace(/["\\]/g, '\\$&')

/** Mermaid's entities for what it would read as its own. */
const label = (text: string) =>
  `"${printable(text).replace(/["#<>]/g, c => `#${c.charCodeAt(0)};`)}"`
