/**
 * What `meshctl validate` tells of a set of agents as a mesh: required dependencies that none of them fills, and the one
 * provider there is whose schemas are not what is expected. That a provider is not in the set is a warning: it may be
 * described elsewhere. A set of one agent is not compared with itself.
 */
import type { SetMember } from '../manifest/check-set.ts'
import type { SetCheck } from '../manifest/compare.ts'
import { faultOf, type Fault, type Path } from '../manifest/fault.ts'
import { valueAt } from '../manifest/record.ts'
import { nearest } from '../manifest/suggest.ts'
import type { AgentTool, Dependency, DependencyAlternative } from '../model/agent.ts'
import { unsuited, wantOf, type Left } from '../resolver/filter.ts'

/** A tool of the set. */
interface Offer {
  member: SetMember
  tool: AgentTool
  path: Path
}

/** Nearest candidates that a message names. */
const MOST_NAMED = 3

type Offers = ReadonlyMap<string, readonly Offer[]>

export const checkGraph: SetCheck = (members, placeOf) => {
  if (members.length < 2) return new Map()
  const offers = new Map<string, Offer[]>()
  for (const member of members) {
    for (const [index, tool] of member.agent.tools.entries()) {
      const offer = { member, tool, path: ['spec', 'tools', index, 'name'] }
      const known = offers.get(tool.capability)
      if (known) known.push(offer)
      else offers.set(tool.capability, [offer])
    }
  }
  const nameOf = ({ member, tool, path }: Offer) =>
    `${member.agent.namespace}/${member.agent.name}.${tool.name} (${placeOf(member, path)})`
  return new Map(
    members.map(member => [
      member,
      member.agent.tools.flatMap((tool, index) =>
        tool.dependencies.flatMap(dependency => {
          const path: Path = ['spec', 'tools', index, 'dependencies', dependency.name]
          return dependencyFaults({ member, dependency, path, offers, nameOf })
        }),
      ),
    ]),
  )
}

interface Edge {
  member: SetMember
  dependency: Dependency
  path: Path
  offers: Offers
  nameOf: (offer: Offer) => string
}

function dependencyFaults(edge: Edge): Fault[] {
  const { member, dependency, path, offers } = edge
  if (!dependency.required) return []
  const candidates: Candidate[] = []
  for (const [alternative, wanted] of dependency.alternatives.entries()) {
    for (const offer of offers.get(wanted.capability) ?? []) {
      const left = leftOf(member, wanted, offer)
      if (!left) return []
      candidates.push({ alternative, offer, left })
    }
  }
  const misfits = candidates.filter(({ left }) => left.stage === 'schema')
  const [misfit] = misfits
  if (misfit && misfits.length === 1) return [contractFault(edge, misfit)]
  const message = `no agent in these files fills the required dependency "${dependency.name}"`
  const more = { severity: 'warning', at: 'key', mend: mendOf(edge, candidates) } as const
  const because = reasonOf(edge, candidates)
  return [faultOf('MESH_DEPENDENCY_UNRESOLVED', path, `${message}: ${because}`, more)]
}

interface Candidate {
  /** Which of the dependency's alternatives it is left out of. */
  alternative: number
  offer: Offer
  left: Left
}

/** Of a wrapped server the schemas are known to nobody before it runs. */
function leftOf(
  { agent }: SetMember,
  alternative: DependencyAlternative,
  { member, tool }: Offer,
): Left | undefined {
  const { namespace } = member.agent
  if (namespace !== agent.namespace)
    return {
      stage: 'namespace',
      reason: `it is in namespace "${namespace}", not "${agent.namespace}"`,
    }
  const want = wantOf(agent.namespace, alternative)
  const isKnown = member.agent.server === undefined
  return unsuited(isKnown ? want : { ...want, expects: undefined }, { ...tool, schemas: tool })
}

/** The one that would fill it, but for its schemas. */
function contractFault(edge: Edge, { alternative, offer, left }: Candidate): Fault {
  const { member, dependency, path, nameOf } = edge
  const isList = Array.isArray(valueAt(member.manifest, path))
  const at = [...path, ...(isList ? [alternative] : []), 'expects']
  const message = `of the agents in these files only ${nameOf(offer)} could fill "${dependency.name}", but ${left.reason}`
  return faultOf('MESH_CONTRACT_MISMATCH', at, message, { at: 'key' })
}

const stages = ['namespace', 'tags', 'version', 'schema']

function reasonOf({ dependency, nameOf }: Edge, candidates: readonly Candidate[]): string {
  const wanted = [...new Set(dependency.alternatives.map(({ capability }) => `"${capability}"`))]
  if (candidates.length === 0) return `none offers ${wanted.join(' or ')}`
  const nearestFirst = [...candidates].sort(
    (a, b) => stages.indexOf(b.left.stage) - stages.indexOf(a.left.stage),
  )
  const named = nearestFirst
    .slice(0, MOST_NAMED)
    .map(({ offer, left }) => `${nameOf(offer)} is left out, ${left.reason}`)
  const others = candidates.length - named.length
  return [...named, ...(others > 0 ? [`and ${others} more are`] : [])].join('; ')
}

function mendOf({ dependency, offers }: Edge, candidates: readonly Candidate[]): string {
  const elsewhere = 'give the file of the agent that fills it too, or write required: false'
  if (candidates.length > 0) return `change what is asked for or what is offered, ${elsewhere}`
  const [capability = ''] = dependency.alternatives.map(alternative => alternative.capability)
  const near = nearest(capability, offers.keys())
  return near ? `write ${near}, ${elsewhere}` : elsewhere
}
