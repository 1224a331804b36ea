/**
 * Connections to one origin, kept open between requests and used by one at a time: the one that was used last is used first, so
 * that those which are not needed grow old and are closed. Where all are in use a request waits for its turn.
 */
import type { AnswerHead } from './answer-head.ts'
import { Connection, type Exchanged, type RequestBytes, type TlsMaterial } from './connection.ts'
import { RequestWriter, type OutgoingRequest } from './request-text.ts'

export type { TlsMaterial }

export interface PoolOptions {
  /** At most so many connections; default 256. */
  connections?: number
  /** For one to be made, in milliseconds; default 2,000. */
  connectMs?: number
  /** Beside what Node has. */
  tls?: TlsMaterial | undefined
}

/** A request that was given to the pool. Each of these is nothing where it has ended. */
export interface Sent {
  /** Its connection is closed where it has one. It fails with `error`. */
  abort(error: Error): void
  /** The answer is read no further until `resume`. */
  pause(): void
  resume(): void
}

export class Pool {
  readonly #url: URL
  readonly #writer: RequestWriter
  readonly #most: number
  readonly #connectMs: number
  readonly #tls: TlsMaterial | undefined
  readonly #open = new Set<Connection>()
  /** The last one is used first. */
  readonly #free: Connection[] = []
  readonly #waiting = new Set<Sending>()
  #sweep: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(origin: string, { connections = 256, connectMs = 2_000, tls }: PoolOptions = {}) {
    this.#url = new URL(origin)
    this.#writer = new RequestWriter(this.#url.host)
    this.#most = connections
    this.#connectMs = connectMs
    this.#tls = tls
  }

  /** Throws TypeError for a header that cannot be sent. */
  send(request: OutgoingRequest, exchanged: Exchanged): Sent {
    const text = this.#writer.write(request)
    const bytes = typeof request.body === 'string' ? undefined : request.body
    const sending = new Sending({ text, bytes }, exchanged, this.#waiting)
    const connection = this.#isClosed ? undefined : (this.#takeFree() ?? this.#connect())
    if (connection) sending.begin(connection)
    else if (this.#isClosed) sending.failed(Object.assign(closed(), { syscall: 'connect' }))
    else this.#waiting.add(sending)
    return sending
  }

  /** Takes no more requests; each connection is closed when those that it is needed for have ended. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#free.splice(0)) connection.destroy(closed())
  }

  /** Cuts all connections: what is under way fails. */
  destroy(): void {
    this.#isClosed = true
    for (const sending of this.#waiting) sending.abort(closed())
    for (const connection of this.#open) connection.destroy(closed())
  }

  #takeFree(): Connection | undefined {
    for (let one = this.#free.pop(); one; one = this.#free.pop()) {
      if (one.isUsable) return one
      one.destroy(closed())
    }
    return undefined
  }

  #connect(): Connection | undefined {
    if (this.#open.size >= this.#most) return undefined
    const connection = new Connection(
      { url: this.#url, connectMs: this.#connectMs, tls: this.#tls },
      { onFree: one => this.#freed(one), onGone: one => this.#gone(one) },
    )
    this.#open.add(connection)
    return connection
  }

  #freed(connection: Connection): void {
    const [next] = this.#waiting
    if (next) return next.begin(connection)
    if (this.#isClosed) return connection.destroy(closed())
    this.#free.push(connection)
    this.#sweep ??= setTimeout(this.#closeOld, sweepMs).unref()
  }

  #gone(connection: Connection): void {
    this.#open.delete(connection)
    const at = this.#free.indexOf(connection)
    if (at >= 0) this.#free.splice(at, 1)
    const [next] = this.#waiting
    const another = next && this.#connect()
    if (another) next.begin(another)
  }

  /** Those that have not been used for long, which are the first ones. */
  readonly #closeOld = (): void => {
    this.#sweep = undefined
    const isOld = (one: Connection | undefined) => one !== undefined && !one.isUsable
    while (isOld(this.#free[0])) this.#free.shift()?.destroy(closed())
    if (this.#free.length > 0) this.#sweep = setTimeout(this.#closeOld, sweepMs).unref()
  }
}

const sweepMs = 1_000

/** One request from its being sent to its end. */
class Sending implements Sent, Exchanged {
  readonly #request: RequestBytes
  readonly #exchanged: Exchanged
  readonly #waiting: Set<Sending>
  #connection: Connection | undefined
  #hasEnded = false

  constructor(request: RequestBytes, exchanged: Exchanged, waiting: Set<Sending>) {
    this.#request = request
    this.#exchanged = exchanged
    this.#waiting = waiting
  }

  begin(connection: Connection): void {
    this.#waiting.delete(this)
    this.#connection = connection
    connection.send(this.#request, this)
  }

  abort(error: Error): void {
    if (this.#hasEnded) return
    if (this.#connection) this.#connection.destroy(error)
    else this.failed(error)
  }

  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }

  head(head: AnswerHead): void {
    this.#exchanged.head(head)
  }

  body(bytes: Buffer): void {
    this.#exchanged.body(bytes)
  }

  ended(): void {
    this.#leave()
    this.#exchanged.ended()
  }

  failed(error: Error): void {
    if (this.#hasEnded) return
    this.#leave()
    this.#exchanged.failed(error)
  }

  #leave(): void {
    this.#hasEnded = true
    this.#waiting.delete(this)
    this.#connection = undefined
  }
}

function closed(): Error {
  return Object.assign(new Error('the connections to it have been closed'), {
    code: 'ECONNABORTED',
  })
}
