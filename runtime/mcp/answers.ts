/**
 * Questions to clients before MCP 2026-07-28: a request on the event stream that answers the call, whose answer the client
 * posts by itself. The handler waits for it meanwhile.
 */
import { randomUUID } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import { missing, type Asker, type Question } from './asking.ts'
import { checkAnswer } from './check-answer.ts'
import { isRecord } from './content.ts'

/** The longest that a client may take over an answer, in milliseconds. */
const longestMs = 10 * 60_000

export interface Outgoing {
  jsonrpc: '2.0'
  id: string
  method: string
  params: Record<string, unknown>
}

/** Of all sessions of this process: who waits for which answer. */
export class Answers {
  readonly #waiting = new Map<string, { session: string; settle: (message: object) => void }>()

  /** For one call of a session; `send` puts a request onto the stream of the call, or rejects. */
  asker(
    session: { id: string; capabilities: Asker['capabilities'] },
    send: (request: Outgoing) => Promise<void>,
  ): Asker {
    const { capabilities, id } = session
    return {
      capabilities,
      ask: async (question, run) => {
        const lacking = missing(question, capabilities)
        if (lacking) throw lacking
        return answerOf(question, await this.#ask(id, question, { send, run }))
      },
    }
  }

  /** Hands a posted response to whoever waits for it; one that nobody of the session waits for is dropped. */
  take(session: string, message: object): void {
    const id = 'id' in message ? String(message.id) : ''
    const waiting = this.#waiting.get(id)
    if (waiting?.session === session) waiting.settle(message)
  }

  async #ask(
    session: string,
    { method, params }: Question,
    { send, run }: { send: (request: Outgoing) => Promise<void>; run: Cancellation },
  ): Promise<object> {
    const id = randomUUID()
    let timer: NodeJS.Timeout | undefined
    let onAbort = () => undefined as void
    try {
      return await new Promise<object>((resolve, reject) => {
        this.#waiting.set(id, { session, settle: resolve })
        onAbort = () => reject(run.reason)
        run.addEventListener('abort', onAbort)
        const late = () => reject(unanswered(method))
        timer = setTimeout(late, longestMs).unref()
        send({ jsonrpc: '2.0', id, method, params }).catch(reject)
      })
    } finally {
      this.#waiting.delete(id)
      clearTimeout(timer)
      run.removeEventListener('abort', onAbort)
    }
  }
}

function answerOf(question: Question, message: object): unknown {
  const { method } = question
  const { result, error } = message as Record<string, unknown>
  if (isRecord(error)) {
    const found = `the client answered ${method} with an error: ${String(error['message'])}`
    throw new MeshError('MESH_ANSWER_INVALID', found)
  }
  const faults = checkAnswer(question, result)
  if (faults.length === 0) return result
  const found = `the client's answer to ${method} is none: ${faults.join('; ')}`
  throw new MeshError('MESH_ANSWER_INVALID', found)
}

function unanswered(method: string): MeshError {
  const found = `the client did not answer ${method} within ${longestMs / 60_000} minutes`
  return new MeshError('MESH_TIMEOUT_ELAPSED', found, 'answer sooner')
}
