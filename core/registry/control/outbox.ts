/**
 * What the other registries have to be told, in batches: while one is being written the next one collects. It keeps ids, not
 * what happened: what is written is how things are by then, so a batch that failed is simply written again with the rest.
 */
import type { Batch, SharedInstance, SharedStore } from '../store/shared-store.ts'
import type { Desired } from './desired.ts'
import type { Instance } from './mesh-index.ts'
import type { InstanceNews } from './peers.ts'

export interface OutboxOptions {
  shared: Pick<SharedStore, 'write'>
  /** The instance as it is now. */
  instance(this: void, id: string): Instance | undefined
  desired(this: void, key: string): Desired | undefined
  manifestOf: Batch['manifestOf']
  /** Revisions known here are at most this. */
  current(this: void): number
  isUp(this: void): boolean
  onError(this: void, error: unknown): void
}

export class Outbox {
  readonly #options: OutboxOptions
  #news = new Map<string, InstanceNews>()
  #announced = new Set<string>()
  #writing = new Map<string, InstanceNews>()
  #running: Promise<void> | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  tell(id: string, news: InstanceNews): void {
    this.#news.set(id, stronger(this.#news.get(id), news))
    this.flush()
  }

  tellAnnounced(key: string): void {
    this.#announced.add(key)
    this.flush()
  }

  /** What is not written yet decides, whatever others wrote before. */
  outranksOthers(id: string): boolean {
    const news = this.#news.get(id) ?? this.#writing.get(id)
    return news === 'claim' || news === 'left'
  }

  isAnnouncing(key: string): boolean {
    return this.#announced.has(key)
  }

  /** Writes until nothing is left; what fails waits for the next call. */
  flush(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when what runs has ended. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve() // all that the same tick has to say is one batch
    while (this.#news.size + this.#announced.size > 0 && this.#options.isUp()) {
      const [news, announced] = [this.#news, this.#announced]
      this.#news = new Map()
      this.#announced = new Set()
      this.#writing = news
      try {
        const batch = this.#batchOf(news, announced)
        if (isEmpty(batch)) continue
        await this.#options.shared.write(batch)
      } catch (error) {
        for (const [id, old] of news) {
          const newer = this.#news.get(id)
          this.#news.set(id, newer === undefined ? old : stronger(old, newer))
        }
        for (const key of announced) this.#announced.add(key)
        this.#options.onError(error)
        break
      } finally {
        this.#writing = new Map()
      }
    }
    this.#running = undefined
  }

  #batchOf(news: ReadonlyMap<string, InstanceNews>, announced: ReadonlySet<string>): Batch {
    const { instance: find, desired, manifestOf, current } = this.#options
    const batch: Batch = {
      ...{ after: current(), manifestOf },
      ...{ claims: [], updates: [], drains: [], removals: [], announced: [] },
    }
    for (const [id, what] of news) {
      const instance = find(id)
      const own = instance?.owner === undefined ? instance : undefined
      if (what === 'left') batch.removals.push({ id, why: 'left', isForced: true })
      else if (what === 'gone') batch.removals.push({ id, why: 'gone', isForced: false })
      else if (what === 'claim' && own) batch.claims.push(sharedOf(own))
      else if (what === 'update' && own) batch.updates.push(sharedOf(own))
      else if (what === 'drain' && instance) batch.drains.push(id)
    }
    for (const key of announced) {
      const wanted = desired(key)
      if (wanted?.origin !== 'announced') continue
      const { agent, generation, digest, at = new Date().toISOString() } = wanted
      const { namespace, name } = agent
      batch.announced.push({ namespace, name, generation, digest, at })
    }
    return batch
  }
}

function isEmpty({ claims, updates, drains, removals, announced }: Batch): boolean {
  return [claims, updates, drains, removals, announced].every(list => list.length === 0)
}

/** A claim holds what is updated since; an end and an announcement take the place of what was before. */
function stronger(old: InstanceNews | undefined, news: InstanceNews): InstanceNews {
  return old === 'claim' && (news === 'update' || news === 'drain') ? 'claim' : news
}

function sharedOf(instance: Instance): SharedInstance {
  const { id, serving, endpoint, pid, host, since, state } = instance
  const { observedGeneration, drift, unhealthy, isDeleted } = instance
  const { namespace, name: agent } = serving.agent
  return {
    ...{ id, namespace, agent, digest: serving.digest, endpoint, pid, host, since, state },
    ...{ observedGeneration, drift, unhealthy, isDeleted },
  }
}
