/**
 * An answer as an event stream, written by hand where the SDK is not in the way: the same headers and bytes as its own,
 * begun with the first note, so that a call without any is answered in one piece.
 */
import type { ServerResponse } from 'node:http'
import type { ProgressNote } from '../../core/model/chunk.ts'
import type { NoteSink } from './notes.ts'

export type ProgressToken = string | number

export const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
}

/** A line that says nothing, so that nobody on the way takes a tool that thinks for a dead connection. */
const keepAliveMs = 15_000

export class EventStream implements NoteSink {
  readonly #response: ServerResponse
  readonly #token: ProgressToken
  #isBegun = false

  constructor(response: ServerResponse, token: ProgressToken) {
    this.#response = response
    this.#token = token
  }

  /** Whether a note was sent: then the result is to follow as an event, by `end`. */
  get isBegun(): boolean {
    return this.#isBegun
  }

  get isReady(): boolean {
    return hasRoom(this.#response)
  }

  send(note: ProgressNote): Promise<void> {
    if (!this.#isBegun) beginStream(this.#response)
    this.#isBegun = true
    const params = { progressToken: this.#token, ...note }
    this.#write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params }))
    return roomIn(this.#response)
  }

  /** Ends the stream with the answer, a JSON-RPC message as text. */
  end(message: string): void {
    this.#write(message)
    if (!this.#response.destroyed) this.#response.end()
  }

  #write(message: string): void {
    if (!this.#response.destroyed) this.#response.write(`event: message\ndata: ${message}\n\n`)
  }
}

/** Sends the head of a stream, and keeps the connection open until it ends. */
export function beginStream(response: ServerResponse): void {
  if (response.destroyed) return
  response.writeHead(200, streamHeaders)
  const timer = setInterval(() => {
    if (hasRoom(response)) response.write(': keepalive\n\n')
  }, keepAliveMs)
  timer.unref()
  response.on('close', () => clearInterval(timer))
}

/** What is written to a client, as ServerResponse has it. */
export interface Outlet {
  readonly destroyed: boolean
  readonly writableNeedDrain: boolean
  on(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
}

export function hasRoom(response: Outlet): boolean {
  return !response.destroyed && !response.writableNeedDrain
}

/** Resolves when the caller has read enough for more, or is gone. */
export function roomIn(response: Outlet): Promise<void> {
  if (response.destroyed || !response.writableNeedDrain) return Promise.resolve()
  return new Promise(resolve => {
    const end = () => {
      response.off('drain', end)
      response.off('close', end)
      resolve()
    }
    response.on('drain', end)
    response.on('close', end)
  })
}
