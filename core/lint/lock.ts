/**
 * mesh.lock: what every tool of a mesh is, and which tool fills each dependency, as it was when somebody last looked at it.
 * JSON with sorted keys, so that a review shows what changed; schemas stand in it, as a digest alone cannot say whether a
 * change breaks anybody.
 */
import { createHash } from 'node:crypto'
import { canonicalJson } from '../manifest/digest.ts'
import { isRecord } from '../manifest/record.ts'
import type { SetMember } from '../manifest/check-set.ts'
import type { AgentTool } from '../model/agent.ts'
import { MeshError } from '../model/error.ts'
import { leadingOf } from './ambiguous-providers.ts'
import { meshOf, nameOf } from './mesh-view.ts'
import type { ToolFacts } from './tool-changes.ts'

export const lockName = 'mesh.lock'

/** One tool as it was; the digest covers the other fields. */
export type LockedTool = ToolFacts & { digest: string }

export interface Lock {
  lockVersion: 1
  /** By `namespace/agent.tool`. */
  tools: Record<string, LockedTool>
  /** By `namespace/agent.tool/dependency`: those that lead, as `namespace/agent.tool@version`. */
  uses: Record<string, string[]>
}

export function lockOf(members: readonly SetMember[]): Lock {
  const { nodes } = meshOf(members)
  const tools = nodes.map((node): [string, LockedTool] => [nameOf(node), lockedTool(node.tool)])
  const uses = nodes.flatMap(node =>
    node.filled.map((edge): [string, string[]] => {
      const leading = leadingOf(edge).map(each => `${nameOf(each)}@${each.tool.version}`)
      return [`${nameOf(node)}/${edge.dependency.name}`, leading.sort()]
    }),
  )
  return { lockVersion: 1, tools: sorted(tools), uses: sorted(uses) }
}

function lockedTool(tool: AgentTool): LockedTool {
  const { capability, version, tags, description, inputSchema, outputSchema, annotations } = tool
  const facts = {
    ...{ capability, version, tags: [...tags].sort(), description },
    ...{ inputSchema, outputSchema, annotations },
  }
  return { ...facts, digest: digestOfTool(facts) }
}

/** `sha256:` and 64 hex digits. */
export function digestOfTool(facts: ToolFacts): string {
  return `sha256:${createHash('sha256').update(canonicalJson(facts)).digest('hex')}`
}

function sorted<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function lockText(lock: Lock): string {
  const { lockVersion, tools, uses } = lock
  const bySortedKeys = (_: string, value: unknown) =>
    isRecord(value) ? sorted(Object.entries(value)) : value
  return `${JSON.stringify({ lockVersion, tools, uses }, bySortedKeys, 2)}\n`
}

/** Throws MESH_LOCK_INVALID for what is none, and for a tool whose digest is not that of its fields. */
export function readLock(text: string, name: string): Lock {
  const mend = 'take it from the last commit, or write it anew with meshctl lock'
  const invalid = (found: string, cause?: unknown) =>
    new MeshError('MESH_LOCK_INVALID', `${name} ${found}`, mend, { cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const isMerge = /^[<=>]{7}( |$)/m.test(text)
    throw invalid(isMerge ? 'holds the marks of a merge' : 'is no JSON', cause)
  }
  if (!isRecord(value) || value.lockVersion !== 1) throw invalid('has no lockVersion 1')
  const { tools, uses } = value
  if (!isRecord(tools) || !isRecord(uses)) throw invalid('has no tools and uses')
  for (const [tool, facts] of Object.entries(tools)) {
    if (!isLockedTool(facts)) throw invalid(`has no whole description of ${tool}`)
    const { digest, ...rest } = facts
    if (digestOfTool(rest) !== digest)
      throw invalid(`was changed by hand: the digest of ${tool} is not that of what it says`)
  }
  for (const [use, names] of Object.entries(uses)) {
    if (!Array.isArray(names) || !names.every(each => typeof each === 'string'))
      throw invalid(`has no list of tools for ${use}`)
  }
  return { lockVersion: 1, tools: tools as Lock['tools'], uses: uses as Lock['uses'] }
}

function isLockedTool(value: unknown): value is LockedTool {
  return (
    isRecord(value) &&
    ['capability', 'version', 'description', 'digest'].every(
      key => typeof value[key] === 'string',
    ) &&
    Array.isArray(value.tags) &&
    isRecord(value.inputSchema) &&
    isRecord(value.annotations) &&
    (value.outputSchema === undefined || isRecord(value.outputSchema))
  )
}
