/** Bounds one attempt, so that a provider that hangs leaves time for another one within the deadline. Of a stream it bounds each silence. */
import { MeshError, hasCode } from '../../core/model/error.ts'
import { formatDuration } from '../../core/model/duration.ts'
import type { Layer } from './call.ts'
import { withSilenceLimit } from './silence-limit.ts'
import { withTimeLimit } from './time-limit.ts'

/** The provider is told the same bound and may notice its end a little earlier than we do. */
const clockSlackMs = 25

/** Throws MESH_TIMEOUT_ELAPSED; where the call's deadline is nearer, it leaves the word to that. */
export const attemptTimeout =
  (timeoutMs: number, edge: string): Layer =>
  next =>
  async request => {
    if (request.stream)
      return withSilenceLimit({ ...request, stream: request.stream }, next, { timeoutMs, edge })
    const ends = performance.now() + timeoutMs
    const { args, trail, endpoint, record, passed } = request
    if (ends >= request.expiresAt) return next(request)
    const elapsed = () =>
      new MeshError(
        'MESH_TIMEOUT_ELAPSED',
        `${edge}: ${request.endpoint?.url ?? 'the endpoint'} did not answer within ${formatDuration(timeoutMs)}`,
      )
    try {
      return await withTimeLimit(timeoutMs, request.signal, elapsed, signal =>
        next({ args, signal, expiresAt: ends, trail, endpoint, record, passed }),
      )
    } catch (error) {
      const isOurs = hasCode(error, 'MESH_DEADLINE_EXCEEDED') && !request.signal.aborted
      throw isOurs && performance.now() > ends - clockSlackMs ? elapsed() : error
    }
  }
