/** A transport whose user is there: what is refused for want of a login is sent again when they have logged in. */
import { UnauthorizedError, type StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

/** What comes back from the pages that a person was shown. */
export interface Answers {
  /** The answer to the last page, once; undefined where none was shown. Rejects with MESH_LOGIN_FAILED. */
  take(): Promise<URLSearchParams> | undefined
}

/** Changes the transport and gives it back; how often it may ask is for its provider to say. */
export function withLogins(
  transport: StreamableHTTPClientTransport,
  answers: Answers,
): StreamableHTTPClientTransport {
  const send = transport.send.bind(transport)
  transport.send = async (message, options) => {
    for (;;) {
      try {
        return await send(message, options)
      } catch (error) {
        const answer = UnauthorizedError.isInstance(error) ? answers.take() : undefined
        if (!answer) throw error
        await transport.finishAuth(await answer)
      }
    }
  }
  return transport
}
