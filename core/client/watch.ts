/**
 * The watch of one instance: one connection's life. The registry takes its end for a sign of death, so it has a
 * connection of its own, and whoever runs it comes back at once, and announces again where it is unknown.
 */
import { Client } from 'undici'
import type { WatchEvent } from '../model/registry-api.ts'
import { createEventParser } from './event-stream.ts'
import { readBaseUrl } from './transport.ts'

export interface WatchOptions {
  /** Base URL of the registry where the instance has announced itself: `client.url`. */
  url: string
  token?: string | undefined
  id: string
  /** Ends the watch; it resolves to 'closed'. */
  signal: AbortSignal
  /** What it throws ends the watch and is thrown on. */
  onEvent(event: WatchEvent): void
  /** The registry has accepted the stream; the snapshot follows. */
  onOpen?(): void
  /** The registry sends a comment every 10 s; longer silence than this, by default 30,000 ms, is a broken stream. */
  silenceMs?: number
}

const eventTypes: readonly string[] = [
  'snapshot',
  'resolutions',
  'manifest',
  'deleted',
] satisfies WatchEvent['type'][]

/** Resolves to 'unknown' when the instance has to announce itself again, to 'closed' for every other end. */
export async function watchInstance(options: WatchOptions): Promise<'closed' | 'unknown'> {
  const { id, token, signal, silenceMs = 30_000 } = options
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
        path: `${base.pathname.replace(/\/$/, '')}/v1/instances/${encodeURIComponent(id)}/watch`,
        headers: {
          accept: 'text/event-stream',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        signal,
      }),
    )
    if (!response) return 'closed'
    if (response.statusCode === 200) {
      options.onOpen?.()
      await follow(response.body, event => options.onEvent(event))
    } else response.body.on('error', () => undefined).resume()
    return response.statusCode === 410 ? 'unknown' : 'closed'
  } finally {
    await client.destroy()
  }
}

/** Hands on every event until the stream ends, breaks, falls silent or makes no sense. */
async function follow(
  body: AsyncIterable<Uint8Array, undefined>,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const events: WatchEvent[] = []
  let isSound = true
  const parse = createEventParser(({ data }) => {
    const event = readEvent(data)
    if (event === 'malformed') isSound = false
    else if (event && isSound) events.push(event)
  })
  const chunks = body[Symbol.asyncIterator]()
  try {
    while (isSound) {
      const next = await ignoreFailure(chunks.next())
      if (!next || next.done === true) return
      if (!ignoreThrow(() => parse(next.value))) isSound = false
      for (const event of events.splice(0)) onEvent(event)
    }
  } finally {
    await ignoreFailure(Promise.resolve(chunks.return?.()))
  }
}

/** Undefined for a type that a newer registry may send. */
function readEvent(data: string): WatchEvent | 'malformed' | undefined {
  let value: unknown
  if (!ignoreThrow(() => void (value = JSON.parse(data)))) return 'malformed'
  if (typeof value !== 'object' || value === null || !('type' in value)) return 'malformed'
  return eventTypes.includes(String(value.type)) ? (value as WatchEvent) : undefined
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
