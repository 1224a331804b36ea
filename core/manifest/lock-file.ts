/**
 * mesh.lock: what every tool of a mesh is, and which tool fills each dependency, as it was when somebody last looked at it.
 * JSON with sorted keys, so that a review shows what changed; schemas stand in it, as a digest alone cannot say whether a
 * change breaks anybody.
 */
import { readFile } from 'node:fs/promises'
import type { AgentTool } from '../model/agent.ts'
import { MeshError } from '../model/error.ts'
import { isRecord } from './record.ts'
import { factsOf, toolDigest, type ToolFacts } from './tool-digest.ts'

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

/** The tool as the lock has it. */
export function lockedTool(tool: AgentTool): LockedTool {
  const facts = factsOf(tool)
  return { ...facts, digest: toolDigest(facts) }
}

/** The lock in a file that people know as `name`. Throws MESH_LOCK_INVALID, also where there is none. */
export async function readLockFile(file: string, name: string): Promise<Lock> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code})`
    throw new MeshError('MESH_LOCK_INVALID', `${name} ${found}`, undefined, { cause })
  })
  return readLock(text, name)
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
    if (toolDigest(rest) !== digest)
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
