/** One connection's life of a stream of server-sent events whose data are objects with a type. It has a connection of its own. */
import { Client } from 'undici'
import { createEventParser } from './event-stream.ts'
import { readBaseUrl } from './transport.ts'

export interface TypedEvent {
  type: string
}

export interface FollowOptions {
  /** Base URL of the registry. */
  url: string
  /** Path and query. */
  path: string
  token?: string | undefined
  signal: AbortSignal
  /** Id of the last event that is known: the stream goes on behind it, where whoever answers can. */
  lastEventId?: string | undefined
  /** What it throws ends the stream and is thrown on. `id` is '' where the stream has none. */
  onEvent(event: TypedEvent, id: string): void
  onOpen?: (() => void) | undefined
  /** The registry sends a comment every 10 s; longer silence than this, by default 30,000 ms, is a broken stream. */
  silenceMs?: number | undefined
}

/** Resolves at the end of the stream, however it came, with the status of the answer; undefined when there was none. */
export async function followEvents(options: FollowOptions): Promise<number | undefined> {
  const { path, token, signal, lastEventId, silenceMs = 30_000 } = options
  const base = new URL(readBaseUrl(options.url))
  const client = new Client(base.origin, {
    connect: { timeout: 5_000 },
    headersTimeout: 5_000,
    bodyTimeout: silenceMs,
  })
  try {
    const response = await ignoreFailure(
      client.request({
        method: 'GET',
        path: `${base.pathname.replace(/\/$/, '')}${path}`,
        headers: {
          accept: 'text/event-stream',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
        signal,
      }),
    )
    if (response?.statusCode === 200) {
      options.onOpen?.()
      await follow(response.body, (event, id) => options.onEvent(event, id))
    } else response?.body.on('error', () => undefined).resume()
    return response?.statusCode
  } finally {
    await client.destroy()
  }
}

/** Hands on every event until the stream ends, breaks, falls silent or makes no sense. */
async function follow(
  body: AsyncIterable<Uint8Array, undefined>,
  onEvent: (event: TypedEvent, id: string) => void,
): Promise<void> {
  const events: { event: TypedEvent; id: string }[] = []
  let isSound = true
  const parse = createEventParser(({ id, data }) => {
    const event = readEvent(data)
    if (event === 'malformed') isSound = false
    else if (isSound) events.push({ event, id })
  })
  const chunks = body[Symbol.asyncIterator]()
  try {
    while (isSound) {
      const next = await ignoreFailure(chunks.next())
      if (!next || next.done === true) return
      if (!ignoreThrow(() => parse(next.value))) isSound = false
      for (const { event, id } of events.splice(0)) onEvent(event, id)
    }
  } finally {
    await ignoreFailure(Promise.resolve(chunks.return?.()))
  }
}

function readEvent(data: string): TypedEvent | 'malformed' {
  let value: unknown
  if (!ignoreThrow(() => void (value = JSON.parse(data)))) return 'malformed'
  if (typeof value !== 'object' || value === null || !('type' in value)) return 'malformed'
  return { ...value, type: String(value.type) }
}

/** A stream may end in any way: here the end itself is the answer, and why is the registry's to log. */
async function ignoreFailure<T>(promise: Promise<T>): Promise<T | undefined> {
  return promise.catch(() => undefined)
}

function ignoreThrow(run: () => void): boolean {
  try {
    run()
    return true
  } catch {
    return false
  }
}
