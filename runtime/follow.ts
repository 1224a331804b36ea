/**
 * Keeps what is served at what the registry desires. It holds the one variable that all else reads: the served manifest,
 * its generation, and where this process lags behind, why.
 */
import { digestOf } from '../core/manifest/digest.ts'
import type { WatchEvent } from '../core/model/registry-api.ts'
import type { Manifest } from '../core/model/manifest.ts'
import { follow, type Means, type Served } from './served.ts'
import type { Log } from './telemetry/log.ts'

export interface Following {
  readonly served: Served
  /** Of the desired manifest; 0 while only what this process started with is served. */
  readonly observedGeneration: number
  readonly drift: { generation: number; reason: string } | undefined
  /** Takes what a watch event says of the desired manifest. */
  take(event: WatchEvent): void
}

export interface FollowingOptions {
  initial: Served
  means: Means
  log: Log
  /** Another manifest is served now. */
  onServed: (served: Served) => void
  /** What the registry has to be told has changed. */
  onChange: () => void
}

export function createFollowing({
  initial,
  means,
  log,
  onServed,
  onChange,
}: FollowingOptions): Following {
  let served = initial
  let observedGeneration = 0
  let drift: Following['drift']
  /** Digest of what drift speaks of: a new registry may count its generations afresh. */
  let refused: string | undefined

  function desire(manifest: Manifest, generation: number): void {
    const digest = digestOf(manifest)
    if (drift?.generation === generation && digest === refused) return // nothing has changed since
    const next = follow(manifest, served, means)
    if ('served' in next) {
      ;({ served } = next)
      drift = undefined
      observedGeneration = generation
      onServed(served)
      log.info('manifest taken', { generation })
    } else {
      drift = { generation, reason: next.reason }
      refused = digest
      log.warn('manifest can not be followed', drift)
    }
    onChange()
  }

  return {
    get served() {
      return served
    },
    get observedGeneration() {
      return observedGeneration
    },
    get drift() {
      return drift
    },
    take(event) {
      if (event.type === 'manifest') desire(event.manifest, event.generation)
      if (event.type !== 'snapshot') return
      if (event.manifest) return desire(event.manifest, event.generation)
      observedGeneration = event.generation // what is desired is what this instance has announced
      drift = undefined
    },
  }
}
