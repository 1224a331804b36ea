/** The mesh as a tree for people: agents, their tools and what else has dependencies, and what fills each dependency, or why nothing does. */
import type { GraphEdge } from '../../model/operations-api.ts'
import {
  branchesOf,
  stateOf,
  type AgentNode,
  type Branch,
  type DrawnGraph,
  type PartNode,
} from './drawn-graph.ts'
import { printable } from '../output/output.ts'
import { paint, toneOf, type Tone } from '../output/paint.ts'

/** Paints a text, or leaves it as it is. */
type Brush = (text: string, tone: Tone) => string

/** Lines; with colours where a terminal takes them. */
export function treeOf(graph: DrawnGraph, hasColor = false): string[] {
  const brush: Brush = hasColor ? paint : text => text
  const branches = branchesOf(graph)
  const spaces = new Set(branches.map(({ agent }) => agent.namespace))
  return branches.flatMap(({ agent, parts }) => {
    const name = brush(printable(spaces.size > 1 ? agent.id : agent.agent), 'strong')
    return [
      `${name}  ${stateText(agent, brush)}`,
      ...indent(parts.map(part => partLines(part, brush))),
    ]
  })
}

function stateText({ phase, instances }: AgentNode, brush: Brush): string {
  if (phase === 'Declared') return brush('from its manifest', 'quiet')
  const ready = instances.filter(({ state }) => state === 'ready').length
  return `${brush(phase, toneOf(phase))}, ${ready} of ${instances.length} instances ready`
}

function partLines({ part, edges }: Branch['parts'][number], brush: Brush): string[] {
  const broken = part.broken === undefined ? '' : brush('  broken', 'bad')
  const head = printable(headOf(part))
  return [head + broken, ...indent(edges.map(edge => [edgeLine(edge, brush)]))]
}

function headOf(part: PartNode): string {
  if (part.kind !== 'tool') return `${part.kind} ${part.name}`
  const { tool, capability, version } = part
  return `${tool}${tool === capability ? '' : `  ${capability}`} ${version}`
}

function edgeLine(edge: GraphEdge, brush: Brush): string {
  const { dependency, required, capability, to, endpoints, reason, from } = edge
  const need = `${dependency}${required ? '' : ' (optional)'} -> `
  if (to === undefined) {
    const tone = stateOf(edge) === 'broken' ? 'bad' : 'warn'
    return printable(need) + brush(printable(`nothing: ${reason ?? capability}`), tone)
  }
  const [first] = endpoints
  const isNear = to.split('/')[0] === from.split('/')[0]
  const target = isNear ? to.split('/').slice(1).join('.') : to
  const count = endpoints.length === 1 ? '' : `, ${endpoints.length} endpoints`
  return printable(`${need}${target} ${first?.version ?? ''}${count}`)
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
