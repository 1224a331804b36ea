/**
 * One connection to a server: a request at a time, and its answer. What is written of a request is one piece of text, what is
 * read comes into a buffer of the connection's own, so that an answer costs no more than its bytes.
 */
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { messageOf } from '../../core/model/error.ts'
import { AnswerReader, type Receiver } from './answer-reader.ts'
import type { AnswerHead } from './answer-head.ts'

/** Who is told how a request ends: once, by one of the two. */
export interface Exchanged extends Receiver {
  ended(): void
  failed(error: Error): void
}

/** What is written of a request, in one piece. */
export interface RequestBytes {
  /** Each character is one byte. */
  text: string
  /** What comes behind it. */
  bytes: Uint8Array | undefined
}

export interface ConnectionEvents {
  /** It takes the next request. */
  onFree(connection: Connection): void
  /** It takes none any more. */
  onGone(connection: Connection): void
}

/** Certificates in place of those that Node knows, and those that we show. */
export type TlsMaterial = Pick<TlsOptions, 'ca' | 'cert' | 'key'>

export interface ConnectionOptions {
  url: URL
  /** For the connection to be made, in milliseconds. */
  connectMs: number
  tls?: TlsMaterial | undefined
}

const readBytes = 16 * 1024
/** For which the server keeps a connection where it does not say, and by which we are earlier than it. */
const [defaultKeepMs, earlierMs] = [5_000, 1_000]

export class Connection {
  /** Until when it may be used again, in milliseconds of `performance.now()`. */
  freeUntil = Infinity
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  readonly #reader = new AnswerReader()
  #exchanged: Exchanged | undefined
  #isConnected = false
  #isGone = false
  #error: Error | undefined

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#events = events
    this.#socket = this.#open(options)
  }

  get isUsable(): boolean {
    return !this.#isGone && this.#socket.writable && performance.now() < this.freeUntil
  }

  send({ text, bytes }: RequestBytes, exchanged: Exchanged): void {
    this.#exchanged = exchanged
    this.#reader.expect(exchanged)
    if (!bytes) {
      this.#socket.write(text, 'latin1')
      return
    }
    this.#socket.cork()
    this.#socket.write(text, 'latin1')
    this.#socket.write(bytes)
    this.#socket.uncork()
  }

  /** The answer is read no further until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Ends it; a request that is under way fails with `error`. */
  destroy(error: Error): void {
    this.#error ??= error
    this.#gone()
    this.#socket.destroy()
  }

  #open({ url, connectMs, tls }: ConnectionOptions): Socket {
    const isTls = url.protocol === 'https:'
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const port = Number(url.port || (isTls ? 443 : 80))
    const timer = setTimeout(() => this.destroy(noConnection(late(connectMs))), connectMs)
    const onConnect = () => {
      clearTimeout(timer)
      this.#isConnected = true
    }
    const place = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }
    const servername = isIP(host) ? '' : host
    const socket = isTls
      ? connectTls({ ...place, ...tls, servername, ALPNProtocols: ['http/1.1'] }, onConnect)
      : connect(
          { ...place, onread: { buffer: Buffer.allocUnsafe(readBytes), callback } },
          onConnect,
        )
    const read = (bytes: Buffer) => this.#read(bytes)
    function callback(length: number, buffer: Uint8Array): boolean {
      read(Buffer.from(buffer.buffer, buffer.byteOffset, length))
      return true
    }
    if (isTls) socket.on('data', read)
    socket.on('error', (error: Error) => (this.#error ??= this.#sorted(error)))
    socket.on('end', () => this.#ended())
    socket.on('close', () => {
      clearTimeout(timer)
      this.#gone()
    })
    return socket
  }

  #read(bytes: Buffer): void {
    if (this.#isGone) return
    try {
      const head = this.#reader.read(bytes)
      if (head && !this.#isGone) this.#answered(head)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  #answered(head: AnswerHead): void {
    const exchanged = this.#exchanged
    this.#exchanged = undefined
    const keepMs = Math.min((head.keepAliveMs ?? defaultKeepMs) - earlierMs, longestMs)
    if (head.isLast || keepMs <= 0 || this.#socket.writableLength > 0) this.destroy(used)
    else {
      this.freeUntil = performance.now() + keepMs
      if (this.#socket.isPaused()) this.#socket.resume()
      this.#events.onFree(this)
    }
    exchanged?.ended()
  }

  /** The server has said all. */
  #ended(): void {
    const exchanged = this.#exchanged
    if (!exchanged || !this.#reader.end()) return
    this.#exchanged = undefined
    exchanged.ended()
  }

  #gone(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#events.onGone(this)
    const exchanged = this.#exchanged
    this.#exchanged = undefined
    if (!exchanged) return
    exchanged.failed(this.#error ?? this.#sorted(closed()))
  }

  #sorted(error: Error): Error {
    return this.#isConnected ? error : noConnection(error)
  }
}

const longestMs = 600_000
const used = new Error('it takes no other request')

function closed(): Error {
  return Object.assign(new Error('the other side closed the connection'), { code: 'ECONNRESET' })
}

const late = (ms: number) =>
  Object.assign(new Error(`no connection within ${ms} ms`), { code: 'ETIMEDOUT' })

/** Nothing of the request has been read by anybody: `syscall` says so. */
function noConnection(error: Error): Error {
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : []
  const code = (error as NodeJS.ErrnoException).code ?? 'ECONNREFUSED'
  const message = messageOf(first ?? error)
  return Object.assign(new Error(message, { cause: error }), { code, syscall: 'connect' })
}
