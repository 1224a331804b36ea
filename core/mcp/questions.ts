/**
 * What a server of before 2026-07-28 asks its client while it works on a call. On HTTP the stream on which a question comes says
 * of which call it is; elsewhere nothing does, and it is for whoever answers to find out.
 */
import { ProtocolError, type ClientCapabilities } from '@modelcontextprotocol/client'
import type { SortingClient } from './list-tools.ts'

export const askMethods = ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const

export interface ServerQuestion {
  method: (typeof askMethods)[number]
  params: Record<string, unknown>
  /** Aborts when the server wants the answer no more, or is gone. */
  signal: AbortSignal
}

export interface Questions {
  /** What the server is told at the handshake; requests of the modern era say it themselves. */
  declared: ClientCapabilities
  /**
   * `token` is that of the call on whose stream it came, undefined where nothing says it. Rejects with a ProtocolError, as
   * which the server is told of it.
   */
  answer(question: ServerQuestion, token: object | undefined): Promise<Record<string, unknown>>
  /** The id of the request on whose stream the question with this id came. */
  streamOf(question: string | number): string | number | undefined
}

export interface AskedDuring {
  /** While `sent` runs, which was made with these headers, questions on its stream have the token. */
  during<T>(token: object, headers: object, sent: Promise<T>): Promise<T>
}

/** Has the client answer questions; without `questions` they are refused. */
export function answerQuestions(
  client: SortingClient,
  questions: Questions | undefined,
): AskedDuring {
  /** Requests that were sent, by the headers that they were made with. */
  const ids = new WeakMap<object, unknown>()
  const tokens = new Map<unknown, object>()
  client.onSent = (id, headers) => {
    if (headers) ids.set(headers, id)
  }
  client.fallbackRequestHandler = async ({ id, method, params = {} }, { mcpReq }) => {
    const known = askMethods.find(one => one === method)
    if (!questions || !known) {
      const found = `${method} is not answered here: this client declares nothing that it could be asked`
      throw new ProtocolError(-32601, found)
    }
    const stream = questions.streamOf(id)
    const token = stream === undefined ? undefined : tokens.get(stream)
    return questions.answer({ method: known, params, signal: mcpReq.signal }, token)
  }
  return {
    async during(token, headers, sent) {
      const id = ids.get(headers)
      tokens.set(id, token)
      try {
        return await sent
      } finally {
        tokens.delete(id)
      }
    },
  }
}
