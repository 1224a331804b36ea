/**
 * A response that stays open and carries server-sent events. What waits to be sent is bounded: while the reader is behind,
 * `isWritable` is false, and a reader that takes nothing for a whole beat is cut.
 */
import type { ServerResponse } from 'node:http'
import type { Context } from 'koa'
import { MeshError } from '../model/error.ts'
import type { Stream } from './control/watchers.ts'

export interface EventResponseOptions {
  /** Pause between comments that keep the connection open. */
  keepAliveMs: number
  /** It can take more again. */
  onWritable(this: void): void
  /** Called once, in the moment in which the connection ends. */
  onClose(this: void): void
  /** An event was sent. */
  onSend?(this: void, type: string): void
}

/** What is told over a stream that is not the watch of an instance. */
export interface Feed {
  open(this: void, stream: Stream): void
  /** It can take more again. */
  resume(this: void, stream: Stream): void
  closed(this: void, stream: Stream): void
}

/** Answers with the events of the feed, for as long as the reader stays. */
export function answerWithEvents(ctx: Context, keepAliveMs: number, feed: Feed): void {
  if (ctx.method === 'HEAD') throw new MeshError('MESH_METHOD_REFUSED', 'a watch takes GET only')
  const stream = eventStream(ctx.res, {
    keepAliveMs,
    onWritable: () => feed.resume(stream),
    onClose: () => feed.closed(stream),
  })
  ctx.respond = false
  feed.open(stream)
  stream.open()
}

export function eventStream(
  response: ServerResponse,
  { keepAliveMs, onWritable, onClose, onSend }: EventResponseOptions,
): Stream & { open(this: void): void } {
  let isBlocked = false
  let wasBlocked = false
  let isOver = false
  let beat: NodeJS.Timeout | undefined
  const write = (chunk: string) => {
    if (!isOver && !response.write(chunk)) isBlocked = true
  }
  const over = () => {
    if (isOver) return
    isOver = true
    clearInterval(beat)
    onClose()
  }
  return {
    get isWritable() {
      return !isBlocked && !isOver
    },
    send(type, id, data) {
      write(`id: ${id}\nevent: ${type}\ndata: ${data}\n\n`)
      onSend?.(type)
    },
    end() {
      response.end()
      response.socket?.end() // the connection was the watch's own
    },
    open() {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      response.on('drain', () => {
        isBlocked = wasBlocked = false
        onWritable()
      })
      // The socket tells first; the response may tell alone when it was ended here.
      response.socket?.once('close', over)
      response.once('close', over)
      if (response.socket?.destroyed !== false) return over() // gone before it was answered
      beat = setInterval(() => {
        if (isBlocked && wasBlocked) response.destroy()
        else if (isBlocked) wasBlocked = true
        else write(': keep-alive\n\n')
      }, keepAliveMs)
      beat.unref()
    },
  }
}
