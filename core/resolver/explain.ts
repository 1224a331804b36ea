/** Why nothing, or not more, fills a want: each candidate left out with its stage, and one sentence for people. */
import type { Exclusion } from '../model/registry-api.ts'
import { leftOut, type Left, type Want } from './filter.ts'
import type { Offer, OffersOf, Provider } from './offer.ts'
import { compareText } from './rank.ts'

const stages = ['namespace', 'state', 'availability', 'tags', 'version', 'schema', 'lock'] as const

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

/** The candidate that came furthest, with where it was left out; undefined when the namespace offers none. */
export function closest<O extends Offer>(
  want: Want,
  offers: Iterable<O>,
): { offer: O; provider: Provider; left: Left } | undefined {
  let best: { offer: O; provider: Provider; left: Left } | undefined
  for (const offer of offers) {
    for (const provider of offer.instances) {
      const left = leftOut(want, offer, provider)
      if (!left || left.stage === 'namespace') continue
      const found = { offer, provider, left }
      if (!best || byProgress(keyOf(found), keyOf(best)) < 0) best = found
    }
  }
  return best
}

/** Whether what came closest would fill the want, were it what mesh.lock says. */
export function isHeldBack(want: Want, offersOf: OffersOf): boolean {
  if (!want.pins) return false
  return closest(want, offersOf(want.capability))?.left.stage === 'lock'
}

/** The sentence for a want that nothing fills: what came closest, or that nothing is offered at all. */
export function explain(want: Want, offersOf: OffersOf): string {
  const found = closest(want, offersOf(want.capability))
  if (!found) return `no instance offers "${want.capability}" in namespace "${want.namespace}"`
  const { offer, provider, left } = found
  const who = `${offer.agent}/${offer.tool} (${provider.id})`
  return `"${want.capability}" is offered by ${who}, but ${left.reason}`
}

interface Progress {
  stage: Left['stage']
  instance: string
  tool: string
}

function keyOf({
  offer,
  provider,
  left,
}: {
  offer: Offer
  provider: Provider
  left: Left
}): Progress {
  return { stage: left.stage, instance: provider.id, tool: offer.tool }
}

function byProgress(a: Progress, b: Progress): number {
  return (
    stages.indexOf(b.stage) - stages.indexOf(a.stage) ||
    compareText(a.instance, b.instance) ||
    compareText(a.tool, b.tool)
  )
}
