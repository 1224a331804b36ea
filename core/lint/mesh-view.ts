/**
 * A set of agents as a graph: what has dependencies as nodes, and for each alternative of a dependency the tools that could fill
 * it by namespace, tags, version and schemas, and those left out with the reason. Whoever is alive does not matter here.
 */
import type { Path } from '../manifest/fault.ts'
import { valueAt } from '../manifest/record.ts'
import { digestOf } from '../manifest/tool-digest.ts'
import type { SetMember } from '../manifest/check-set.ts'
import type { AgentTool, Dependency, DependencyAlternative } from '../model/agent.ts'
import { consumersOf, type Consumer } from '../model/consumer.ts'
import { unlocked, unsuited, wantOf, type Left } from '../resolver/filter.ts'

/** What has dependencies, of an agent of the set. */
export interface ConsumerNode extends Consumer {
  member: SetMember
  /** Undefined of what is no tool. */
  tool: AgentTool | undefined
  /** Out of it, in the order of the manifest. */
  edges: readonly Edge[]
  /** Of each dependency the first alternative that anything fills; none where nothing does. */
  filled: readonly Edge[]
}

/** A tool of the set: it may fill a dependency, and has its own. */
export interface ToolNode extends ConsumerNode {
  tool: AgentTool
}

/** Who offers what an alternative asks for. */
interface Candidates {
  readonly suited: readonly ToolNode[]
  readonly left: readonly { node: ToolNode; left: Left }[]
}

/** One alternative of a dependency. */
export interface Edge extends Candidates {
  from: ConsumerNode
  dependency: Dependency
  alternative: DependencyAlternative
  /** Where it is written: the dependency, or the entry of its list. */
  path: Path
}

export interface MeshView {
  /** Agents and gateways. */
  members: readonly SetMember[]
  nodes: readonly ToolNode[]
  /** The tools, and what else has dependencies. */
  consumers: readonly ConsumerNode[]
  /** By capability. */
  offers: ReadonlyMap<string, readonly ToolNode[]>
}

/** The graph of the members; pure. */
export function meshOf(members: readonly SetMember[]): MeshView {
  const nodes: ToolNode[] = []
  const consumers: ConsumerNode[] = []
  const offers = new Map<string, ToolNode[]>()
  for (const member of members) {
    const tools = new Map(member.agent.tools.map(tool => [tool.name, tool]))
    for (const consumer of consumersOf(member.agent)) {
      const tool = consumer.kind === 'tool' ? tools.get(consumer.name) : undefined
      const node: ConsumerNode = { ...consumer, member, tool, edges: [], filled: [] }
      consumers.push(node)
      if (!isTool(node)) continue
      nodes.push(node)
      const known = offers.get(node.tool.capability)
      if (known) known.push(node)
      else offers.set(node.tool.capability, [node])
    }
  }
  const known = new Map<string, Candidates>()
  for (const node of consumers) {
    node.edges = node.dependencies.flatMap(dependency =>
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
  return { members, nodes, consumers, offers }
}

function edgesOf(
  from: ConsumerNode,
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

export const isTool = (node: ConsumerNode): node is ToolNode => node.tool !== undefined

/** `namespace/agent.tool`: its key stands in the place of the tool. */
export function nameOf({ member, key }: Pick<ConsumerNode, 'member' | 'key'>): string {
  return `${member.agent.namespace}/${member.agent.name}.${key}`
}

function filledOf(edges: readonly Edge[]): Edge[] {
  const found = new Map<Dependency, Edge>()
  for (const edge of edges)
    if (edge.suited.length > 0 && !found.has(edge.dependency)) found.set(edge.dependency, edge)
  return [...found.values()]
}
