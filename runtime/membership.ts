/**
 * This process as a member of the mesh: it announces itself, holds the watch and the lease, and comes back by itself
 * when the registry has forgotten it, restarts, or was away. While every registry is away the agent goes on with what it
 * was told last.
 */
import type { RegistryClient } from '../core/client/registry-client.ts'
import { watchInstance } from '../core/client/watch.ts'
import { hasCode, MeshError, messageOf } from '../core/model/error.ts'
import type { Manifest } from '../core/model/manifest.ts'
import type { Announcement, WatchEvent } from '../core/model/registry-api.ts'
import { sleep } from '../core/model/sleep.ts'
import { backoffMs } from '../core/reconcile/backoff.ts'
import { announce } from './announce.ts'
import type { Log } from './telemetry/log.ts'

/** How long a start waits for the first snapshot once it was announced. */
const snapshotMs = 1_000
/** Shorter than the 3 s for which a registry that has just started keeps from judging who is there. */
const backoff = (failures: number) => backoffMs(failures, { initialMs: 100, maxMs: 2_000 })

export interface MembershipOptions {
  client: RegistryClient
  token: string | undefined
  log: Log
  /** What is true now; asked at each announcement. */
  describe: () => { announcement: Omit<Announcement, 'rejoin'>; manifest: Manifest }
  onEvent: (event: WatchEvent) => void
  /** The registry will never take this announcement, as another agent has the name or the manifest is refused. */
  onRefused: (error: MeshError) => void
}

export type FirstOutcome = 'connected' | 'unreachable' | 'refused'

export interface Membership {
  /** How the first try to announce ended; `connected` once the dependencies are known too. It never rejects. */
  readonly first: Promise<FirstOutcome>
  /** Announces what is true now, as it has changed. */
  refresh(): void
  /** Tells the registry that nothing new is taken; consumers hear of it at once. Never throws. */
  drain(): Promise<void>
  /** The instance is gone, and so is all that this keeps running. Never throws. */
  leave(): Promise<void>
}

export function joinMesh(options: MembershipOptions): Membership {
  const { client, log, describe, onEvent, onRefused } = options
  const end = new AbortController()
  let isMember = false
  let isStale = false
  let isRefreshing = false
  /** Of the last event that was taken: a stream that comes back goes on behind it. */
  let lastEventId: string | undefined
  let settleFirst: (outcome: FirstOutcome) => void
  const first = new Promise<FirstOutcome>(resolve => (settleFirst = resolve))
  const running = run()

  async function run(): Promise<void> {
    for (let failures = 0; !end.signal.aborted;) {
      try {
        const { announcement, manifest } = describe()
        isStale = false
        const receipt = await announce(
          client,
          { ...announcement, rejoin: isMember },
          manifest,
          end.signal,
        )
        log.info('announced', { registry: client.url })
        isMember = true
        failures = 0
        void sleep(snapshotMs, end.signal).then(
          () => settleFirst('connected'),
          () => settleFirst('connected'),
        )
        await hold(announcement.id, receipt.lease.ttlMs)
      } catch (error) {
        if (end.signal.aborted) return
        if (!isMember && isRefusal(error)) {
          settleFirst('refused')
          return onRefused(error)
        }
        settleFirst('unreachable')
        if (failures++ === 0) {
          log.warn('registry does not take the announcement; trying again', {
            ...{ registry: client.url, error: messageOf(error) },
            code: error instanceof MeshError ? error.code : undefined,
          })
        }
        await sleep(backoff(failures), end.signal).catch(() => undefined) // ended: the loop sees it
      }
    }
  }

  /** Resolves when the instance has to be announced again. */
  async function hold(id: string, ttlMs: number): Promise<void> {
    const round = new AbortController()
    const signal = AbortSignal.any([end.signal, round.signal])
    if (isStale) void refresh()
    const ended = [keepWatch(id, signal), keepLease(id, ttlMs, signal)]
    try {
      await Promise.race(ended)
    } finally {
      round.abort()
      await Promise.allSettled(ended)
    }
  }

  function take(event: WatchEvent, eventId: string): void {
    onEvent(event)
    if (eventId !== '') lastEventId = eventId
    if (event.type === 'snapshot') settleFirst('connected') // from here on it knows its dependencies
  }

  async function keepWatch(id: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const answer = await watchInstance({
        ...{ url: client.url, token: options.token, id, signal, lastEventId, onEvent: take },
        onOpen: () => {
          if (failures > 0) log.info('registry is back', { registry: client.url })
          failures = 0
        },
      })
      if (answer === 'unknown' || signal.aborted) return
      if (failures++ === 0)
        log.warn('lost the registry; going on without it', { registry: client.url })
      // A broken stream makes this instance suspect at once: the first try to come back follows closely.
      await sleep(failures === 1 ? Math.random() * 20 : backoff(failures - 1), signal).catch(
        () => undefined,
      )
      if (failures > 1) await client.isReachable(1_000) // moves the client on to a registry that answers
    }
  }

  async function keepLease(id: string, ttlMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await sleep((ttlMs / 3) * (0.9 + Math.random() * 0.2), signal)
        await client.renewLease(id, signal)
      } catch (error) {
        if (hasCode(error, 'MESH_LEASE_EXPIRED') || signal.aborted) return
        log.debug('lease was not renewed', { registry: client.url, error: messageOf(error) })
      }
    }
  }

  /** Announces again beside the watch, which stays open: a closed one would make this instance suspect. */
  async function refresh(): Promise<void> {
    if (isRefreshing) return
    isRefreshing = true
    for (let failures = 0; isStale && !end.signal.aborted;) {
      isStale = false
      const { announcement, manifest } = describe()
      try {
        await announce(client, { ...announcement, rejoin: true }, manifest, end.signal)
      } catch (error) {
        if (isRefusal(error)) {
          log.warn('registry refused the announcement', { code: error.code, error: error.message })
          break
        }
        isStale = true
        await sleep(backoff(++failures), end.signal).catch(() => undefined) // ended: the loop sees it
      }
    }
    isRefreshing = false
  }

  return {
    first,
    refresh() {
      isStale = true
      if (isMember) void refresh()
    },
    async drain() {
      await bounded(client.drain(describe().announcement.id), 'drain')
    },
    async leave() {
      end.abort()
      await running
      await bounded(client.leave(describe().announcement.id), 'leave')
    },
  }

  /** Leaving must not hang on a registry that does. */
  async function bounded(telling: Promise<void>, what: string): Promise<void> {
    const timer = new AbortController()
    const told = telling.catch((error: unknown) => {
      log.debug('registry was not told', { what, error: messageOf(error) })
    })
    await Promise.race([told, sleep(1_500, timer.signal).catch(() => undefined)])
    timer.abort()
  }
}

/** The registry has understood and says no; asking again would change nothing. */
function isRefusal(error: unknown): error is MeshError {
  return (
    error instanceof MeshError && error.status >= 400 && error.status < 500 && error.status !== 429
  )
}
