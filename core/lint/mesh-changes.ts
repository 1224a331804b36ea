/**
 * A mesh as it was and as it would be: tools that come, go and change, dependencies that another tool fills, and those that
 * nothing fills any more. `meshctl plan`, `apply` and `validate --against` tell of the same changes.
 */
import type { SetMember } from '../manifest/check-set.ts'
import { leadingOf } from './ambiguous-providers.ts'
import { meshOf, nameOf, type ConsumerNode, type Edge, type ToolNode } from './mesh-view.ts'
import {
  changesOf,
  isEnough,
  stepBetween,
  stepOf,
  versionAfter,
  type Change,
  type Step,
} from './tool-changes.ts'

/** A tool that is there before and after. */
export interface ToolChange {
  /** `namespace/agent.tool`. */
  name: string
  before: string
  after: string
  changes: Change[]
  /** What the changes ask for, and the least version that says so, where the version given says less. */
  asked: Step
  least: string | undefined
  node: ToolNode
}

/** A dependency whose first provider is another one. */
export interface Move {
  /** `namespace/agent.tool`, and the name of the dependency. */
  consumer: string
  dependency: string
  /** `namespace/agent.tool@version`; undefined where nothing fills it. */
  from: string | undefined
  to: string | undefined
  isRequired: boolean
  /** Why the one that filled it does not: what keeps it from it, what is asked for or offered now, or that it is gone. */
  reason: string | undefined
  /** The tool that filled it, as it was, and who wants it, as it would be. */
  provider: ToolNode | undefined
  node: ConsumerNode
}

export interface MeshChanges {
  tools: ToolChange[]
  moves: Move[]
}

export function meshChanges(
  before: readonly SetMember[],
  after: readonly SetMember[],
): MeshChanges {
  const [old, now] = [meshOf(before), meshOf(after)]
  const known = new Map(old.nodes.map(node => [nameOf(node), node]))
  const tools = now.nodes.flatMap((node): ToolChange[] => {
    const was = known.get(nameOf(node))
    if (!was || was.tool === node.tool) return []
    const change = changeOf(was, node)
    return change.changes.length === 0 && change.before === change.after ? [] : [change]
  })
  const consumed = new Map(old.consumers.map(node => [nameOf(node), node]))
  const offered = new Map(now.nodes.map(node => [nameOf(node), node]))
  const moves = now.consumers.flatMap(node => movesOf(consumed.get(nameOf(node)), node, offered))
  return { tools, moves }
}

export function changeOf(was: Pick<ToolNode, 'tool'>, node: ToolNode): ToolChange {
  const changes = changesOf(was.tool, node.tool)
  const asked = stepOf(changes)
  const [from, to] = [was.tool.version, node.tool.version]
  const isSaid = isEnough(stepBetween(from, to), asked)
  const least = isSaid ? undefined : versionAfter(from, asked)
  return { name: nameOf(node), before: from, after: to, changes, asked, least, node }
}

function movesOf(
  was: ConsumerNode | undefined,
  node: ConsumerNode,
  offered: ReadonlyMap<string, ToolNode>,
): Move[] {
  if (!was) return []
  return node.dependencies.flatMap((dependency): Move[] => {
    const before = providersOf(was, dependency.name)
    const after = providersOf(node, dependency.name)
    if (!was.dependencies.some(({ name }) => name === dependency.name)) return []
    const [from, to] = [before.map(labelOf).sort(), after.map(labelOf).sort()]
    if (from.join() === to.join()) return []
    const [provider] = before
    const edges = node.edges.filter(edge => edge.dependency === dependency)
    const left = edges
      .flatMap(edge => edge.left)
      .find(each => provider && nameOf(each.node) === nameOf(provider))
    const isUnfilled = provider && to.length === 0
    return [
      {
        ...{ consumer: nameOf(node), dependency: dependency.name, provider, node },
        from: from.length === 0 ? undefined : from.join(', '),
        to: to.length === 0 ? undefined : to.join(', '),
        isRequired: dependency.required,
        reason: left?.left.reason ?? (isUnfilled ? whyNot(provider, edges, offered) : undefined),
      },
    ]
  })
}

/** Why a tool that filled a dependency is not even among those that could. */
function whyNot(
  provider: ToolNode,
  edges: readonly Edge[],
  offered: ReadonlyMap<string, ToolNode>,
): string {
  const asked = [...new Set(edges.map(({ alternative }) => alternative.capability))]
  if (!asked.includes(provider.tool.capability)) {
    const [other] = edges.flatMap(({ left }) => left)
    const others = other
      ? `which ${labelOf(other.node)} offers, but ${other.left.reason}`
      : 'which nothing offers'
    return `it asks for ${asked.map(name => `"${name}"`).join(' or ')} now, ${others}`
  }
  const still = offered.get(nameOf(provider))
  if (still) return `it offers "${still.tool.capability}" in place of "${provider.tool.capability}"`
  return 'it is gone'
}

/** Those that lead among what fills it. */
function providersOf(node: ConsumerNode, dependency: string): readonly ToolNode[] {
  const edge = node.edges.find(
    each => each.dependency.name === dependency && each.suited.length > 0,
  )
  return edge ? leadingOf(edge) : []
}

const labelOf = (node: ToolNode) => `${nameOf(node)}@${node.tool.version}`

/** Moves that leave a required dependency unfilled which was filled. */
export function brokenOf({ moves }: MeshChanges): Move[] {
  return moves.filter(
    ({ from, to, isRequired }) => isRequired && from !== undefined && to === undefined,
  )
}
