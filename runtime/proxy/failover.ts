/**
 * Sends a call to another endpoint when one fails, but never what may already have run: only after a proof that it was
 * not executed (no connection came about, or a refusal before execution), or when the provider declares the tool
 * repeatable. Each endpoint is asked once, so a call costs at most as many attempts as there are endpoints.
 */
import { hasCode } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Layer } from './call.ts'

export const failover =
  (endpoints: readonly Endpoint[]): Layer =>
  next =>
  async request => {
    const { args, signal, expiresAt } = request // one by one: a spread costs more than the layer
    const tried = new Set<Endpoint>()
    for (;;) {
      try {
        return await next({ args, signal, expiresAt, tried })
      } catch (error) {
        const isRepeatable = [...tried].every(endpoint => endpoint.isRepeatable)
        const isLast = tried.size >= endpoints.length || signal.aborted
        if (isLast || !(isUnexecuted(error) || (isRepeatable && isBroken(error)))) throw error
      }
    }
  }

/** The provider has provably not begun. */
export function isUnexecuted(error: unknown): boolean {
  return hasCode(error, 'MESH_ENDPOINT_UNREACHABLE') || hasCode(error, 'MESH_ENDPOINT_DRAINING')
}

function isBroken(error: unknown): boolean {
  return hasCode(error, 'MESH_CALL_INTERRUPTED') || hasCode(error, 'MESH_TIMEOUT_ELAPSED')
}
