/**
 * A page of the agents, in the order of namespace and name. `continue` is the last key of the page, so the next page goes
 * on behind it whatever came or went in between, and never is too old.
 */
import { MeshError } from '../../model/error.ts'
import type { AgentList } from '../../model/registry-api.ts'
import type { Matches } from '../label-selector.ts'
import type { Mesh } from './mesh.ts'
import { resourceJson } from './resource.ts'

const COMMA = Buffer.from(',')

export interface ListQuery {
  /** Undefined for all. */
  namespace: string | undefined
  matches: Matches
  /** 0 for no bound. */
  limit: number
  /** What the page before gave. */
  token: string | undefined
}

/** JSON of an AgentList, in UTF-8. Throws MESH_USAGE_INVALID for a token that no page gave. */
export function listAgents(mesh: Mesh, { namespace, matches, limit, token }: ListQuery): Buffer {
  const after = token === undefined ? undefined : keyOf(token)
  const items: Buffer[] = []
  let last = ''
  const revision = mesh.revisions.current
  for (const entry of mesh.desired.after(after, namespace)) {
    if (!entry.desired || !matches(entry.desired.manifest.metadata.labels ?? {})) continue
    if (limit > 0 && items.length === limit) {
      return listJson(items, { revision, continue: tokenOf(last) })
    }
    const resource = resourceJson(entry)
    if (resource !== undefined) items.push(resource)
    last = entry.key
  }
  return listJson(items, { revision })
}

function listJson(items: readonly Buffer[], rest: Omit<AgentList, 'items'>): Buffer {
  const parts = items.flatMap((item, i) => (i === 0 ? [item] : [COMMA, item]))
  const end = Buffer.from(`],${JSON.stringify(rest).slice(1)}`)
  return Buffer.concat([Buffer.from('{"items":['), ...parts, end])
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
