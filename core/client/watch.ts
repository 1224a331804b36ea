/**
 * The watch of one instance: one connection's life. The registry takes its end for a sign of death, so it has a
 * connection of its own, and whoever runs it comes back at once, and announces again where it is unknown.
 */
import type { WatchEvent } from '../model/registry-api.ts'
import { followEvents } from './follow-events.ts'

export interface WatchOptions {
  /** Base URL of the registry where the instance has announced itself: `client.url`. */
  url: string
  token?: string | undefined
  id: string
  /** Ends the watch; it resolves to 'closed'. */
  signal: AbortSignal
  /** Id of the last event that was taken: the registry tells only what came since, if it can, else everything. */
  lastEventId?: string | undefined
  /** What it throws ends the watch and is thrown on. */
  onEvent(event: WatchEvent, id: string): void
  /** The registry has accepted the stream; a snapshot follows, or only what was missed. */
  onOpen?(this: void): void
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
  const { url, id, token, signal, lastEventId, silenceMs, onOpen } = options
  const status = await followEvents({
    ...{ url, token, signal, lastEventId, silenceMs, onOpen },
    path: `/v1/instances/${encodeURIComponent(id)}/watch`,
    onEvent(event, eventId) {
      if (eventTypes.includes(event.type)) options.onEvent(event as WatchEvent, eventId)
    },
  })
  return status === 410 ? 'unknown' : 'closed'
}
