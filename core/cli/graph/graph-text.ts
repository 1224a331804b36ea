/**
 * The mesh in the languages of those who draw, Graphviz and Mermaid. Colours say what state a thing is in, and so do words and
 * lines, for whoever does not see them: what is open leads to its capability by a dashed or crossed line.
 */
import type { GraphEdge } from '../../model/operations-api.ts'
import {
  branchesOf,
  openEnds,
  stateOf,
  wordsOf,
  type AgentNode,
  type DrawnGraph,
  type EdgeState,
} from './drawn-graph.ts'
import { printable } from '../output/output.ts'

const edgeColors: Record<EdgeState, string> = {
  filled: '#57606a',
  open: '#bc6c00',
  broken: '#cf222e',
}

const phaseColors: Record<AgentNode['phase'], string> = {
  Ready: '#1a7f37',
  Degraded: '#bc6c00',
  Drifted: '#bc6c00',
  Offline: '#6e7781',
  Declared: '#57606a',
}

/** The language of Graphviz: agents are boxes around their tools and what else has dependencies; an edge that nothing fills leads to its capability. */
export function dotOf(graph: DrawnGraph): string[] {
  const clusters = branchesOf(graph).flatMap(({ agent, parts }) => {
    const color = phaseColors[agent.phase]
    return [
      `  subgraph ${quote(`cluster_${agent.id}`)} {`,
      `    label=${quote(titleOf(agent))} color=${quote(color)} fontcolor=${quote(color)}`,
      ...parts.map(({ part }) => {
        const isBroken = part.broken !== undefined
        const [name, about] = wordsOf(part)
        const text = `${name}\n${about}${isBroken ? '\nbroken' : ''}`
        const tags = part.kind === 'tool' ? part.tags.join(', ') : ''
        const tip = part.broken ?? (tags || name)
        const color = isBroken ? ` color=${quote(edgeColors.broken)}` : ''
        return `    ${quote(part.id)} [label=${quote(text)} tooltip=${quote(tip)}${color}]`
      }),
      // A box around nothing is not drawn.
      ...(parts.length > 0
        ? []
        : [`    ${quote(agent.id)} [label="no tools" shape="plaintext" style=""]`]),
      '  }',
    ]
  })
  const open = openEnds(graph).map(
    id => `  ${quote(id)} [label=${quote(id)} style="rounded,dashed"]`,
  )
  return [
    'digraph mesh {',
    '  graph [rankdir="LR" fontname="Helvetica" fontsize="13" style="rounded" nodesep="0.25" ranksep="1"]',
    '  node [shape="box" style="rounded,filled" fillcolor="white" color="#57606a" fontname="Helvetica" fontsize="11"]',
    '  edge [fontname="Helvetica" fontsize="10" arrowsize="0.7"]',
    ...clusters,
    ...open,
    ...graph.edges.map(dotEdge),
    '}',
  ]
}

function dotEdge(edge: GraphEdge): string {
  const { from, to, capability, dependency, endpoints, reason } = edge
  const state = stateOf(edge)
  const color = quote(edgeColors[state])
  const style = edge.required ? '' : ' style="dashed"'
  const head = state === 'filled' ? '' : ' arrowhead="tee"'
  const tip = reason ?? endpoints.map(({ url }) => url).join(', ')
  const text = quote(`${dependency}${edgeWords(edge)}`)
  return `  ${quote(from)} -> ${quote(to ?? capability)} [label=${text} tooltip=${quote(tip)} color=${color} fontcolor=${color}${style}${head}]`
}

/** What an edge says beside its name. */
function edgeWords(edge: GraphEdge): string {
  const { endpoints, required } = edge
  if (stateOf(edge) !== 'filled') return required ? ' (nothing)' : ' (optional, nothing)'
  const count = endpoints.length > 1 ? [`${endpoints.length} endpoints`] : []
  const words = [...(required ? [] : ['optional']), ...count]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function titleOf({ id, phase, instances }: AgentNode): string {
  if (phase === 'Declared') return id
  return `${id} (${phase}, ${instances.filter(({ state }) => state === 'ready').length}/${instances.length})`
}

/** The language of Mermaid, which GitHub draws: the same picture. */
export function mermaidOf(graph: DrawnGraph): string[] {
  const ids = new Map<string, string>()
  const idOf = (id: string) => {
    const known = ids.get(id) ?? `n${ids.size}`
    ids.set(id, known)
    return known
  }
  const clusters = branchesOf(graph).flatMap(({ agent, parts }) => [
    `  subgraph ${idOf(`agent ${agent.id}`)}[${label(titleOf(agent))}]`,
    ...parts.map(({ part }) => {
      const broken = part.broken === undefined ? '' : ':::broken'
      return `    ${idOf(part.id)}[${label(wordsOf(part).join(': '))}]${broken}`
    }),
    '  end',
  ])
  const open = openEnds(graph).map(id => `  ${idOf(id)}(${label(id)}):::open`)
  const edges = graph.edges.map(edge => {
    const { from, to, capability, dependency, required } = edge
    const arrow = to === undefined ? '--x' : required ? '-->' : '-.->'
    return `  ${idOf(from)} ${arrow}|${label(`${dependency}${edgeWords(edge)}`)}| ${idOf(to ?? capability)}`
  })
  const styles = (['open', 'broken'] as const).flatMap(state => {
    const numbers = graph.edges.flatMap((edge, i) => (stateOf(edge) === state ? [i] : []))
    return numbers.length === 0
      ? []
      : [`  linkStyle ${numbers.join(',')} stroke:${edgeColors[state]}`]
  })
  const classes = [
    `  classDef broken stroke:${edgeColors.broken}`,
    '  classDef open stroke-dasharray:4',
  ]
  return ['flowchart LR', ...clusters, ...open, ...edges, ...styles, ...classes]
}

/** A text in quotes, its line breaks as Graphviz writes them. */
const quote = (text: string) => `"${text.split('\n').map(quoted).join('\\n')}"`

const quoted = (line: string) => printable(line).replace(/["\\]/g, '\\$&')

/** Mermaid's entities for what it would read as its own. */
const label = (text: string) =>
  `"${printable(text).replace(/["#<>]/g, c => `#${c.charCodeAt(0)};`)}"`
