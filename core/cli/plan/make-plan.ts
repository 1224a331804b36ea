/** What an apply would do to the mesh that a registry knows: agents, edges that move, consumers that break, version steps that say too little. */
import { brokenOf, meshChanges, type Move, type ToolChange } from '../../lint/mesh-changes.ts'
import { meshOf } from '../../lint/mesh-view.ts'
import { requiredCycles } from '../../lint/required-cycles.ts'
import type { RegistryClient } from '../../client/registry-client.ts'
import type { SetMember } from '../../manifest/check-set.ts'
import { canonicalJson } from '../../manifest/digest.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { manifestOf, membersOf } from './against.ts'

export interface PlannedAgent {
  namespace: string
  name: string
  /** `adopt`: it was announced as it is, and becomes applied. */
  action: 'create' | 'change' | 'adopt' | 'remove' | 'unchanged'
  /** The generation that it has now; 0 where it is not there. */
  generation: number
  /** Absent where it is removed. */
  manifest?: Manifest
  before?: AgentResource
}

export interface Plan {
  agents: PlannedAgent[]
  tools: ToolChange[]
  /** Dependencies that another tool fills, or that are filled and were not, or the other way round. */
  moves: Move[]
  /** Those of the moves that leave a required dependency with nothing. */
  breaks: Move[]
  /** Changes whose version says less than they do. */
  short: ToolChange[]
  /** Cycles of required dependencies that there would be. */
  cycles: string[]
}

export interface PlanOptions {
  /** Also removes what was applied in the namespaces of the manifests and is not among them. */
  prunes: boolean
}

export async function makePlan(
  manifests: readonly Manifest[],
  registry: Pick<RegistryClient, 'agents'>,
  { prunes }: PlanOptions,
): Promise<Plan> {
  const { items } = await registry.agents()
  const known = new Map(items.map(item => [keyOf(item.metadata), item]))
  const given = new Set(manifests.map(({ metadata }) => keyOf(metadata)))
  const spaces = new Set(manifests.map(({ metadata }) => metadata.namespace ?? 'default'))
  const agents = manifests.map(manifest => planned(manifest, known.get(keyOf(manifest.metadata))))
  const removed = items.filter(
    ({ metadata }) =>
      prunes &&
      metadata.origin === 'applied' &&
      spaces.has(metadata.namespace) &&
      !given.has(keyOf(metadata)),
  )
  for (const before of removed) {
    const { namespace, name, generation } = before.metadata
    agents.push({ namespace, name, action: 'remove', generation, before })
  }
  const touched = new Set([...given, ...removed.map(({ metadata }) => keyOf(metadata))])
  const before = await membersOf(items)
  const rest = before.filter(({ agent }) => !touched.has(keyOf(agent)))
  const changes = meshChanges(before, [...rest, ...(await membersOf(manifests))])
  const { tools, moves } = changes
  const short = tools.filter(({ least }) => least !== undefined)
  return {
    agents,
    tools,
    moves,
    breaks: brokenOf(changes),
    short,
    cycles: await cyclesOf(manifests, rest),
  }
}

async function cyclesOf(
  manifests: readonly Manifest[],
  rest: readonly SetMember[],
): Promise<string[]> {
  const mesh = meshOf([...rest, ...(await membersOf(manifests))])
  const placeOf = ({ agent }: SetMember) => `${agent.namespace}/${agent.name}`
  return requiredCycles({ mesh, placeOf, isWhole: true }).map(({ fault }) => fault.message)
}

function planned(manifest: Manifest, before: AgentResource | undefined): PlannedAgent {
  const { name, namespace = 'default' } = manifest.metadata
  if (!before) return { namespace, name, action: 'create', generation: 0, manifest }
  const { generation, origin } = before.metadata
  const isSame = textOf(manifestOf(before)) === textOf(manifest)
  const action = !isSame ? 'change' : origin === 'applied' ? 'unchanged' : 'adopt'
  return { namespace, name, action, generation, manifest, before }
}

function keyOf({
  namespace = 'default',
  name,
}: {
  namespace?: string | undefined
  name: string
}): string {
  return `${namespace}/${name}`
}

function textOf({ metadata, ...rest }: Manifest): string {
  return canonicalJson({
    ...rest,
    metadata: { ...metadata, namespace: metadata.namespace ?? 'default' },
  })
}
