/**
 * What each instance is told over its watch: a snapshot, then only what changed. Level-based: whenever an instance has a
 * turn, what it has been sent is compared with what is, so a watcher that reads slowly is never queued for. It gets
 * the latest when it has read the rest.
 */
import type { AgentManifest } from '../../model/generated/manifest.ts'
import type { WatchEvent } from '../../model/registry-api.ts'
import type { Desired } from './desired.ts'
import type { Instance, Serving, Slot } from './mesh-index.ts'

/** One open stream. */
export interface Stream {
  /** False while it can take no more; whoever opened it asks for another turn when it can. */
  readonly isWritable: boolean
  /** `data` is JSON. */
  send(this: void, type: string, revision: number, data: string): void
  end(this: void): void
}

interface Watcher {
  readonly stream: Stream
  /** The manifest whose slots it was told of, undefined before the snapshot. */
  serving: Serving | undefined
  /** Slots that changed after this revision are news. */
  revision: number
  /** The desired manifest that it was last told of. */
  desired: Desired | undefined
  wasSettling: boolean
  wasDeleted: boolean
}

export interface Told {
  instance: Instance
  desired: Desired | undefined
  revision: number
  settling: boolean
}

export class Watchers {
  readonly #watchers = new Map<string, Watcher>()

  get size(): number {
    return this.#watchers.size
  }

  has(id: string): boolean {
    return this.#watchers.has(id)
  }

  ids(): IterableIterator<string> {
    return this.#watchers.keys()
  }

  /** The stream takes the place of the one that the instance had. */
  open(id: string, stream: Stream): void {
    const old = this.#watchers.get(id)
    const fresh = { serving: undefined, revision: 0, desired: undefined }
    this.#watchers.set(id, { stream, ...fresh, wasSettling: false, wasDeleted: false })
    old?.stream.end()
  }

  /** False when another stream has taken its place already. */
  closed(id: string, stream: Stream): boolean {
    if (this.#watchers.get(id)?.stream !== stream) return false
    return this.#watchers.delete(id)
  }

  end(id: string): void {
    const watcher = this.#watchers.get(id)
    this.#watchers.delete(id)
    watcher?.stream.end()
  }

  /** Sends what the instance does not know yet. */
  tell({ instance, desired, revision, settling }: Told): void {
    const watcher = this.#watchers.get(instance.id)
    if (!watcher?.stream.isWritable) return
    const { stream } = watcher
    if (instance.isDeleted) {
      if (!watcher.wasDeleted) stream.send('deleted', revision, eventJson('deleted', revision, {}))
      watcher.wasDeleted = true
      return
    }
    const wanted = manifestFor(instance, desired)
    const generation = desired?.generation ?? 0
    if (watcher.serving !== instance.serving || (watcher.wasSettling && !settling)) {
      const fields = { settling, generation, ...(wanted ? { manifest: wanted } : {}) }
      const slots = instance.serving.slots
      stream.send('snapshot', revision, eventJson('snapshot', revision, fields, slots))
      watcher.serving = instance.serving
    } else {
      if (wanted && watcher.desired !== desired) {
        const fields = { generation, manifest: wanted }
        stream.send('manifest', revision, eventJson('manifest', revision, fields))
      }
      const news = instance.serving.slots.filter(slot => slot.revision > watcher.revision)
      if (news.length > 0) {
        const json = eventJson('resolutions', revision, { settling }, news)
        stream.send('resolutions', revision, json)
      }
    }
    watcher.desired = desired
    watcher.revision = revision
    watcher.wasSettling = settling
  }
}

/** The desired manifest, where the instance serves another and has not said that it cannot follow. */
function manifestFor(instance: Instance, desired: Desired | undefined): AgentManifest | undefined {
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
    slot => `${JSON.stringify(`${slot.tool.tool}/${slot.dependency.name}`)}:${slot.json}`,
  )
  return `${head.slice(0, -1)},"resolutions":{${entries.join(',')}}}`
}
