/**
 * Resources of agents that clients of the gateway listen to: one stream an agent, for all that are wanted of it at the time. The next
 * stands before the last one ends.
 */
import { createSubscriptions, type Subscriptions } from '../mcp/subscriptions.ts'
import type { Log } from '../telemetry/log.ts'
import { listen } from './listen.ts'
import type { PlaceOf } from './watched-tasks.ts'

export interface WatchedResourcesOptions {
  client: () => { name: string; version: string }
  /** The agent that has the resource now; undefined where none is shown that has it. */
  keyOf: (uri: string) => string | undefined
  placeOf: PlaceOf
  onUpdated: (uri: string) => void
  log: Log
}

export interface WatchedResources extends Subscriptions {
  /** Other agents may have them now, or other instances. */
  look(): void
  close(): void
}

interface Stream {
  /** What it was opened for. */
  sign: string
  uris: readonly string[]
  stop: () => void
}

export function watchResources(options: WatchedResourcesOptions): WatchedResources {
  const { client, keyOf, placeOf, onUpdated, log } = options
  const streams = new Map<string, Stream>()
  let isClosed = false

  async function apply(uris: ReadonlySet<string>): Promise<void> {
    const byAgent = new Map<string, string[]>()
    for (const uri of uris) {
      const key = keyOf(uri)
      if (key !== undefined) byAgent.set(key, [...(byAgent.get(key) ?? []), uri])
    }
    for (const [key, { stop }] of streams) {
      if (byAgent.has(key)) continue
      streams.delete(key)
      stop()
    }
    await Promise.all([...byAgent].map(([key, wanted]) => open(key, wanted.sort())))
  }

  /** Resolves when the agent has acknowledged it, or the stream has broken. */
  function open(key: string, uris: readonly string[]): Promise<void> {
    const before = streams.get(key)
    const place = isClosed ? undefined : placeOf(key, '')
    const sign = JSON.stringify([place, uris])
    if (!place || before?.sign === sign) return Promise.resolve()
    return new Promise(resolve => {
      const mine: Stream = { sign, uris, stop: () => undefined }
      streams.set(key, mine)
      mine.stop = listen({
        ...{ ...place, client: client(), uris, areListsWanted: false },
        onNotification(method, { uri }) {
          if (method === 'notifications/subscriptions/acknowledged') {
            before?.stop()
            // Those of before may have changed while their stream had broken.
            if (before === undefined && broken.delete(key)) uris.forEach(onUpdated)
            resolve()
          }
          const isUpdate = method === 'notifications/resources/updated' && typeof uri === 'string'
          if (isUpdate && streams.get(key) === mine) onUpdated(uri)
        },
        onBroken() {
          before?.stop()
          resolve()
          if (streams.get(key) !== mine) return
          streams.delete(key)
          broken.add(key)
          void subscriptions.again()
        },
      })
    })
  }

  const broken = new Set<string>()
  const subscriptions = createSubscriptions(apply, {
    onFault: error => log.debug('resources are not listened to', { error: String(error) }),
  })

  return {
    want: uri => subscriptions.want(uri),
    look: () => void subscriptions.again(),
    close() {
      isClosed = true
      for (const { stop } of streams.values()) stop()
    },
  }
}
