/** What is written into the audit trail of an instance, and of a resolution that changed its mind. */
import type { AuditEvent } from '../../model/operations-api.ts'
import type { Resolution } from '../../model/registry-api.ts'
import type { Audit } from './audit.ts'
import type { Instance, Slot } from './mesh-index.ts'
import { rewiringOf, rewiringText } from './rewired.ts'

export function eventOf(
  { id, serving: { agent } }: Instance,
  type: AuditEvent['type'],
  what: string,
): Omit<AuditEvent, 'revision' | 'at'> {
  const { namespace, name } = agent
  return { type, namespace, agent: name, instance: id, message: `${id}: ${what}` }
}

export function recordRewiring(audit: Audit, slot: Slot, before: Resolution | undefined): void {
  const rewiring = before && rewiringOf(slot, before)
  if (!rewiring) return
  const { namespace, name } = slot.serving.agent
  const message = rewiringText(rewiring)
  audit.add({ type: 'Rewired', namespace, agent: name, message, rewiring })
}
