/**
 * The streams of calls that older clients may go on with, of this instance: those that run, and for a moment those that have ended,
 * as a client that has lost one may have lost its end.
 */
import type { ServerResponse } from 'node:http'
import { CallStream, type StreamHolder } from './call-stream.ts'

/** Without a connection, and ended ones that are kept. */
const mostWaiting = 1_000
/** Of all ended ones, in characters. */
const mostLength = 16 * 1024 * 1024
const keptMs = 30_000

/** An event id taken apart. */
export interface EventPlace {
  instance: string
  /** Undefined for a stream that is of no call. */
  stream: string | undefined
  n: number
}

/** Undefined for what is no event id of ours. */
export function readEventId(id: string): EventPlace | undefined {
  const [, instance, stream, n] = /^([\w-]+)\.(\w+)\.(\d{1,15})$/.exec(id) ?? []
  if (instance === undefined || stream === undefined) return undefined
  return { instance, stream: stream === sessionMark ? undefined : stream, n: Number(n) }
}

/** In the place of a call's number in ids of events that are of no call: those begin with 1. */
export const sessionMark = '0'

export class CallStreams implements StreamHolder {
  readonly #instance: string
  readonly #streams = new Map<string, CallStream>()
  /** Oldest first. */
  readonly #ended = new Set<CallStream>()
  #length = 0
  readonly #waiting = new Set<CallStream>()
  #count = 0

  constructor(instance: string) {
    this.#instance = instance
  }

  /** For a request of the session; `response` is that of its POST. */
  open(session: string, response: ServerResponse): CallStream {
    const id = `${this.#instance}.${(++this.#count).toString(36)}`
    return new CallStream({ id, session }, response, this)
  }

  /** The session's own stream of that number; undefined where it is known no more. */
  find(session: string, stream: string): CallStream | undefined {
    const found = this.#streams.get(`${this.#instance}.${stream}`)
    return found?.session === session ? found : undefined
  }

  /** Whoever is of the session comes back for nothing. */
  end(session: string): void {
    for (const stream of [...this.#waiting]) if (stream.session === session) stream.giveUp()
  }

  close(): void {
    for (const stream of [...this.#waiting]) stream.giveUp()
  }

  keep(stream: CallStream): void {
    this.#streams.set(stream.id, stream)
  }

  wait(stream: CallStream): boolean {
    if (this.#waiting.size >= mostWaiting) return false
    this.#waiting.add(stream)
    return true
  }

  isBack(stream: CallStream): void {
    this.#waiting.delete(stream)
  }

  hasEnded(stream: CallStream): void {
    this.#waiting.delete(stream)
    this.#ended.add(stream)
    this.#length += stream.length
    for (const oldest of this.#ended) {
      if (this.#ended.size <= mostWaiting && this.#length <= mostLength) break
      this.forget(oldest)
    }
    setTimeout(() => this.forget(stream), keptMs).unref()
  }

  forget(stream: CallStream): void {
    this.#waiting.delete(stream)
    this.#streams.delete(stream.id)
    if (this.#ended.delete(stream)) this.#length -= stream.length
  }
}
