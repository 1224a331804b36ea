/** Gives a request somebody to ask, in the way of its era, and turns the questions that end a run into their result. */
import {
  ProtocolError,
  type InputRequiredResult,
  type InputRequests,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Outgoing } from './answers.ts'
import { InputRequired, type Asker } from './asking.ts'
import { isRecord } from './content.ts'
import { openReplay } from './replay.ts'
import type { ServingServer } from './sdk-server.ts'

export interface AskingRequest {
  method: string
  /** Of the tool or prompt, or the URI. */
  name: string
  args: unknown
}

/** Throws a ProtocolError for a state that is not ours, and what `run` throws. */
export async function asked<T>(
  context: ServerContext,
  request: AskingRequest,
  serving: ServingServer,
  run: (asker: Asker | undefined) => Promise<T>,
): Promise<T | InputRequiredResult> {
  const { era, client, owned, sealer } = serving
  const { mcpReq } = context
  if (era === 'legacy') {
    const send = (outgoing: Outgoing) => serving.send(outgoing, mcpReq.id)
    return run(client?.sessions.answers.asker(client.session, send))
  }
  const state = mcpReq.requestState()
  const envelope: Record<string, unknown> = { ...mcpReq.envelope }
  const declared = envelope['io.modelcontextprotocol/clientCapabilities']
  const brought = {
    capabilities: isRecord(declared) ? declared : {},
    responses: mcpReq.inputResponses,
    state: typeof state === 'string' ? state : undefined,
  }
  const replay = await openReplay(brought, { ...owned, ...request }, sealer)
  if (!replay) {
    const data = { reason: 'invalid_request_state' }
    throw new ProtocolError(-32602, 'Invalid or expired requestState', data)
  }
  try {
    return await run(replay)
  } catch (error) {
    if (!(error instanceof InputRequired)) throw error
    const requests = error.questions.map(({ key, method, params }) => [key, { method, params }])
    return {
      resultType: 'input_required',
      inputRequests: Object.fromEntries(requests) as InputRequests,
      requestState: error.state ?? (await replay.seal(error)),
    }
  }
}
