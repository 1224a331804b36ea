/** Keeps the resolution of every slot up to date: a change resolves again only those that want what it touched. */
import type { Resolution } from '../../model/registry-api.ts'
import type { OffersOf } from '../../resolver/offer.ts'
import { resolve } from '../../resolver/resolve.ts'
import { updateAvailability } from './availability.ts'
import type { Capability, MeshIndex, ServedTool, Slot } from './mesh-index.ts'

export interface Settled {
  /** Slots whose resolution is another one now. */
  changed: Slot[]
  /** What each of them was before. */
  before: Resolution[]
  /** Capabilities whose offers look different now. */
  capabilities: Set<Capability>
}

/** Draws the conclusions from what was touched since the last time. */
export function settle(index: MeshIndex, nextRevision: () => number): Settled {
  const { capabilities, slots } = index.takeTouched()
  for (const capability of updateAvailability(capabilities, slots)) capabilities.add(capability)
  for (const capability of capabilities) for (const slot of capability.slots) slots.add(slot)
  index.resolved += slots.size

  const changed: Slot[] = []
  const before: Resolution[] = []
  for (const slot of slots) {
    const resolution = resolveSlot(slot)
    const json = JSON.stringify(resolution)
    if (json === slot.json) continue
    before.push(slot.resolution)
    slot.resolution = resolution
    slot.json = json
    changed.push(slot)
  }
  const revision = changed.length > 0 ? nextRevision() : 0
  for (const slot of changed) slot.revision = revision
  return { changed, before, capabilities }
}

function resolveSlot({ serving, consumer, dependency, wanted }: Slot) {
  const offers = new Map<string, ReadonlySet<ServedTool>>(
    dependency.alternatives.map(({ capability }, i) => [
      capability,
      wanted[i]?.offers ?? new Set(),
    ]),
  )
  const offersOf: OffersOf = capability => offers.get(capability) ?? []
  const { namespace } = serving.agent
  return resolve({ namespace, consumer: consumer.key }, dependency, offersOf)
}
