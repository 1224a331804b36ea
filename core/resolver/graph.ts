/**
 * Cycles of required dependencies. An edge goes from a tool to every tool that could fill one of its required
 * dependencies by tags, version and schemas, whoever is alive: a cycle is refused before anybody hangs in it.
 */
import type { Agent, AgentTool } from '../model/agent.ts'
import { unsuited, wantOf } from './filter.ts'
import { compareText } from './rank.ts'

/** A tool as a node of the graph. */
export interface ToolNode {
  agent: Agent
  tool: AgentTool
}

/** The tools that offer a capability in a namespace, as far as manifests say. */
export type ToolsOf = (namespace: string, capability: string) => Iterable<ToolNode>

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

function requiredBy({ agent, tool }: ToolNode, toolsOf: ToolsOf): ToolNode[] {
  const wants = tool.dependencies
    .filter(dependency => dependency.required)
    .flatMap(dependency => dependency.alternatives)
    .map(alternative => wantOf(agent.namespace, alternative))
  return wants
    .flatMap(want =>
      [...toolsOf(want.namespace, want.capability)].filter(
        ({ tool }) => !unsuited(want, { version: tool.version, tags: tool.tags, schemas: tool }),
      ),
    )
    .sort((a, b) => compareText(nameOf(a), nameOf(b)))
}

function nameOf({ agent, tool }: ToolNode): string {
  return `${agent.name}/${tool.name}`
}
