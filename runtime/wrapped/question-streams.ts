/**
 * On which stream of a server over HTTP a question came: what stands on the stream that answers a call is of that call. Bytes
 * go on as they came; each event is only looked at for being a question.
 */
import { createEventParser } from '../../core/client/event-stream.ts'
import { askMethods } from '../../core/mcp/questions.ts'
import type { ByteStream } from '../../core/mcp/http-transport.ts'
import { isRecord } from '../mcp/content.ts'

type Id = string | number

/** In a text such a name is escaped: what a tool returns is not taken for a question. */
const maybe = /"(?:elicitation\/create|sampling\/createMessage|roots\/list)"/

export class QuestionStreams {
  readonly #requests = new Map<Id, Id>()

  /** The id of the request on whose stream the question came; undefined where it came on none. */
  of(question: Id): Id | undefined {
    return this.#requests.get(question)
  }

  watch(request: Id, body: ByteStream): ByteStream {
    const seen = new Set<Id>()
    const look = createEventParser(({ data }) => {
      const id = maybe.test(data) ? questionIn(data) : undefined
      if (id === undefined) return
      seen.add(id)
      this.#requests.set(id, request)
    }, Infinity)
    const forget = () => seen.forEach(id => this.#requests.delete(id))
    return body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          look(chunk) // before the SDK sees it
          controller.enqueue(chunk)
        },
        // A question that came with the end of its stream is still to be handled.
        flush: () => void setTimeout(forget, forgetMs).unref(),
      }),
    )
  }
}

const forgetMs = 1_000

function questionIn(data: string): Id | undefined {
  let message: unknown
  try {
    message = JSON.parse(data)
  } catch {
    return undefined // the SDK says so
  }
  const { id, method } = isRecord(message) ? message : {}
  const isQuestion = askMethods.some(one => one === method)
  return isQuestion && (typeof id === 'string' || typeof id === 'number') ? id : undefined
}
