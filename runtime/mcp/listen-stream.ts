/**
 * The stream of a `subscriptions/listen`, which the SDK serves: what it does not know of (tasks) is acknowledged and told on the same
 * stream. To the SDK it is the response.
 */
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createEventParser } from '../../core/client/event-stream.ts'
import { isRecord } from './content.ts'

const subscriptionKey = 'io.modelcontextprotocol/subscriptionId'
const acknowledged = 'notifications/subscriptions/acknowledged'
const toolsChanged = 'notifications/tools/list_changed'
/** A client that reads nothing loses its stream when so much waits, in bytes. */
const mostUnread = 8 * 1024 * 1024

/** What a client wants to hear of besides what the SDK knows. */
export interface Listening {
  /** Of the request; it is the name of the subscription. */
  id: string | number
  taskIds: readonly string[]
  /** The resources of which it wants to hear. */
  uris: readonly string[]
  hasTools: boolean
}

/** Undefined for what is no such request, or a broken one: the SDK words that. */
export function readListening(message: unknown): Listening | undefined {
  if (!isRecord(message) || message['method'] !== 'subscriptions/listen') return undefined
  const { id, params } = message
  const wanted = isRecord(params) ? params['notifications'] : undefined
  if (!isRecord(wanted) || (typeof id !== 'string' && typeof id !== 'number')) return undefined
  return {
    id,
    taskIds: textsIn(wanted['taskIds']),
    uris: textsIn(wanted['resourceSubscriptions']),
    hasTools: wanted['toolsListChanged'] === true,
  }
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(one => typeof one === 'string') : []

/** The request as the SDK is given it: one without anything that it knows of it would end at once. */
export function withTools(message: unknown): Buffer {
  const { params, ...rest } = message as { params: { notifications: object } } // readListening has looked
  const notifications = { ...params.notifications, toolsListChanged: true }
  return Buffer.from(JSON.stringify({ ...rest, params: { ...params, notifications } }))
}

export class ListenStream extends EventEmitter {
  readonly #response: ServerResponse
  readonly #listening: Listening
  readonly #parse = createEventParser(({ data }) => this.#pass(data), Infinity)
  readonly #honored: readonly string[]
  readonly #onBegin: () => void
  #isStream = false

  /** `honored` are the tasks that are told of; `onBegin` is called when that is said. */
  constructor(
    response: ServerResponse,
    listening: Listening,
    { honored, onBegin }: { honored: readonly string[]; onBegin: () => void },
  ) {
    super()
    this.#response = response
    this.#listening = listening
    this.#honored = honored
    this.#onBegin = onBegin
    for (const event of ['close', 'drain'] as const) response.on(event, () => this.emit(event))
  }

  get destroyed(): boolean {
    return this.#response.destroyed
  }

  writeHead(status: number, headers: Record<string, string>): void {
    this.#isStream = headers['content-type']?.startsWith('text/event-stream') === true
    this.#response.writeHead(status, headers)
    this.#response.flushHeaders()
  }

  write(chunk: Uint8Array | string): boolean {
    if (!this.#isStream) return this.#response.write(chunk)
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    if (bytes[0] === colon) return this.#response.write(bytes) // keeps the line open
    this.#parse(bytes)
    return !this.#response.writableNeedDrain
  }

  end(): void {
    this.#response.end()
  }

  tell(method: string, params: Record<string, unknown>): void {
    const meta = isRecord(params['_meta']) ? params['_meta'] : {}
    const stamped = { ...params, _meta: { ...meta, [subscriptionKey]: this.#listening.id } }
    this.#send({ jsonrpc: '2.0', method, params: stamped })
  }

  #pass(data: string): void {
    const message: unknown = JSON.parse(data)
    if (!isRecord(message)) return
    if (message['method'] === toolsChanged && !this.#listening.hasTools) return
    if (message['method'] !== acknowledged) return this.#send(message)
    const params = isRecord(message['params']) ? message['params'] : {}
    const { toolsListChanged, ...others } = isRecord(params['notifications'])
      ? params['notifications']
      : {}
    const notifications = {
      ...(this.#listening.hasTools && toolsListChanged === true && { toolsListChanged }),
      ...others,
      ...(this.#honored.length > 0 && { taskIds: this.#honored }),
    }
    this.#send({ ...message, params: { ...params, notifications } })
    this.#onBegin()
  }

  #send(message: object): void {
    const response = this.#response
    if (response.destroyed || response.writableEnded) return
    if (response.writableLength > mostUnread) response.destroy()
    else response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
  }
}

const colon = ':'.charCodeAt(0)
