/**
 * A set of agents as a graph: tools as nodes, and for each alternative of a dependency the tools that could fill it by
 * namespace, tags, version and schemas, and those left out with the reason. Whoever is alive does not matter here.
 */
import type { Path } from '../manifest/fault.ts'
import { valueAt } from '../manifest/record.ts'
import { digestOf } from '../manifest/tool-digest.ts'
import type { SetMember } from '../manifest/check-set.ts'
import type { AgentTool, Dependency, DependencyAlternative } from '../model/agent.ts'
import { unlocked, unsuited, wantOf, type Left } from '../resolver/filter.ts'

/** A tool of the set. */
export interface ToolNode {
  member: SetMember
  tool: AgentTool
  /** `spec.tools[i]`. */
  path: Path
  /** Out of it, in the order of the manifest. */
  edges: readonly Edge[]
  /** Of each dependency the first alternative that anything fills; none where nothing does. */
  filled: readonly Edge[]
}

/** Who offers what an alternative asks for. */
interface Candidates {
  readonly suited: readonly ToolNode[]
  readonly left: readonly { node: ToolNode; left: Left }[]
}

/** One alternative of a dependency. */
export interface Edge extends Candidates {
  from: ToolNode
  dependency: Dependency
  alternative: DependencyAlternative
  /** Where it is written: the dependency, or the entry of its list. */
  path: Path
}

export interface MeshView {
  /** Agents and gateways. */
  members: readonly SetMember[]
  nodes: readonly ToolNode[]
  /** By capability. */
  offers: ReadonlyMap<string, readonly ToolNode[]>
}

/** The graph of the members; pure. */
export function meshOf(members: readonly SetMember[]): MeshView {
  const nodes: ToolNode[] = []
  const offers = new Map<string, ToolNode[]>()
  for (const member of members) {
    for (const [i, tool] of member.agent.tools.entries()) {
      const node: ToolNode = { member, tool, path: ['spec', 'tools', i], edges: [], filled: [] }
      nodes.push(node)
      const known = offers.get(tool.capability)
      if (known) known.push(node)
      else offers.set(tool.capability, [node])
    }
  }
  const known = new Map<string, Candidates>()
  for (const node of nodes) {
    node.edges = node.tool.dependencies.flatMap(dependency =>
      edgesOf(node, dependency, alternative => {
        const { namespace } = node.member.agent
        const key = JSON.stringify(wantOf(namespace, alternative))
        const found = known.get(key) ?? candidatesOf(namespace, alternative, offers)
        known.set(key, found)
        return found
      }),
    )
    node.filled = filledOf(node.edges)
  }
  return { members, nodes, offers }
}

function edgesOf(
  from: ToolNode,
  dependency: Dependency,
  find: (alternative: DependencyAlternative) => Candidates,
): Edge[] {
  const at: Path = [...from.path, 'dependencies', dependency.name]
  const isList = Array.isArray(valueAt(from.member.manifest, at))
  return dependency.alternatives.map((alternative, i) => {
    const path = isList ? [...at, i] : at
    return { from, dependency, alternative, path, ...find(alternative) }
  })
}

/** Those who want the same share it: of a capability with many providers and consumers not every pair is looked at. */
function candidatesOf(
  namespace: string,
  alternative: DependencyAlternative,
  offers: ReadonlyMap<string, readonly ToolNode[]>,
): Candidates {
  const suited: ToolNode[] = []
  const left: { node: ToolNode; left: Left }[] = []
  for (const node of offers.get(alternative.capability) ?? []) {
    const reason = leftOf(namespace, alternative, node)
    if (reason) left.push({ node, left: reason })
    else suited.push(node)
  }
  return { suited, left }
}

/** Of a wrapped server the schemas are known to nobody before it runs. */
function leftOf(
  namespace: string,
  alternative: DependencyAlternative,
  { member, tool }: ToolNode,
): Left | undefined {
  const own = member.agent.namespace
  if (own !== namespace)
    return { stage: 'namespace', reason: `it is in namespace "${own}", not "${namespace}"` }
  const want = wantOf(namespace, alternative)
  const isKnown = member.agent.server === undefined
  const offer = { ...tool, schemas: tool }
  const left = unsuited(isKnown ? want : { ...want, expects: undefined }, offer)
  if (left || !want.pins) return left
  const { name: agent } = member.agent
  return unlocked(want, { namespace: own, agent, tool: tool.name, digest: () => digestOf(tool) })
}

/** `namespace/agent.tool`. */
export function nameOf({ member, tool }: ToolNode): string {
  return `${member.agent.namespace}/${member.agent.name}.${tool.name}`
}

function filledOf(edges: readonly Edge[]): Edge[] {
  const found = new Map<Dependency, Edge>()
  for (const edge of edges)
    if (edge.suited.length > 0 && !found.has(edge.dependency)) found.set(edge.dependency, edge)
  return [...found.values()]
}
