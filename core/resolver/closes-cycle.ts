/**
 * Whether a manifest closes a cycle of required dependencies, by what it changes: only an edge that was not there before can
 * close one. It is looked for from both ends, in turns, and the search is over when one end has nowhere to go. So the agents of
 * a chain, applied in whatever order, cost no walk along the whole of it, and one that is applied anew with the same edges none.
 */
import type { Agent } from '../model/agent.ts'
import { nameOf, requiredBy, requirersOf, type RequiredGraph, type ToolNode } from './graph.ts'

/** `before` is what it takes the place of. Nothing else closes a cycle yet, as far as it goes through these tools. */
export function closesCycle(
  agent: Agent,
  before: Agent | undefined,
  graphWith: (agent: Agent) => RequiredGraph,
): boolean {
  const graph = graphWith(agent)
  const old = before && { agent: before, graph: graphWith(before) }
  return agent.tools.some(tool => {
    const node = { agent, tool }
    const known = old?.agent.tools.find(({ name }) => name === tool.name)
    const isSame =
      old && known && !hasNewEdge(node, graph, { agent: old.agent, tool: known }, old.graph)
    return !isSame && isOnCycle(node, graph)
  })
}

function hasNewEdge(
  node: ToolNode,
  graph: RequiredGraph,
  before: ToolNode,
  graphBefore: RequiredGraph,
): boolean {
  const isNew = (nodes: readonly ToolNode[], known: readonly ToolNode[]) => {
    const names = new Set(known.map(nameOf))
    return nodes.some(each => !names.has(nameOf(each)))
  }
  return (
    isNew(requiredBy(node, graph.offering), requiredBy(before, graphBefore.offering)) ||
    isNew(requirersOf(node, graph), requirersOf(before, graphBefore))
  )
}

/** One end of the search: what it has reached, and what of that is still to be looked at. */
interface End {
  readonly reached: Set<string>
  readonly open: ToolNode[]
  readonly next: (node: ToolNode) => readonly ToolNode[]
}

function isOnCycle(start: ToolNode, graph: RequiredGraph): boolean {
  const target = nameOf(start)
  const end = (next: End['next']): End => ({ reached: new Set(), open: [start], next })
  const down = end(node => requiredBy(node, graph.offering))
  const up = end(node => requirersOf(node, graph))
  for (;;) {
    const [near, far] = down.reached.size <= up.reached.size ? [down, up] : [up, down]
    const node = near.open.pop()
    if (!node) return false
    for (const next of near.next(node)) {
      const name = nameOf(next)
      if (name === target || far.reached.has(name)) return true
      if (near.reached.has(name)) continue
      near.reached.add(name)
      near.open.push(next)
    }
  }
}
