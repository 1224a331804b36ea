/** What tells two definitions of a tool apart: all that others rely on in it, as one digest. */
import { createHash } from 'node:crypto'
import type { AgentTool } from '../model/agent.ts'
import { canonicalJson } from './digest.ts'

/** What others rely on in a tool. */
export type ToolFacts = Pick<
  AgentTool,
  'capability' | 'version' | 'tags' | 'description' | 'inputSchema' | 'outputSchema' | 'annotations'
>

export function factsOf(tool: AgentTool): ToolFacts {
  const { capability, version, tags, description, inputSchema, outputSchema, annotations } = tool
  return {
    ...{ capability, version, tags: [...tags].sort(), description },
    ...{ inputSchema, outputSchema, annotations },
  }
}

const known = new WeakMap<AgentTool, string>()

/** That of a tool, computed once for as long as it lives. */
export function digestOf(tool: AgentTool): string {
  let digest = known.get(tool)
  if (digest === undefined) known.set(tool, (digest = toolDigest(factsOf(tool))))
  return digest
}

/** `sha256:` and 64 hex digits. */
export function toolDigest(facts: ToolFacts): string {
  return `sha256:${createHash('sha256').update(canonicalJson(facts)).digest('hex')}`
}
