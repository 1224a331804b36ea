/**
 * Questions of a handler that runs at the owner of its session, for a client that called here. A client of MCP 2026-07-28 gets them
 * as the owner has put them, and may bring its answers to any instance. An older one is asked from here, and the call is
 * handed on again with what it says.
 */
import type { Asker, InputRequired } from '../mcp/asking.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import type { HandedOn } from './forward.ts'

/** The call to hand on next. Throws the questions where the client gets them as the answer, and what asking throws. */
export async function answered(
  invocation: HandedOn,
  required: InputRequired,
  { asker, signal }: Pick<HandedOn, 'asker' | 'signal'>,
): Promise<HandedOn> {
  if (!asker || asker.brought) throw required
  const run = new Cancellation()
  const onAbort = () => run.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    const answers = await Promise.all(
      required.questions.map(
        async question => [question.key, await asker.ask(question, run)] as const,
      ),
    )
    const responses = Object.fromEntries(answers)
    const { state } = required
    return { ...invocation, brought: { responses, state }, asker: knowing(asker, responses) }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** For the case that the session, and with it the run, comes here meanwhile. */
function knowing(asker: Asker, answers: Readonly<Record<string, unknown>>): Asker {
  return {
    capabilities: asker.capabilities,
    ask: (question, run) =>
      Object.hasOwn(answers, question.key)
        ? Promise.resolve(answers[question.key])
        : asker.ask(question, run),
  }
}
