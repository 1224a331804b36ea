/**
 * What each instance is told over its watch: a snapshot, then only what changed. Level-based: whenever an instance has a
 * turn, what it has been sent is compared with what is, so a watcher that reads slowly is never queued for. It gets
 * the latest when it has read the rest. What an instance was sent is remembered past its stream: the next one says which event
 * came last (`Last-Event-ID`) and is told what it missed, and nothing twice.
 */
import type { Manifest } from '../../model/manifest.ts'
import type { WatchEvent } from '../../model/registry-api.ts'
import type { Desired } from './desired.ts'
import type { EventIds } from './event-id.ts'
import type { Instance, Serving, Slot } from './mesh-index.ts'

/** One open stream. */
export interface Stream {
  /** False while it can take no more; whoever opened it asks for another turn when it can. */
  readonly isWritable: boolean
  /** `data` is JSON. */
  send(type: string, id: string | number, data: string): void
  end(): void
}

/** What was sent to an instance. It outlives its stream, so that the next one can go on where that broke. */
interface Sent {
  /** The manifest whose slots it was told of, undefined before the snapshot. */
  readonly serving: Serving | undefined
  /** Revision of the snapshot that all since builds on. */
  readonly snapshotAt: number
  /** Slots that changed after this revision are news. */
  readonly revision: number
  /** Revision of the last event. */
  readonly last: number
  /** The desired manifest that it was last told of, and with which revision. */
  readonly desired: Desired | undefined
  readonly desiredAt: number
  readonly wasSettling: boolean
  /** Revision at which it was told to leave. */
  readonly deletedAt: number
}

interface Watcher {
  readonly stream: Stream
  sent: Sent
}

const nothing: Sent = {
  ...{ serving: undefined, snapshotAt: Infinity, revision: 0, last: 0 },
  ...{ desired: undefined, desiredAt: Infinity, wasSettling: false, deletedAt: Infinity },
}

export interface Told {
  instance: Instance
  desired: Desired | undefined
  revision: number
  settling: boolean
}

export class Watchers {
  readonly #ids: EventIds
  readonly #nextRevision: () => number
  readonly #watchers = new Map<string, Watcher>()
  /** What those were sent whose stream broke; until it comes back, or they are gone. */
  readonly #broken = new Map<string, Sent>()

  constructor(ids: EventIds, nextRevision: () => number) {
    this.#ids = ids
    this.#nextRevision = nextRevision
  }

  get size(): number {
    return this.#watchers.size
  }

  has(id: string): boolean {
    return this.#watchers.has(id)
  }

  ids(): IterableIterator<string> {
    return this.#watchers.keys()
  }

  /**
   * The stream takes the place of the one that the instance had. With the id of the last event that it got, it is told what
   * it missed; where that cannot be known, and without one, everything.
   */
  open(id: string, stream: Stream, lastEventId?: string): void {
    const old = this.#watchers.get(id)
    const before = old?.sent ?? this.#broken.get(id) ?? nothing
    this.#broken.delete(id)
    this.#watchers.set(id, { stream, sent: receivedOf(before, this.#ids.revisionIn(lastEventId)) })
    old?.stream.end()
  }

  /** False when another stream has taken its place already. */
  closed(id: string, stream: Stream): boolean {
    const watcher = this.#watchers.get(id)
    if (watcher?.stream !== stream) return false
    this.#broken.set(id, watcher.sent)
    return this.#watchers.delete(id)
  }

  /** The instance is gone, and what it was sent with it. */
  end(id: string): void {
    const watcher = this.#watchers.get(id)
    this.#watchers.delete(id)
    this.#broken.delete(id)
    watcher?.stream.end()
  }

  /** Sends what the instance does not know yet. */
  tell({ instance, desired, revision, settling }: Told): void {
    const watcher = this.#watchers.get(instance.id)
    if (!watcher?.stream.isWritable) return
    const { stream, sent } = watcher
    let { last } = sent
    /** Gives back its revision. No two events of an instance share one: a stream may break between them. */
    const send = (type: WatchEvent['type'], fields: object, slots?: readonly Slot[]) => {
      last = last < revision ? revision : this.#nextRevision()
      stream.send(type, this.#ids.of(last), eventJson(type, last, fields, slots))
      return last
    }
    if (instance.isDeleted) {
      if (sent.deletedAt <= last) return
      const deletedAt = send('deleted', {})
      watcher.sent = { ...sent, deletedAt, last }
      return
    }
    const wanted = manifestFor(instance, desired)
    const generation = desired?.generation ?? 0
    const { serving } = instance
    if (sent.serving !== serving || (sent.wasSettling && !settling)) {
      const fields = { settling, generation, ...(wanted ? { manifest: wanted } : {}) }
      const snapshotAt = send('snapshot', fields, serving.slots)
      const at = { snapshotAt, desiredAt: snapshotAt, revision: snapshotAt, last }
      watcher.sent = { ...nothing, ...at, serving, desired, wasSettling: settling }
      return
    }
    const news = serving.slots.filter(slot => slot.revision > sent.revision)
    if (news.length > 0) send('resolutions', { settling }, news)
    let { desiredAt } = sent
    if (wanted && sent.desired !== desired) {
      desiredAt = send('manifest', { generation, manifest: wanted })
    }
    watcher.sent = { ...sent, revision, last, desired, desiredAt, wasSettling: settling }
  }
}

/** What has arrived of all that was sent, by the revision of the last event that did. */
function receivedOf(sent: Sent, last: number | undefined): Sent {
  if (last === undefined || last < sent.snapshotAt || last > sent.last) {
    return { ...nothing, last: sent.last }
  }
  return {
    ...{ ...sent, revision: last, last },
    desired: last < sent.desiredAt ? undefined : sent.desired,
    deletedAt: last < sent.deletedAt ? Infinity : sent.deletedAt,
  }
}

/** The desired manifest, where the instance serves another and has not said that it cannot follow. */
function manifestFor(instance: Instance, desired: Desired | undefined): Manifest | undefined {
  if (desired?.origin !== 'applied' || desired.digest === instance.serving.digest) return undefined
  return instance.drift?.generation === desired.generation ? undefined : desired.manifest
}

/** Resolutions are JSON already, made once for all instances that share them. */
function eventJson(
  type: WatchEvent['type'],
  revision: number,
  fields: object,
  slots?: readonly Slot[],
): string {
  const head = JSON.stringify({ type, revision, ...fields })
  if (!slots) return head
  const entries = slots.map(
    slot => `${JSON.stringify(`${slot.consumer.key}/${slot.dependency.name}`)}:${slot.json}`,
  )
  return `${head.slice(0, -1)},"resolutions":{${entries.join(',')}}}`
}
