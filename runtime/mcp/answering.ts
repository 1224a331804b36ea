/**
 * Between the eras: an agent that needs input ends its run with questions and is called again with their answers; a client
 * before 2026-07-28 is asked while its call runs. The questions go to whoever can be asked, and the call is made again.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Asker, AskMethod, Question } from './asking.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'
import { isRecord } from './content.ts'

/** So often one call may ask, whatever its agent does. */
const maxRounds = 32

const methods: readonly AskMethod[] = ['elicitation/create', 'sampling/createMessage', 'roots/list']

type Result = Record<string, unknown>

/** `call` is given what a repeat brings beside the params of the first. Throws what the asker throws, and MESH_CALL_INVALID. */
export async function answering(
  { asker, signal }: { asker?: Asker | undefined; signal: CancelSignal },
  call: (more: Record<string, unknown>) => Promise<Result>,
): Promise<Result> {
  let more: Record<string, unknown> = {}
  for (let round = 0; round < maxRounds; round++) {
    const result = await call(more)
    if (result['resultType'] !== 'input_required' || !asker) return result
    const { inputRequests, requestState } = result
    const questions = questionsIn(inputRequests)
    const inputResponses = await askAll(questions, asker, signal)
    more = { ...(requestState !== undefined && { requestState }), inputResponses }
  }
  throw new MeshError('MESH_CALL_INVALID', `the agent asks for input more than ${maxRounds} times`)
}

/** Those of a result that requires input. Throws MESH_CALL_INVALID. */
export function questionsIn(requests: unknown): Question[] {
  return Object.entries(isRecord(requests) ? requests : {}).map(([key, request]) => {
    const { method, params = {} } = isRecord(request) ? request : {}
    const known = methods.find(one => one === method)
    if (known && isRecord(params)) return { key, method: known, params }
    throw new MeshError(
      'MESH_CALL_INVALID',
      `the agent asks for ${String(method)}, which is no input`,
    )
  })
}

/** All at once, by their keys. */
async function askAll(
  questions: readonly Question[],
  asker: Asker,
  signal: CancelSignal,
): Promise<Record<string, unknown>> {
  const run = new Cancellation()
  const onAbort = () => run.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const ended = new Promise<never>((_, reject) => {
    run.addEventListener('abort', () => reject(run.reason)) // with InputRequired where the client answers by a new call
  })
  ended.catch(() => undefined) // it may come after the answers
  try {
    const answers = questions.map(async question => [
      question.key,
      await Promise.race([asker.ask(question, run), ended]),
    ])
    return Object.fromEntries(await Promise.all(answers)) as Record<string, unknown>
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
