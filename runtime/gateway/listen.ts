/** Hears what an agent notifies of: `subscriptions/listen` of MCP 2026-07-28, one stream on a connection of its own, until it breaks. */
import { Client } from 'undici'
import { createEventParser } from '../../core/client/event-stream.ts'
import { sleep } from '../../core/model/sleep.ts'
import { tasksExtension } from '../tasks/task.ts'
import { envelopeOf, headersFor } from './ask.ts'
import { isRecord } from './record.ts'

export interface ListenOptions {
  /** URL of the agent's MCP endpoint. */
  endpoint: string
  client: { name: string; version: string }
  bearer: string | undefined
  /** Resources of which changes are told. */
  uris: readonly string[]
  /** Tasks of which it is told how they stand. */
  taskIds?: readonly string[]
  /** Whether changes of lists are told; default true. */
  areListsWanted?: boolean
  onNotification: (method: string, params: Readonly<Record<string, unknown>>) => void
  /** Called once, unless it was stopped before; not sooner than a moment after it began. */
  onBroken: () => void
}

/** So soon a stream that cannot be had is not asked for again. */
const pauseMs = 1_000

/** A stream of more is broken: what it could tell, the lists tell when they are read again. */
const maxASecond = 1_000

/** No notification is longer. */
const maxLength = 1024 * 1024

/** Gives back what stops it. */
export function listen({
  endpoint,
  client,
  bearer,
  uris,
  taskIds,
  areListsWanted = true,
  ...told
}: ListenOptions): () => void {
  const end = new AbortController()
  const { origin, pathname, search } = new URL(endpoint)
  const connection = new Client(origin, { connect: { timeout: 2_000 }, headersTimeout: 10_000 })
  const wanted = {
    ...(areListsWanted && {
      ...{ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
    }),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
    ...(taskIds && { taskIds }),
  }
  const capabilities = taskIds && { extensions: { [tasksExtension]: {} } }
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' },
    params: { notifications: wanted, _meta: envelopeOf(client, capabilities) },
  })
  const began = performance.now()
  let [second, count] = [began, 0]
  const headers = headersFor('subscriptions/listen', bearer)

  async function read(): Promise<void> {
    const answer = await connection.request({
      ...{ method: 'POST', path: pathname + search, headers, body, signal: end.signal },
      bodyTimeout: 0,
    })
    const parse = createEventParser(({ data }) => take(data), maxLength)
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) parse(chunk)
  }

  function take(data: string): void {
    const message: unknown = JSON.parse(data)
    if (!isRecord(message) || typeof message['method'] !== 'string') return
    if (performance.now() - second > 1_000) [second, count] = [performance.now(), 0]
    if (++count > maxASecond) throw new Error('more notifications than anybody reads')
    const { params } = message
    told.onNotification(message['method'], isRecord(params) ? params : {})
  }

  async function run(): Promise<void> {
    await read().catch(() => undefined) // however it ended, it is broken
    await connection.destroy()
    const leftMs = began + pauseMs - performance.now()
    if (leftMs > 0) await sleep(leftMs, end.signal).catch(() => undefined)
    if (!end.signal.aborted) told.onBroken()
  }

  void run()
  return () => end.abort()
}
