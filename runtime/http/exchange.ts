/**
 * One request and where its answer goes, whoever read it: node:http, or the lean reader in front of it (plain/). An answer is
 * one JSON document; what is to be streamed needs the response of node:http.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { MeshError } from '../../core/model/error.ts'
import type { Cancellation } from '../proxy/cancellation.ts'

export interface Exchange {
  readonly headers: IncomingHttpHeaders
  /** The header of that name where it is not among the others, since each request brings another; then it is a sound one. */
  readonly traceparent?: string | undefined
  /** For an answer in events; undefined where it can only be one document. */
  readonly response: ServerResponse | undefined
  /** Aborts it when the caller goes away before it is answered. */
  watch(call: Cancellation): void
  /** The document, in pieces that follow each other. Does nothing where the caller has gone. */
  reply(status: number, ...pieces: Piece[]): void
}

/** Of a text: as UTF-8. */
export type Piece = string | Buffer

/** Up to here a document goes out in one piece with its head; to copy a larger one would cost more than a further piece. */
export const largestInOnePiece = 64 * 1024

export function nodeExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    headers: request.headers,
    response,
    watch(call) {
      response.on('close', () => {
        if (!response.writableEnded) call.abort(callerGone()) // as every answered one is
      })
    },
    reply(status, ...pieces) {
      if (response.destroyed) return
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': bytesOf(pieces),
      })
      const [only, more] = pieces
      if (only !== undefined && more === undefined) return end(response, only)
      response.cork()
      for (const piece of pieces) response.write(piece)
      response.end()
    },
  }
}

/** A text goes out with the head, and of latin1 each character is one byte. */
function end(response: ServerResponse, piece: Piece): void {
  if (typeof piece === 'string' || piece.length > largestInOnePiece) response.end(piece)
  else response.end(piece.toString('latin1'), 'latin1')
}

export const callerGone = (): MeshError =>
  new MeshError('MESH_CALL_CANCELLED', 'the caller went away')

export function bytesOf(pieces: readonly Piece[]): number {
  let bytes = 0
  for (const piece of pieces)
    bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
  return bytes
}
