/**
 * Cycles of required dependencies. An edge goes from a tool to every tool that could fill one of its required
 * dependencies by tags, version and schemas, whoever is alive: a cycle is refused before anybody hangs in it.
 */
import type { Agent, AgentTool } from '../model/agent.ts'
import { unsuited, wantOf, type Want } from './filter.ts'
import { compareText } from './rank.ts'

/** A tool as a node of the graph. */
export interface ToolNode {
  agent: Agent
  tool: AgentTool
}

/** The tools that offer a capability in a namespace, as far as manifests say. */
export type ToolsOf = (namespace: string, capability: string) => Iterable<ToolNode>

/** The tools of a namespace by a capability: those that offer it, and those that require it. */
export interface RequiredGraph {
  offering: ToolsOf
  requiring: ToolsOf
}

/** The first cycle that leads through a tool of the agent, `[a/tool, b/tool, a/tool]`; undefined when there is none. */
export function findRequiredCycle(agent: Agent, toolsOf: ToolsOf): string[] | undefined {
  for (const tool of agent.tools) {
    const cycle = pathBack({ agent, tool }, toolsOf)
    if (cycle) return cycle
  }
  return undefined
}

/** Depth first, with a stack of its own: a chain of manifests may be longer than the call stack. */
function pathBack(start: ToolNode, toolsOf: ToolsOf): string[] | undefined {
  const target = nameOf(start)
  const visited = new Set<string>()
  const path: { name: string; next: ToolNode[] }[] = [
    { name: target, next: requiredBy(start, toolsOf) },
  ]
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const node = top.next.shift()
    if (!node) {
      path.pop()
      continue
    }
    const name = nameOf(node)
    if (name === target) return [...path.map(step => step.name), name]
    if (visited.has(name)) continue
    visited.add(name)
    path.push({ name, next: requiredBy(node, toolsOf) })
  }
  return undefined
}

/** Who could fill a required dependency of the tool, by name. */
export function requiredBy(node: ToolNode, toolsOf: ToolsOf): ToolNode[] {
  return requiredWants(node)
    .flatMap(want =>
      [...toolsOf(want.namespace, want.capability)].filter(offer => suits(want, offer)),
    )
    .sort((a, b) => compareText(nameOf(a), nameOf(b)))
}

/** Whose required dependency the tool could fill. */
export function requirersOf(node: ToolNode, { requiring }: RequiredGraph): ToolNode[] {
  const { capability } = node.tool
  const isFilled = (requirer: ToolNode) =>
    requiredWants(requirer).some(want => want.capability === capability && suits(want, node))
  return [...requiring(node.agent.namespace, capability)].filter(isFilled)
}

/** The capabilities that a tool cannot do without, any of its alternatives. */
export function requiredWants({ agent, tool }: ToolNode): Want[] {
  return tool.dependencies
    .filter(dependency => dependency.required)
    .flatMap(dependency => dependency.alternatives)
    .map(alternative => wantOf(agent.namespace, alternative))
}

function suits(want: Want, { tool }: ToolNode): boolean {
  return !unsuited(want, { version: tool.version, tags: tool.tags, schemas: tool })
}

export function nameOf({ agent, tool }: ToolNode): string {
  return `${agent.name}/${tool.name}`
}
