/**
 * Which instance owns which session, as answers have told: the next call of the session goes there at once and need not be
 * handed on. Only a hint: it names one of the endpoints that the registry has resolved, never an address, and whoever is
 * asked in vain knows the way. The sessions that were used last are remembered, so many in all.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { ToolResult } from './values.ts'

/** In a result's `_meta`: `{ id, expiresAt, owner }`, the handle, until when it is good, and the instance that owns it. */
export const sessionKey = 'mcp-mesh.dev/session'

export interface SessionOwners {
  /** The instance that owns the session that the arguments name; undefined where it is not known. */
  of(argument: string, args: Readonly<Record<string, unknown>>): string | undefined
  /** Takes what the answer of an endpoint says. */
  learn(endpoint: Endpoint, result: ToolResult): void
}

/** Longer texts are no handles. */
const longest = 256

export function createSessionOwners(most = 10_000): SessionOwners {
  /** By handle, the one that was used last at the end. */
  const owners = new Map<string, string>()
  return {
    of(argument, args) {
      const handle = args[argument]
      if (typeof handle !== 'string') return undefined
      const owner = owners.get(handle)
      if (owner === undefined) return undefined
      owners.delete(handle)
      owners.set(handle, owner)
      return owner
    },
    learn({ session }, { _meta }) {
      const about = _meta?.[sessionKey] as Record<string, unknown> | null | undefined
      if (session === undefined || typeof about !== 'object' || about === null) return
      const { id, owner, hasEnded } = about
      if (typeof id !== 'string' || id.length > longest) return
      owners.delete(id)
      if (hasEnded === true || typeof owner !== 'string' || owner.length > longest) return
      owners.set(id, owner)
      if (owners.size > most) for (const first of owners.keys()) return void owners.delete(first)
    },
  }
}
