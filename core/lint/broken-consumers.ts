/**
 * What a change of the given agents would break among those that are known from elsewhere: dependencies that were filled and
 * would be no more, and versions that say less than what changed. Told where the change stands.
 */
import type { SetMember } from '../manifest/check-set.ts'
import { faultOf, type Path } from '../manifest/fault.ts'
import { stepFault } from './lock-drift.ts'
import { brokenOf, meshChanges } from './mesh-changes.ts'
import type { Finding } from './rules.ts'

export interface Replaced {
  /** The agents as they are known from elsewhere. */
  before: readonly SetMember[]
  /** The given agents, and the others that they leave as they are. */
  own: readonly SetMember[]
  rest: readonly SetMember[]
  /** `in the registry`. */
  origin: string
}

export function brokenConsumers({ before, own, rest, origin }: Replaced): Finding[] {
  const changes = meshChanges(before, [...own, ...rest])
  const isOwn = new Set(own)
  const broken = brokenOf(changes).flatMap((move): Finding[] => {
    if (isOwn.has(move.node.member) || !move.provider) return [] // its own manifest tells
    const { agent, tool } = { agent: move.provider.member.agent, tool: move.provider.tool }
    const member = own.find(
      ({ agent: { name, namespace } }) => name === agent.name && namespace === agent.namespace,
    )
    if (!member) return []
    const index = member.agent.tools.findIndex(({ name }) => name === tool.name)
    const path: Path = index < 0 ? ['metadata', 'name'] : ['spec', 'tools', index, 'name']
    const reason = move.reason ?? 'it is gone'
    const message = `${move.consumer} ${origin} needs "${move.dependency}", which ${move.from} fills; with this change nothing does: ${reason}`
    const mend =
      'keep what it needs, offer the new form as another version or capability beside it, or change the consumer first'
    return [{ member, fault: faultOf('MESH_CONSUMER_BROKEN', path, message, { mend }) }]
  })
  const steps = changes.tools.filter(({ node }) => isOwn.has(node.member)).flatMap(stepFault)
  return [...broken, ...steps]
}
