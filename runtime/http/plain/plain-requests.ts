/**
 * Which requests an agent serves without node:http: what MCP takes at its path, of those whom the agent lets in, while its gate
 * is open. Whoever is refused is refused by server.ts, which has the words for it.
 */
import type { MeshError } from '../../../core/model/error.ts'
import type { Gate } from '../../gate.ts'
import type { PlainServing } from '../../mcp/serve.ts'
import type { Admission } from '../admission.ts'
import { problemOf } from '../reply.ts'
import type { PlainRequests } from './connection.ts'

export interface PlainRequestsOptions {
  /** Of the MCP endpoint, without a slash at its end. */
  path: string
  admission: Admission
  gate: Gate
  mcp: PlainServing
  /** Told of what went wrong; gives the words for the caller. */
  notServable: (error: unknown) => MeshError
}

export function plainRequests(options: PlainRequestsOptions): PlainRequests {
  const { path, admission, gate, mcp, notServable } = options
  return {
    isServed: ({ url, headers }) =>
      (url === path || url === `${path}/`) && mcp.isFor(headers) && isAdmitted(admission, headers),
    take(_head, body, exchange) {
      const leave = gate.isClosed ? undefined : gate.enter()
      if (!leave) return false
      exchange.onEnd = leave
      const fail = (error: unknown) => {
        const problem = notServable(error)
        exchange.reply(problem.status, `${JSON.stringify(problemOf(problem))}\n`)
      }
      try {
        const answered = mcp.take(body, exchange)
        if (answered) answered.catch(fail)
        else leave()
        return answered !== undefined
      } catch (error) {
        fail(error)
        return true
      }
    },
  }
}

function isAdmitted(
  admission: Admission,
  headers: Parameters<Admission['checkPlace']>[0],
): boolean {
  try {
    admission.checkPlace(headers)
    admission.checkToken(headers)
    return true
  } catch {
    return false // and server.ts, which asks again, says why
  }
}
