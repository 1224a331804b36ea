/**
 * One connection of a client, read without node:http while all that comes is whole requests of the plain form (read-head.ts)
 * that are served here, one at a time. Whatever else comes, nothing of it has been consumed or answered: all bytes go to
 * node:http, and the connection with them, for good. So this never has to refuse anything.
 */
import type { Socket } from 'node:net'
import { bytesOf, largestInOnePiece, type Piece } from '../exchange.ts'
import { answerHead } from './answer-text.ts'
import { KnownHeads } from './known-heads.ts'
import { PlainExchange } from './plain-exchange.ts'
import { longestPlain, type Head } from './read-head.ts'

export interface PlainRequests {
  /** Whether requests with this head may be served here; asked once for each that differs from those before. */
  isServed(head: Head): boolean
  /** True where the answer comes by the exchange; false has done nothing. */
  take(head: Head, body: string, exchange: PlainExchange): boolean
}

export interface ConnectionOptions extends PlainRequests {
  /** How long it may be idle. */
  keepAliveMs: number
  keepAliveLines: string
  /** Called with the socket when none of our listeners is on it any more. */
  handOver(socket: Socket): void
}

/** A request that has not come as a whole after so much is for node:http, with its limits of time. */
const mostChunks = 8
const restMs = 5_000
/** What is kept of what comes while a request is answered. */
const mostKept = 64 * 1024

export class PlainConnection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #known: KnownHeads
  /** The one that is being answered. */
  #exchange: PlainExchange | undefined
  /** The beginning of a request, or what has come since the one that is being answered. */
  #kept: Buffer | undefined
  /** Of which the beginning of a request consists. */
  #chunks = 0
  #hasServed = false

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#known = new KnownHeads(head => options.isServed(head))
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('timeout', this.#onTimeout)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
    socket.setTimeout(options.keepAliveMs)
  }

  readonly #onData = (chunk: Buffer): void => {
    const bytes = this.#kept ? Buffer.concat([this.#kept, chunk]) : chunk
    if (!this.#exchange) return this.#read(bytes)
    this.#kept = bytes
    if (bytes.length > mostKept) this.#socket.pause()
  }

  #read(bytes: Buffer): void {
    this.#kept = undefined
    const cut = this.#known.cut(bytes)
    if (!cut?.isServed || cut.end < bytes.length || cut.end - cut.from > longestPlain)
      return this.#handOver(bytes)
    if (cut.end > bytes.length) return this.#wait(bytes)
    if (this.#chunks > 0) this.#stopWaiting()
    const { head } = cut
    const exchange = new PlainExchange(head.headers, cut.traceparent, this.#write)
    this.#exchange = exchange
    const isTaken = this.#options.take(head, bytes.toString('utf8', cut.from), exchange)
    if (isTaken) this.#hasServed = true
    else {
      this.#exchange = undefined
      this.#handOver(bytes)
    }
  }

  #wait(bytes: Buffer): void {
    if (++this.#chunks === mostChunks) return this.#handOver(bytes)
    if (this.#chunks === 1) this.#socket.setTimeout(Math.min(restMs, this.#options.keepAliveMs))
    this.#kept = bytes
  }

  #stopWaiting(): void {
    this.#chunks = 0
    this.#socket.setTimeout(this.#options.keepAliveMs)
  }

  readonly #write = (status: number, pieces: readonly Piece[]): void => {
    const socket = this.#socket
    if (socket.destroyed) return
    const length = bytesOf(pieces)
    const head = answerHead(status, length, this.#options.keepAliveLines)
    const [only, more] = pieces
    if (typeof only === 'string' && more === undefined) {
      socket.write(head + only, 'utf8', this.#onWritten)
    } else if (length <= largestInOnePiece) {
      let text = head // and of latin1 each character is one byte
      for (const piece of pieces)
        text += typeof piece === 'string' ? latin1Of(piece) : piece.toString('latin1')
      socket.write(text, 'latin1', this.#onWritten)
    } else {
      socket.cork()
      socket.write(head, 'latin1')
      for (const piece of pieces)
        socket.write(piece, piece === pieces.at(-1) ? this.#onWritten : undefined)
      socket.uncork()
    }
  }

  /** The system has all of the answer: what came meanwhile is next. */
  readonly #onWritten = (): void => {
    this.#exchange?.end()
    this.#exchange = undefined
    const kept = this.#kept
    if (this.#socket.destroyed || !kept) return
    if (this.#socket.isPaused()) this.#socket.resume()
    this.#read(kept)
  }

  /** As node:http does it: whoever ends his side is answered no more. */
  readonly #onEnd = (): void => {
    const socket = this.#socket
    const kept = this.#exchange ? undefined : this.#kept
    if (kept) {
      this.#handOver(kept)
      socket.emit('end') // the listeners that have come meanwhile are not told
    } else {
      this.#leave()
      socket.end()
    }
  }

  readonly #onTimeout = (): void => {
    if (this.#exchange) return // a call takes what time it takes
    if (this.#hasServed && !this.#kept) this.#socket.destroy()
    else this.#handOver(this.#kept)
  }

  readonly #onError = (): void => undefined // and it closes, which is told as well
  readonly #onClose = (): void => this.#leave()

  #leave(): void {
    const exchange = this.#exchange
    this.#exchange = undefined
    this.#kept = undefined
    exchange?.end()
  }

  #handOver(bytes: Buffer | undefined): void {
    const socket = this.#socket
    this.#kept = undefined
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('timeout', this.#onTimeout)
    socket.off('error', this.#onError)
    socket.off('close', this.#onClose)
    socket.setTimeout(0)
    this.#options.handOver(socket)
    if (bytes) socket.emit('data', bytes) // before anything that is still to come
  }
}

const latin1Of = (text: string): string => Buffer.from(text).toString('latin1')
