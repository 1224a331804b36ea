/**
 * Cycles of required dependencies: nothing in one ever becomes available. Each is told once, at the dependency that closes
 * it, as the registry refuses it (core/resolver/graph.ts); one walk over the whole graph finds them.
 */
import { faultOf } from '../manifest/fault.ts'
import { nameOf, type Edge, type ToolNode } from './mesh-view.ts'
import { namesText, someText } from './trail.ts'
import type { Finding, Scene } from './rules.ts'

interface Step {
  node: ToolNode
  /** Edge that led here; undefined for the start. */
  by: Edge | undefined
  next: { edge: Edge; node: ToolNode }[]
}

/** Depth first, with a stack of its own: a chain of manifests may be longer than the call stack. */
export function requiredCycles({ mesh, placeOf }: Scene): Finding[] {
  const findings: Finding[] = []
  const done = new Set<ToolNode>()
  for (const start of mesh.nodes) {
    if (done.has(start)) continue
    const stack: Step[] = [{ node: start, by: undefined, next: requiredBy(start) }]
    const open = new Map([[start, 0]])
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const step = top.next.shift()
      if (!step) {
        done.add(top.node)
        open.delete(top.node)
        stack.pop()
        continue
      }
      const from = open.get(step.node)
      if (from !== undefined) findings.push(cycle([...stack.slice(from)], step.edge, placeOf))
      else if (!done.has(step.node)) {
        open.set(step.node, stack.length)
        stack.push({ node: step.node, by: step.edge, next: requiredBy(step.node) })
      }
    }
  }
  return findings
}

function requiredBy(node: ToolNode): Step['next'] {
  return node.edges
    .filter(({ dependency }) => dependency.required)
    .flatMap(edge => edge.suited.map(node => ({ edge, node })))
}

function cycle(steps: readonly Step[], closing: Edge, placeOf: Scene['placeOf']): Finding {
  const [first] = steps
  const names = [...steps, ...(first ? [first] : [])].map(({ node }) => nameOf(node))
  const places = steps.slice(1).flatMap(({ by }) => (by ? placeOf(by.from.member, by.path) : []))
  const also = places.length === 0 ? '' : ` (the others stand at ${someText(places)})`
  const message = `required dependencies form a cycle: ${namesText(names)}${also}`
  return {
    member: closing.from.member,
    fault: faultOf('MESH_DEPENDENCY_CYCLE', closing.path, message, {
      at: 'key',
      mend: 'write required: false on one of them, or tell the providers apart by tags or version',
    }),
  }
}
