/**
 * An answer to a client as an event stream, begun with the first event that its provider sends: each goes on as it came. The
 * provider is read no faster than the client reads, so a flood stays where it comes from.
 */
import type { ServerResponse } from 'node:http'
import { beginStream, hasRoom, roomIn } from '../mcp/event-stream.ts'
import type { ChunkSink, Flow } from '../proxy/chunk-queue.ts'

export class RelayStream implements ChunkSink {
  hasBegun = false
  isWaiting = true
  readonly #response: ServerResponse
  #onChange: (() => void) | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** Of the call that this is the answer of. */
  readonly onEvent = (data: string, flow: Flow): void => {
    if (!this.hasBegun) beginStream(this.#response)
    this.hasBegun = true
    this.#write(data)
    if (hasRoom(this.#response)) return this.#onChange?.() // it lives: the wait begins anew
    flow.pause()
    this.#wait(false)
    void roomIn(this.#response).then(() => {
      this.#wait(true)
      flow.resume()
    })
  }

  /** Ends the stream with the answer, a JSON-RPC message. */
  end(message: string | Buffer): void {
    this.#write(message)
    this.#response.end()
  }

  /** Notes of an injected proxy's calls: none come here. */
  take(): void {
    throw new Error('a relayed call has events and no notes')
  }

  watch(onChange: (() => void) | undefined): void {
    this.#onChange = onChange
  }

  #wait(isWaiting: boolean): void {
    if (this.isWaiting === isWaiting) return
    this.isWaiting = isWaiting
    this.#onChange?.()
  }

  /** A line of its own for each line of the text: JSON has none outside of what agents may send between its parts. */
  #write(data: string | Buffer): void {
    const response = this.#response
    if (response.destroyed) return
    if (typeof data === 'string') return void response.write(framed(data))
    if (data.includes(0x0a)) return void response.write(framed(data.toString('utf8')))
    response.write('event: message\ndata: ')
    response.write(data)
    response.write('\n\n')
  }
}

const framed = (data: string) => `event: message\ndata: ${data.replaceAll('\n', '\ndata: ')}\n\n`
