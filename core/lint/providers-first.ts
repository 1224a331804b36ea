/**
 * Tools in an order in which each comes after those that fill its dependencies, so that what a rule works out of a tool is
 * there when its consumers are looked at. Of a circle the tool that closes it comes before what it asks.
 */
import type { MeshView, ToolNode } from './mesh-view.ts'

/** Depth first, with a stack of its own: a chain of manifests may be longer than the call stack. */
export function providersFirst({ nodes }: MeshView): ToolNode[] {
  const order: ToolNode[] = []
  const seen = new Set<ToolNode>()
  for (const start of nodes) {
    if (seen.has(start)) continue
    seen.add(start)
    const stack = [{ node: start, below: belowOf(start) }]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.below.next()
      if (next.done === true) {
        order.push(top.node)
        stack.pop()
      } else if (!seen.has(next.value)) {
        seen.add(next.value)
        stack.push({ node: next.value, below: belowOf(next.value) })
      }
    }
  }
  return order
}

function* belowOf(node: ToolNode): Generator<ToolNode, undefined> {
  for (const edge of node.filled) yield* edge.suited
  return undefined
}
