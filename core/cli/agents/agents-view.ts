/** Agents as rows: what list, get and status show of them. */
import { toolsIn } from '../../model/manifest.ts'
import type { AgentResource, InstanceStatus, Resolution } from '../../model/registry-api.ts'
import { formatDuration } from '../../model/duration.ts'
import type { Column } from '../output/output.ts'
import { toneOf } from '../output/paint.ts'

export const agentColumns: readonly Column<AgentResource>[] = [
  { head: 'NAME', of: agent => agent.metadata.name },
  { head: 'NAMESPACE', of: agent => agent.metadata.namespace, wide: true },
  { head: 'KIND', of: agent => agent.kind, wide: true },
  { head: 'PHASE', of: agent => agent.status.phase, tone: agent => toneOf(agent.status.phase) },
  { head: 'VERSION', of: agent => agent.spec.version },
  { head: 'INSTANCES', of: readyOf },
  { head: 'CAPABILITIES', of: agent => capabilitiesOf(agent).join(',') },
  { head: 'DEPENDENCIES', of: resolvedOf },
  { head: 'ENDPOINT', of: agent => agent.status.instances[0]?.endpoint ?? '' },
  { head: 'TAGS', of: agent => tagsOf(agent).join(','), wide: true },
  { head: 'GENERATION', of: generationOf, wide: true },
  { head: 'AGE', of: agent => ageOf(agent.status.instances[0]), wide: true },
]

/** An instance with the agent that it is one of. */
export interface InstanceRow extends InstanceStatus {
  agent: string
  namespace: string
}

export const instanceColumns: readonly Column<InstanceRow>[] = [
  { head: 'ID', of: instance => instance.id },
  { head: 'NAMESPACE', of: instance => instance.namespace, wide: true },
  { head: 'AGENT', of: instance => instance.agent },
  { head: 'STATE', of: instance => instance.state, tone: ({ state }) => toneOf(state) },
  { head: 'ENDPOINT', of: instance => instance.endpoint },
  { head: 'PID', of: instance => String(instance.pid) },
  { head: 'HOST', of: instance => instance.host, wide: true },
  { head: 'GENERATION', of: instance => String(instance.observedGeneration), wide: true },
  { head: 'AGE', of: ageOf },
]

export function instancesOf(agents: readonly AgentResource[]): InstanceRow[] {
  return agents.flatMap(({ metadata, status }) =>
    status.instances.map(instance => ({
      ...instance,
      agent: metadata.name,
      namespace: metadata.namespace,
    })),
  )
}

/** A tool as other agents and people select it. */
export interface CapabilityRow {
  capability: string
  version: string
  tags: readonly string[]
  agent: string
  namespace: string
  tool: string
  phase: string
}

export const capabilityColumns: readonly Column<CapabilityRow>[] = [
  { head: 'CAPABILITY', of: row => row.capability },
  { head: 'NAMESPACE', of: row => row.namespace, wide: true },
  { head: 'VERSION', of: row => row.version },
  { head: 'TAGS', of: row => row.tags.join(',') },
  { head: 'AGENT', of: row => row.agent },
  { head: 'TOOL', of: row => row.tool },
  { head: 'PHASE', of: row => row.phase, tone: row => toneOf(row.phase) },
]

export function capabilityRows(agents: readonly AgentResource[]): CapabilityRow[] {
  return agents.flatMap(({ metadata, spec, status }) =>
    toolsIn({ spec }).map(tool => ({
      capability: tool.capability ?? tool.name,
      version: tool.version ?? spec.version,
      tags: tool.tags ?? [],
      agent: metadata.name,
      namespace: metadata.namespace,
      tool: tool.name,
      phase: status.phase,
    })),
  )
}

/** A dependency and who fills it. */
export interface EdgeRow extends Resolution {
  agent: string
  namespace: string
}

export const edgeColumns: readonly Column<EdgeRow>[] = [
  { head: 'CONSUMER', of: edge => `${edge.agent}:${edge.tool}` },
  { head: 'NAMESPACE', of: edge => edge.namespace, wide: true },
  { head: 'DEPENDENCY', of: edge => edge.dependency + (edge.required ? '' : ' (optional)') },
  { head: 'CAPABILITY', of: edge => edge.capability },
  {
    head: 'PROVIDER',
    of: edge =>
      [...new Set(edge.endpoints.map(e => `${e.agent}:${e.tool}@${e.version}`))].join(',') ||
      `none: ${edge.reason ?? 'nothing offers it'}`,
    tone: ({ endpoints, required }) =>
      endpoints.length > 0 ? undefined : required ? 'bad' : 'warn',
  },
  { head: 'ENDPOINTS', of: edge => edge.endpoints.map(e => e.url).join(','), wide: true },
]

export function edgesOf(agents: readonly AgentResource[]): EdgeRow[] {
  return agents.flatMap(({ metadata, status }) =>
    status.resolutions.map(resolution => ({
      ...resolution,
      agent: metadata.name,
      namespace: metadata.namespace,
    })),
  )
}

function readyOf({ status: { instances } }: AgentResource): string {
  return `${instances.filter(isReady).length}/${instances.length}`
}

/** Whether it takes calls. */
export const isReady = ({ state }: InstanceStatus) => state === 'ready'

const capabilitiesOf = ({ spec }: AgentResource) =>
  unique(toolsIn({ spec }).map(tool => tool.capability ?? tool.name))

const tagsOf = ({ spec }: AgentResource) =>
  unique(toolsIn({ spec }).flatMap(tool => tool.tags ?? []))

const unique = (names: readonly string[]) => [...new Set(names)]

function resolvedOf({ status: { resolutions } }: AgentResource): string {
  if (resolutions.length === 0) return ''
  return `${resolutions.filter(r => r.endpoints.length > 0).length}/${resolutions.length}`
}

function generationOf({ metadata, status }: AgentResource): string {
  return `${metadata.generation} (observed ${status.observedGeneration})`
}

function ageOf(instance: InstanceStatus | undefined): string {
  return instance ? formatDuration(Math.max(0, Date.now() - Date.parse(instance.since))) : ''
}
