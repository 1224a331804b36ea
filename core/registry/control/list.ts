/**
 * A page of the agents, in the order of namespace and name. `continue` is the last key of the page, so the next page goes
 * on behind it whatever came or went in between, and never is too old.
 */
import { MeshError } from '../../model/error.ts'
import type { AgentList, AgentResource } from '../../model/registry-api.ts'
import type { Matches } from '../label-selector.ts'
import type { Mesh } from './mesh.ts'
import { resourceOf } from './resource.ts'

export interface ListQuery {
  /** Undefined for all. */
  namespace: string | undefined
  matches: Matches
  /** 0 for no bound. */
  limit: number
  /** What the page before gave. */
  token: string | undefined
}

/** Throws MESH_USAGE_INVALID for a token that no page gave. */
export function listAgents(mesh: Mesh, { namespace, matches, limit, token }: ListQuery): AgentList {
  const after = token === undefined ? undefined : keyOf(token)
  const items: AgentResource[] = []
  let last = ''
  const revision = mesh.revisions.current
  for (const entry of mesh.desired.after(after, namespace)) {
    if (!entry.desired || !matches(entry.desired.manifest.metadata.labels ?? {})) continue
    if (limit > 0 && items.length === limit) return { items, revision, continue: tokenOf(last) }
    const resource = resourceOf(entry)
    if (resource) items.push(resource)
    last = entry.key
  }
  return { items, revision }
}

function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url')
}

function keyOf(token: string): string {
  const key = Buffer.from(token, 'base64url').toString()
  if (/^[a-z0-9-]{1,63}\/[a-z0-9-]{1,63}$/.test(key)) return key
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `continue "${token.slice(0, 100)}" comes from no page`,
    'send what the page before gave as continue, or begin without it',
  )
}
