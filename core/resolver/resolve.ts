/**
 * A dependency and the tools on offer to a resolution: the first alternative that anything suits, its endpoints ranked.
 * Pure: the same offers give the same resolution, in whatever order they come.
 */
import type { Dependency } from '../model/agent.ts'
import type { Endpoint, Resolution } from '../model/registry-api.ts'
import { explain, isHeldBack } from './explain.ts'
import { doubt, leftOut, wantOf, type Want } from './filter.ts'
import type { OffersOf } from './offer.ts'
import { byRank, scoreOf } from './rank.ts'

/** Who wants it: the namespace it sees, and the key of what the dependency is a slot of. */
export interface Consumer {
  namespace: string
  consumer: string
}

export function resolve(
  consumer: Consumer,
  dependency: Dependency,
  offersOf: OffersOf,
): Resolution {
  const wants = dependency.alternatives.map(alternative => wantOf(consumer.namespace, alternative))
  for (const [alternative, want] of wants.entries()) {
    const endpoints = endpointsFor(want, offersOf)
    if (endpoints.length === 0) continue
    return { ...head(consumer, dependency), alternative, capability: want.capability, endpoints }
  }
  return {
    ...head(consumer, dependency),
    alternative: -1,
    capability: wants[0]?.capability ?? dependency.name,
    endpoints: [],
    reason: wants.map(want => explain(want, offersOf)).join('; or '),
    ...(wants.some(want => isHeldBack(want, offersOf)) ? { code: 'MESH_LOCK_DRIFTED' } : {}),
  }
}

/** Everything that suits, best first. */
export function endpointsFor(want: Want, offersOf: OffersOf): Endpoint[] {
  const endpoints: Endpoint[] = []
  for (const offer of offersOf(want.capability)) {
    let score: number | undefined
    let note: string | undefined
    for (const provider of offer.instances) {
      if (leftOut(want, offer, provider)) continue
      if (score === undefined) note = doubt(want, offer)
      score ??= scoreOf(want.tags, offer.tags)
      endpoints.push({
        instance: provider.id,
        agent: offer.agent,
        namespace: offer.namespace,
        url: provider.endpoint,
        tool: offer.tool,
        version: offer.version,
        tags: [...offer.tags],
        score,
        isRepeatable: offer.isRepeatable,
        deduplicates: offer.deduplicates,
        ...(offer.session === undefined ? {} : { session: offer.session }),
        ...(offer.paramHeaders?.length ? { paramHeaders: [...offer.paramHeaders] } : {}),
        ...(note === undefined ? {} : { note }),
      })
    }
  }
  return endpoints.sort(byRank)
}

function head({ consumer }: Consumer, { name, required }: Dependency) {
  return { tool: consumer, dependency: name, required }
}
