/**
 * A response that stays open and carries server-sent events. What waits to be sent is bounded: while the reader is behind,
 * `isWritable` is false, and a reader that takes nothing for a whole beat is cut.
 */
import type { ServerResponse } from 'node:http'
import type { Context } from 'koa'
import { MeshError } from '../model/error.ts'
import type { Stream } from './control/watchers.ts'

/** Who writes to a stream. One may have thousands of them, so it is told which one it is. */
export interface Feed {
  /** Pause between comments that keep the connection open. */
  readonly keepAliveMs: number
  /** It can take more again. */
  onWritable(stream: EventStream): void
  /** Called once, in the moment in which the connection ends. */
  onClose(stream: EventStream): void
  /** An event was sent. */
  onSend?(type: string): void
}

/** Answers with the events that `begin` and what follows it sends, for as long as the reader stays. What `begin` throws is the answer. */
export function answerWithEvents(
  ctx: Context,
  { id = '', feed, begin }: { id?: string; feed: Feed; begin: (stream: EventStream) => void },
): void {
  if (ctx.method === 'HEAD') throw new MeshError('MESH_METHOD_REFUSED', 'a watch takes GET only')
  const stream = new EventStream(ctx.res, feed, id)
  begin(stream)
  ctx.respond = false
  stream.open()
}

/** A class, without functions of its own for each stream: of ten thousand, every hundred bytes are a megabyte. */
export class EventStream implements Stream {
  /** Whom it tells, where the feed has many readers with names. */
  readonly id: string
  readonly #response: ServerResponse
  readonly #feed: Feed
  #isBlocked = false
  #wasBlocked = false
  #isOver = false
  #beat: NodeJS.Timeout | undefined

  constructor(response: ServerResponse, feed: Feed, id: string) {
    this.#response = response
    this.#feed = feed
    this.id = id
  }

  get isWritable(): boolean {
    return !this.#isBlocked && !this.#isOver
  }

  send(type: string, id: string | number, data: string): void {
    this.#write(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`)
    this.#feed.onSend?.(type)
  }

  end(): void {
    this.#response.end()
    this.#response.socket?.end() // the connection was the watch's own
  }

  /** Sends the head. */
  open(): void {
    const response = this.#response
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    response.on('drain', () => this.#drained())
    const over = () => this.#over()
    // The socket tells first; the response may tell alone when it was ended here.
    response.socket?.once('close', over)
    response.once('close', over)
    if (response.socket?.destroyed !== false) return over() // gone before it was answered
    this.#beat = setInterval(beat, this.#feed.keepAliveMs, this)
    this.#beat.unref()
  }

  #drained(): void {
    this.#isBlocked = this.#wasBlocked = false
    this.#feed.onWritable(this)
  }

  /** A reader that has taken nothing since the last one is cut. */
  beat(): void {
    if (this.#isBlocked && this.#wasBlocked) this.#response.destroy()
    else if (this.#isBlocked) this.#wasBlocked = true
    else this.#write(': keep-alive\n\n')
  }

  #write(chunk: string): void {
    if (!this.#isOver && !this.#response.write(chunk)) this.#isBlocked = true
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearInterval(this.#beat)
    this.#feed.onClose(this)
  }
}

const beat = (stream: EventStream) => stream.beat()
