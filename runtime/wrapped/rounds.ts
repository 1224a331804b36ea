/**
 * Questions of a wrapped server of 2026-07-28, which answers a call with them and is called again. A client of the same era gets them
 * as the answer to its own call, with the server's state within ours; any other is asked while its call waits.
 */
import { InputRequired, missing, type Asker } from '../mcp/asking.ts'
import { answering, questionsIn } from '../mcp/answering.ts'
import type { Carried } from '../mcp/held-run.ts'
import type { PausingCaller } from '../mcp/held-runs.ts'

type Result = Record<string, unknown>

/** `call` is given what a repeat brings. Throws InputRequired, MESH_CLIENT_INCAPABLE and what `call` throws. */
export async function rounds(
  asking: PausingCaller,
  signal: AbortSignal,
  call: (round: Readonly<Record<string, unknown>>) => Promise<Result>,
): Promise<Result> {
  const { rounds: brought, capabilities } = asking
  if (!brought) {
    const asker: Asker = { capabilities, ask: question => asking.ask(question) }
    return answering({ asker, signal }, call)
  }
  const { responses = {}, state } = brought
  // The SDK gives a call that brought none an empty object, which a server would take for a second round.
  const hasResponses = state !== undefined || Object.keys(responses).length > 0
  const result = await call({
    ...(hasResponses && { inputResponses: responses }),
    ...(state !== undefined && { requestState: state }),
  })
  if (result['resultType'] !== 'input_required') return result
  const questions = questionsIn(result['inputRequests'])
  for (const question of questions) {
    const lacking = missing(question, capabilities)
    if (lacking) throw lacking
  }
  const carried: Carried = { server: result['requestState'] }
  throw new InputRequired(questions, { carried: JSON.stringify(carried) })
}
