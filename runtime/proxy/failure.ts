/**
 * What a failed attempt says: by which cause it failed, whether the tool can have run, and whether it speaks of the
 * provider at all. Retry, breaker and ejection go by this one table.
 */
import type { Code } from '../../core/model/codes.ts'
import type { RetryCause } from '../../core/model/call-policy.ts'
import { MeshError } from '../../core/model/error.ts'

export interface Failure {
  cause: Exclude<RetryCause, 'error'>
  /** The provider has provably not begun. */
  isUnexecuted: boolean
  /** It takes calls as it should, only no more of them now: it is picked less, and not ejected. */
  isBusy?: boolean
}

const failures: Partial<Record<Code, Failure>> = {
  MESH_ENDPOINT_UNREACHABLE: { cause: 'unavailable', isUnexecuted: true },
  MESH_ENDPOINT_DRAINING: { cause: 'unavailable', isUnexecuted: true },
  MESH_SERVER_UNAVAILABLE: { cause: 'unavailable', isUnexecuted: true },
  MESH_TOOL_BUSY: { cause: 'unavailable', isUnexecuted: true, isBusy: true },
  MESH_CALL_INTERRUPTED: { cause: 'unavailable', isUnexecuted: false },
  MESH_TIMEOUT_ELAPSED: { cause: 'timeout', isUnexecuted: false },
}

/** HTTP statuses by which something between us and the provider says that it got no answer from it. */
const gatewayStatuses = new Set<unknown>([502, 503, 504])

/** Undefined for what speaks of the call, the caller or the tool, and not of how the provider can be had. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof MeshError)) return undefined
  const isGateway =
    error.code === 'MESH_CALL_INVALID' && gatewayStatuses.has(error.details?.['status'])
  return failures[isGateway ? 'MESH_CALL_INTERRUPTED' : error.code]
}

/** The provider has provably not begun. */
export function isUnexecuted(error: unknown): boolean {
  return failureOf(error)?.isUnexecuted === true
}

/** How long the provider asks to be left alone, in milliseconds; 0 where it does not say. */
export function retryAfterOf(error: unknown): number {
  const ms = error instanceof MeshError ? error.details?.['retryAfterMs'] : undefined
  return typeof ms === 'number' && ms > 0 ? ms : 0
}
