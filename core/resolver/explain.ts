/** Why nothing, or not more, fills a want: each candidate left out with its stage, and one sentence for people. */
import type { Exclusion } from '../model/registry-api.ts'
import { leftOut, type Want } from './filter.ts'
import type { OffersOf } from './offer.ts'
import { compareText } from './rank.ts'

const stages = ['namespace', 'state', 'availability', 'tags', 'version'] as const

/** Every candidate left out, those that came furthest first. */
export function exclusionsFor(want: Want, offersOf: OffersOf): Exclusion[] {
  const excluded: Exclusion[] = []
  for (const offer of offersOf(want.capability)) {
    for (const provider of offer.instances) {
      const left = leftOut(want, offer, provider)
      if (!left) continue
      const { agent, namespace, tool, version } = offer
      const who = { instance: provider.id, agent, namespace, url: provider.endpoint, tool, version }
      excluded.push({ ...who, tags: [...offer.tags], ...left })
    }
  }
  return excluded.sort(byProgress)
}

/** The sentence for a want that nothing fills: what came closest, or that nothing is offered at all. */
export function explain(want: Want, offersOf: OffersOf): string {
  const excluded = exclusionsFor(want, offersOf).filter(e => e.stage !== 'namespace')
  const [closest] = excluded
  if (!closest) return `no instance offers "${want.capability}" in namespace "${want.namespace}"`
  const others = excluded.length === 1 ? '' : ` (and ${excluded.length - 1} more left out)`
  const who = `${closest.agent}/${closest.tool} (${closest.instance})`
  return `"${want.capability}" is offered by ${who}, but ${closest.reason}${others}`
}

function byProgress(a: Exclusion, b: Exclusion): number {
  return (
    stages.indexOf(b.stage) - stages.indexOf(a.stage) ||
    compareText(a.instance, b.instance) ||
    compareText(a.tool, b.tool)
  )
}
