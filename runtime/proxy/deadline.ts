/**
 * Bounds the whole call, all attempts included, by the policy or by what remains of the caller's own deadline, whichever
 * ends first. It is outermost, so that no layer can make a call longer than its caller waits.
 */
import { MeshError } from '../../core/model/error.ts'
import { formatDuration } from '../../core/model/duration.ts'
import type { Layer } from './call.ts'
import { withTimeLimit } from './time-limit.ts'

/** `edge` names the hop, `agent.tool -> dependency`. Throws MESH_DEADLINE_EXCEEDED. */
export const deadline =
  (deadlineMs: number, edge: string): Layer =>
  next =>
  async request => {
    const now = performance.now()
    const expiresAt = Math.min(now + deadlineMs, request.expiresAt)
    const ms = expiresAt - now
    const isOurs = ms >= deadlineMs
    const late = () =>
      new MeshError(
        'MESH_DEADLINE_EXCEEDED',
        isOurs
          ? `${edge}: no answer within the deadline of ${formatDuration(deadlineMs)}`
          : `${edge}: no answer within the ${formatDuration(Math.max(ms, 0))} that were left to this call`,
      )
    const { args, stream, record, passed } = request
    return withTimeLimit(ms, request.signal, late, signal =>
      next({ args, signal, expiresAt, stream, record, passed }),
    )
  }
