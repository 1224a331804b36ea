/** A resolution that changed its mind: from which provider to which, and why. Instances of one provider that come and go are no change of mind. */
import type { AuditEvent } from '../../model/operations-api.ts'
import type { Endpoint, Resolution } from '../../model/registry-api.ts'
import { leftOut, wantOf } from '../../resolver/filter.ts'
import type { Slot } from './mesh-index.ts'

type Rewiring = NonNullable<AuditEvent['rewiring']>

/** Undefined where the same tool leads as before. */
export function rewiringOf(slot: Slot, before: Resolution): Rewiring | undefined {
  const [old, now] = [before.endpoints[0], slot.resolution.endpoints[0]]
  if (nameOf(old) === nameOf(now)) return undefined
  const { tool, dependency } = slot.resolution
  return {
    ...{ tool, dependency, reason: reasonOf(slot, before) },
    ...(old ? { from: providerOf(old) } : {}),
    ...(now ? { to: providerOf(now) } : {}),
  }
}

/** The sentence for people. */
export function rewiringText({ tool, dependency, from, to, reason }: Rewiring): string {
  const [old, now] = [from, to].map(each => (each ? textOf(each) : 'nothing'))
  return `${tool}/${dependency}: from ${old} to ${now}, ${reason}`
}

function reasonOf(slot: Slot, before: Resolution): string {
  const { resolution } = slot
  const [old, now] = [before.endpoints[0], resolution.endpoints[0]]
  if (!now) return resolution.reason ?? 'nothing fills it'
  if (!old) return `${textOf(now)} fills it now`
  const lost = lostReason(slot, before, old)
  if (lost !== undefined) return `${textOf(old)} is out: ${lost}`
  if (resolution.alternative < before.alternative) {
    return `alternative ${resolution.alternative + 1} comes before ${before.alternative + 1}`
  }
  if (now.score !== old.score) return `its score is ${now.score}, not ${old.score}`
  if (now.version !== old.version) return `${now.version} is newer than ${old.version}`
  return 'it comes first among equals'
}

/** Why the provider that led is no candidate now; undefined when it still is one. */
function lostReason(slot: Slot, before: Resolution, old: Endpoint): string | undefined {
  const alternative = slot.dependency.alternatives[before.alternative]
  const offers = slot.wanted[before.alternative]?.offers
  let reason = 'no instance of it is left'
  if (!alternative || !offers) return reason
  const want = wantOf(slot.serving.agent.namespace, alternative)
  for (const offer of offers) {
    if (nameOf(offer) !== nameOf(old)) continue
    for (const provider of offer.instances) {
      const left = leftOut(want, offer, provider)
      if (!left) return undefined
      reason = left.reason
    }
  }
  return reason
}

function providerOf({ agent, tool, version, instance }: Endpoint) {
  return { agent, tool, version, instance }
}

function textOf({ agent, tool, version }: Pick<Endpoint, 'agent' | 'tool' | 'version'>): string {
  return `${agent}/${tool}@${version}`
}

function nameOf(of: Pick<Endpoint, 'agent' | 'tool' | 'version'> | undefined): string {
  return of ? textOf(of) : ''
}
