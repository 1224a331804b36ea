/**
 * Questions to clients before MCP 2026-07-28: a request on the event stream that answers the call, whose answer the client
 * posts by itself. The handler waits for it meanwhile.
 */
import { randomUUID } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import { longestAnswerMs, type ClientStore } from '../clients/store.ts'
import { sleep } from '../../core/model/sleep.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import { StoreLost } from '../sessions/store.ts'
import { missing, type Asker, type Question } from './asking.ts'
import { checkAnswer } from './check-answer.ts'
import { isRecord } from './content.ts'

/** For so long an answer waits for a store that is away, in milliseconds. */
const handOnMs = 3_000
/** So long after a store is back questions may not be known to it. */
const settleMs = 1_500

export interface Outgoing {
  jsonrpc: '2.0'
  id: string
  method: string
  params: Record<string, unknown>
}

/** Of all sessions of this process: who waits for which answer. */
export class Answers {
  readonly #waiting = new Map<string, { session: string; settle: (message: object) => void }>()
  readonly #store: ClientStore
  #backAt = -Infinity

  constructor(store: ClientStore) {
    this.#store = store
  }

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

  /**
   * Hands a posted response to whoever waits for it, here or at another instance; one that nobody of the session waits for
   * is dropped. Rejects with StoreLost where it cannot be handed on.
   */
  async take(session: string, message: object): Promise<void> {
    const id = 'id' in message ? String(message.id) : ''
    const waiting = this.#waiting.get(id)
    if (!waiting) return this.#handOn(session, id, message)
    if (waiting.session === session) waiting.settle(message)
  }

  /** Clients do not send an answer twice, so it outlives a restart of the store. */
  async #handOn(session: string, id: string, message: object): Promise<void> {
    const end = performance.now() + handOnMs
    for (;;) {
      try {
        const isTaken = await this.#store.answer(session, id, message)
        // Whoever asked while the store was away says so when it is back.
        if (isTaken || performance.now() - this.#backAt > settleMs) return
      } catch (error) {
        if (!(error instanceof StoreLost) || performance.now() > end) throw error
      }
      await sleep(100)
    }
  }

  /** Fetches the answer that has come to another instance, where it is waited for here. */
  async fetch(session: string, id: string): Promise<void> {
    const waiting = this.#waiting.get(id)
    if (waiting?.session !== session) return
    const message = await this.#store.answerTo(session, id).catch(ignoreLoss)
    if (message) waiting.settle(message)
  }

  /** Says again what is asked, and fetches what may have come unheard. */
  fetchAll(): void {
    this.#backAt = performance.now()
    for (const [id, { session }] of this.#waiting) {
      void this.#store
        .asks(session, id)
        .then(() => this.fetch(session, id))
        .catch(ignoreLoss)
    }
  }

  async #ask(
    session: string,
    { method, params }: Question,
    { send, run }: { send: (request: Outgoing) => Promise<void>; run: Cancellation },
  ): Promise<object> {
    const id = randomUUID()
    // Without a store the answer has to come to this instance.
    await this.#store.asks(session, id).catch(ignoreLoss)
    let timer: NodeJS.Timeout | undefined
    let onAbort = () => undefined as void
    try {
      return await new Promise<object>((resolve, reject) => {
        this.#waiting.set(id, { session, settle: resolve })
        onAbort = () => reject(run.reason)
        run.addEventListener('abort', onAbort)
        const late = () => reject(unanswered(method))
        timer = setTimeout(late, longestAnswerMs).unref()
        send({ jsonrpc: '2.0', id, method, params }).catch(reject)
      })
    } finally {
      this.#waiting.delete(id)
      clearTimeout(timer)
      run.removeEventListener('abort', onAbort)
      void this.#store.settle(session, id).catch(ignoreLoss) // it expires by itself
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

/** The link tells of it. */
function ignoreLoss(error: unknown): undefined {
  if (!(error instanceof StoreLost)) throw error
}

function unanswered(method: string): MeshError {
  const found = `the client did not answer ${method} within ${longestAnswerMs / 60_000} minutes`
  return new MeshError('MESH_TIMEOUT_ELAPSED', found, 'answer sooner')
}
