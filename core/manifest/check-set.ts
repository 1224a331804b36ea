/**
 * What only several manifests together tell: whether the providers of a dependency, as far as they are in the set, allow
 * what its policy asks for. A consumer alone cannot know whether a tool may run twice. The runtime is safe without this:
 * it repeats and hedges nothing that may not run twice, so here is told what would be asked for in vain.
 */
import satisfies from 'semver/functions/satisfies.js'
import type { Agent, AgentTool, DependencyAlternative } from '../model/agent.ts'
import { consumersOf } from '../model/consumer.ts'
import { effectiveOver, type EffectivePolicy, type PolicyLevel } from './effective-policy.ts'
import { faultOf, type Fault, type Path } from './fault.ts'
import { record, valueAt } from './record.ts'
import { nearest } from './suggest.ts'

/** An agent of the set: what it says, and what lies under the values of its dependencies. */
export interface SetMember {
  agent: Agent
  manifest: unknown
  policies: readonly PolicyLevel[]
}

/** A tool of the set that offers a capability, in `namespace/agent.tool`. */
interface Offer {
  name: string
  namespace: string
  tool: AgentTool
  /** Of a wrapped server: what it does not say of its tools, the server may. */
  isWrapped: boolean
}

/** Faults by member; those of a shipped policy are nobody's, as nobody asked for it. */
export function checkSet(members: readonly SetMember[]): Map<SetMember, Fault[]> {
  const offers = new Map<string, Offer[]>()
  for (const { agent } of members) {
    for (const tool of agent.tools) {
      const name = `${agent.namespace}/${agent.name}.${tool.name}`
      const offer = {
        name,
        namespace: agent.namespace,
        tool,
        isWrapped: agent.server !== undefined,
      }
      const known = offers.get(tool.capability)
      if (known) known.push(offer)
      else offers.set(tool.capability, [offer])
    }
  }
  return new Map(members.map(member => [member, checkMember(member, offers)]))
}

function checkMember(
  { agent, manifest, policies }: SetMember,
  offers: ReadonlyMap<string, readonly Offer[]>,
): Fault[] {
  return consumersOf(agent).flatMap(consumer =>
    consumer.dependencies.flatMap(({ name, alternatives }) => {
      const path: Path = [...consumer.path, 'dependencies', name]
      const isList = Array.isArray(valueAt(manifest, path))
      return alternatives.flatMap((alternative, i) => {
        const providers = (offers.get(alternative.capability) ?? []).filter(
          offer => offer.namespace === agent.namespace && isSuited(alternative, offer.tool),
        )
        if (providers.length === 0) return []
        const at = isList ? [...path, i] : path
        const values = record(valueAt(manifest, at))
        const policy = effectiveOver(policies, values)
        return providers.flatMap(offer => [
          ...unsafeFaults(policy, offer, at),
          ...hashFaults(alternative, policy, offer, at),
        ])
      })
    }),
  )
}

/** As the resolver matches tags and versions (core/resolver/filter.ts). */
function isSuited({ tags, version }: DependencyAlternative, tool: AgentTool): boolean {
  const has = (tag: string) => tool.tags.includes(tag)
  return (
    tags.required.every(has) &&
    !tags.excluded.some(has) &&
    tags.anyOf.every(group => group.some(has)) &&
    (version === tool.version || satisfies(tool.version, version))
  )
}

/**
 * A second attempt of a tool that may not run twice: beside the first one, after the tool answered an error, or, where nobody
 * runs a call once by its key, after it gave no answer in time. Of a wrapped server's tool whose manifest says nothing the
 * server may say it: that is a warning.
 */
function unsafeFaults(policy: EffectivePolicy, offer: Offer, at: Path): Fault[] {
  const { name, tool, isWrapped } = offer
  if (tool.isRepeatable) return []
  const isUnknown = isWrapped && Object.keys(tool.annotations).length === 0
  const why = isUnknown
    ? `nothing here says that the server's tool behind ${name} has readOnlyHint or idempotentHint: where it has neither, it may not run twice`
    : `${name} says neither readOnlyHint nor idempotentHint: it may not run twice`
  return askedOf(policy, isWrapped).flatMap(({ field, origin, what, mend }) => {
    if (origin.endsWith('(shipped)')) return []
    const place = origin === 'dependency' ? [...at, ...field.split('.')] : at
    return [
      faultOf('MESH_RETRY_UNSAFE', place, `${field} asks for ${what}, and ${why}`, {
        ...(isUnknown ? { severity: 'warning' as const } : {}),
        at: 'key',
        mend: `${mend}, or declare annotations: { idempotentHint: true } on the tool where that is true`,
      }),
    ]
  })
}

/** What a policy asks for that may run a tool twice, and the origin of that. Handlers run a call once by its key (runtime/mcp/deduplicate.ts), a wrapped server does not. */
function askedOf(
  policy: EffectivePolicy,
  isWrapped: boolean,
): { field: string; origin: string; what: string; mend: string }[] {
  const hedge = policy.get('hedge.after')
  const asked = hedge
    ? [{ field: 'hedge', what: 'a second call beside the first', mend: 'write hedge: none' }].map(
        each => ({ ...each, origin: hedge.origin }),
      )
    : []
  const causes = policy.get('retries.on')
  if (!Array.isArray(causes?.value) || policy.get('retries.attempts')?.value === 1) return asked
  const after: [string, string][] = [['error', 'an error of the tool']]
  if (isWrapped) after.push(['timeout', 'one that gave no answer in time and may have run'])
  for (const [cause, when] of after) {
    if (!causes.value.includes(cause)) continue
    const what = `another call after ${when}`
    const mend = `leave ${cause} out of retries.on`
    asked.push({ field: 'retries.on', origin: causes.origin, what, mend })
  }
  return asked
}

/** consistent-hash by an argument that the provider does not take. */
function hashFaults(
  { hashOn }: DependencyAlternative,
  policy: EffectivePolicy,
  { name, tool }: Offer,
  at: Path,
): Fault[] {
  const { properties, ...others } = tool.inputSchema
  const isOpen = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties', 'if'].some(
    key => key in others,
  )
  const known = Object.keys(record(properties))
  if (hashOn === undefined || isOpen || known.length === 0 || known.includes(hashOn)) return []
  const message = `hashOn is "${hashOn}", and ${name} takes no such argument`
  const near = nearest(hashOn, known)
  const isOwn = policy.get('hashOn')?.origin === 'dependency'
  return [
    faultOf('MESH_ARGUMENT_UNKNOWN', isOwn ? [...at, 'hashOn'] : at, message, {
      at: isOwn ? 'value' : 'key',
      mend: near ? `write ${near}` : `write one of ${known.slice(0, 12).join(', ')}`,
    }),
  ]
}
