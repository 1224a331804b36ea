/** Hears of changes of single resources of a server: by a subscription each before 2026-07-28, by one stream for all of them since. */
import type { McpSubscription } from '@modelcontextprotocol/client'
import { sleep } from '../model/sleep.ts'
import { asItCame, type SortingClient } from './list-tools.ts'

export interface WatchedResources {
  /** Hears of exactly these from then on. Rejects with the SDK's errors; what was heard before may then be heard no more. */
  watch(uris: ReadonlySet<string>): Promise<void>
  close(): void
}

interface WatchOptions {
  isModern: boolean
  /** Of one request, in milliseconds. */
  timeoutMs: number
  onUpdated: (uri: string) => void
}

/** Between the end of a stream that was not ours and the next. */
const pauseMs = 1_000

export function watchResources(client: SortingClient, options: WatchOptions): WatchedResources {
  client.setNotificationHandler('notifications/resources/updated', ({ params }) =>
    options.onUpdated(params.uri),
  )
  return options.isModern ? byStream(client, options) : byRequests(client, options)
}

function byRequests(client: SortingClient, { timeoutMs }: WatchOptions): WatchedResources {
  const known = new Set<string>()
  const send = (method: string, uri: string) =>
    client.request({ method, params: { uri } }, asItCame, { timeout: timeoutMs })
  return {
    async watch(uris) {
      for (const uri of uris) {
        if (known.has(uri)) continue
        await send('resources/subscribe', uri)
        known.add(uri)
      }
      for (const uri of [...known]) {
        if (uris.has(uri)) continue
        known.delete(uri)
        await send('resources/unsubscribe', uri)
      }
    },
    close() {
      // its subscriptions end with the connection
    },
  }
}

function byStream(client: SortingClient, { timeoutMs, onUpdated }: WatchOptions): WatchedResources {
  const end = new AbortController()
  let current: McpSubscription | undefined
  let wanted: ReadonlySet<string> = new Set()

  async function open(): Promise<void> {
    const before = current
    const uris = [...wanted]
    current =
      uris.length === 0
        ? undefined
        : await client.listen({ resourceSubscriptions: uris }, { timeout: timeoutMs })
    if (current) void keep(current)
    await before?.close() // when the next one stands: nothing is missed between them
  }

  /** What may have been missed is told. */
  async function keep(mine: McpSubscription): Promise<void> {
    const how = await mine.closed
    while (how !== 'local' && current === mine && !end.signal.aborted) {
      try {
        await sleep(pauseMs, end.signal)
        await open()
        for (const uri of wanted) onUpdated(uri)
      } catch {
        continue // the server is away, which its pings tell, or it was closed: the loop sees it
      }
    }
  }

  return {
    async watch(uris) {
      wanted = new Set(uris)
      await open()
    },
    close() {
      end.abort()
      void current?.close().catch(() => undefined) // the connection ends too
    },
  }
}
