/**
 * What each shown agent offers, looked up when it comes or changes and never per call. Where an agent does not say it, it is
 * asked again; what is known of it stays until then. An agent that may change its lists by itself is listened to.
 */
import { messageOf } from '../../core/model/error.ts'
import { sleep } from '../../core/model/sleep.ts'
import { backoffMs } from '../../core/reconcile/backoff.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import type { Pools } from '../proxy/pools.ts'
import type { Log } from '../telemetry/log.ts'
import { listen } from './listen.ts'
import { askOffered, type Offered } from './offered.ts'
import type { Provider } from './providers.ts'

export interface Library {
  offered(key: string): Offered | undefined
  /** The agent is there, or is another than before. */
  look(provider: Provider, bearer: string | undefined): void
  /** The agent is gone, or shown no more. */
  forget(key: string): void
  /** Resolves when every agent that was looked at has answered, or has failed to once. */
  settled(): Promise<void>
  close(): void
}

export interface LibraryOptions {
  pools: Pools
  /** Named to agents. */
  client: { name: string; version: string }
  log: Log
  /** The agent offers something else now. */
  onChange: (key: string) => void
}

/** One that says again and again that its lists have changed is asked no more often. */
const pauseMs = 100

const backoff = (failures: number) => backoffMs(failures, { initialMs: 100, maxMs: 10_000 })

export function createLibrary(options: LibraryOptions): Library {
  const shelves = new Map<string, Shelf>()
  return {
    offered: key => shelves.get(key)?.offered,
    look(provider, bearer) {
      let shelf = shelves.get(provider.key)
      if (!shelf) shelves.set(provider.key, (shelf = new Shelf(provider.key, options)))
      shelf.look(provider, bearer)
    },
    forget(key) {
      shelves.get(key)?.close()
      shelves.delete(key)
    },
    async settled() {
      await Promise.all([...shelves.values()].map(shelf => shelf.tried))
    },
    close() {
      for (const shelf of shelves.values()) shelf.close()
      shelves.clear()
    },
  }
}

/** One agent. */
class Shelf {
  offered: Offered | undefined
  /** Resolves when it has answered, or has failed to once. */
  readonly tried: Promise<void>
  readonly #key: string
  readonly #options: LibraryOptions
  readonly #end = new Cancellation()
  #settleTried = () => {}
  #provider: Provider | undefined
  #bearer: string | undefined
  /** The instance that is listened to. */
  #heard: string | undefined
  #heardSign = ''
  #stopListening = () => {}
  #isStale = false
  #isLooking = false
  #failures = 0

  constructor(key: string, options: LibraryOptions) {
    this.#key = key
    this.#options = options
    this.tried = new Promise(resolve => (this.#settleTried = resolve))
  }

  look(provider: Provider, bearer: string | undefined): void {
    const before = this.#provider
    this.#provider = provider
    const isSame = before?.generation === provider.generation && this.#bearer === bearer
    this.#bearer = bearer
    const isHeard = provider.instances.some(({ id }) => id === this.#heard)
    if (!isSame || !isHeard) this.#refresh()
  }

  close(): void {
    this.#end.abort(new Error('the agent is gone'))
    this.#stopListening()
    this.#settleTried()
  }

  #refresh(): void {
    this.#isStale = true
    if (!this.#isLooking) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isLooking = true
    while (this.#isStale && !this.#end.aborted) {
      this.#isStale = false
      const isDone = await this.#ask()
      this.#settleTried()
      if (isDone) {
        if (this.#isStale) await sleep(pauseMs, this.#end.signal).catch(() => undefined) // closed
        continue
      }
      this.#isStale = true
      await sleep(backoff(++this.#failures), this.#end.signal).catch(() => undefined) // closed
    }
    this.#isLooking = false
  }

  /** True when it answered, or there is nobody to be asked. */
  async #ask(): Promise<boolean> {
    const { pools, client, log, onChange } = this.#options
    for (const { id, endpoint } of this.#provider?.instances ?? []) {
      const asking = { pools, client, endpoint, bearer: this.#bearer, signal: this.#end }
      try {
        const offered = await askOffered(asking, this.offered)
        this.#failures = 0
        this.#listen(id, endpoint)
        if (JSON.stringify(offered) === JSON.stringify(this.offered)) return true
        this.offered = offered
        if (offered.leftOut.length > 0)
          log.warn('an agent offers what cannot be shown', {
            ...{ agent: this.#key, leftOut: offered.leftOut.slice(0, 20) },
          })
        onChange(this.#key)
        return true
      } catch (error) {
        if (this.#end.aborted) return true
        log[this.#failures === 0 ? 'warn' : 'debug']('an agent does not say what it offers', {
          ...{ agent: this.#key, instance: id, error: messageOf(error) },
        })
      }
    }
    return (this.#provider?.instances.length ?? 0) === 0
  }

  /** Whoever misses a notification as the stream breaks looks again when it is back. */
  #listen(id: string, endpoint: string): void {
    const { client, log } = this.#options
    const sign = JSON.stringify([id, endpoint])
    if (this.#heard === id && this.#heardSign === sign) return
    this.#stopListening()
    this.#heard = id
    this.#heardSign = sign
    this.#stopListening = listen({
      ...{ endpoint, client, bearer: this.#bearer, uris: [] },
      onNotification: method => {
        if (method.endsWith('/list_changed')) this.#refresh()
      },
      onBroken: () => {
        if (this.#heard !== id || this.#end.aborted) return
        log.debug('an agent is no longer heard', { provider: this.#key, from: id })
        this.#heard = undefined
        this.#refresh()
      },
    })
  }
}
