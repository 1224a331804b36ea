/**
 * Which tool a name means, and where it can be called: `agent:tool`, a tool's name, or a capability, in this order. Several
 * providers of one capability are alike for the mesh, so the registry's ranking chooses; one tool name with
 * different capabilities is ambiguous, and the candidates are listed.
 */
import type { RegistryClient } from '../../client/registry-client.ts'
import { toolsIn } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { declaredHeaders, type ParamHeader } from '../../model/param-headers.ts'
import { MeshError } from '../../model/error.ts'
import { withSessionHeader } from '../../model/session-header.ts'
import { missing } from '../line/nearest.ts'

export interface Target {
  readonly tool: string
  /** Of ready instances, the one to be preferred first; never empty. */
  readonly urls: readonly string[]
  /** Arguments that the call repeats in headers. */
  readonly paramHeaders: readonly ParamHeader[]
}

type ManifestTool = ReturnType<typeof toolsIn>[number]

interface Offer {
  agent: AgentResource
  tool: string
  capability: string
}

/** Throws MESH_RESOURCE_MISSING, MESH_USAGE_INVALID (ambiguous), MESH_AGENT_UNREACHABLE (nobody alive). */
export async function findTarget(
  registry: RegistryClient,
  namespace: string,
  name: string,
): Promise<Target> {
  const { items } = await registry.agents({ namespace })
  const offers = items.flatMap(agent =>
    toolsIn(agent).map(tool => ({
      agent,
      tool: tool.name,
      capability: tool.capability ?? tool.name,
    })),
  )
  const colon = name.indexOf(':')
  if (colon > 0) return withAgent(items, name.slice(0, colon), name.slice(colon + 1))

  const tools = offers.filter(offer => offer.tool === name)
  const capabilities = offers.filter(offer => offer.capability === name)
  const [only, second] = tools
  if (only && !second) return live(only)
  if (tools.some(offer => offer.capability !== name)) throw ambiguous(name, tools)
  const [some] = capabilities
  if (!some) {
    const known = [...new Set(offers.flatMap(({ tool, capability }) => [tool, capability]))]
    throw missing({
      found: `no agent in namespace "${namespace}" has a tool or capability "${name}"`,
      name,
      known,
      see: 'meshctl get capabilities',
    })
  }
  const { endpoints } = await registry.resolve({ capability: name, namespace })
  const [best] = endpoints
  if (!best) return live(some)
  return {
    tool: best.tool,
    paramHeaders: best.paramHeaders ?? [],
    urls: endpoints.filter(endpoint => endpoint.tool === best.tool).map(endpoint => endpoint.url),
  }
}

function withAgent(items: readonly AgentResource[], name: string, tool: string): Target {
  const agent = items.find(({ metadata }) => metadata.name === name)
  if (!agent) {
    const known = items.map(({ metadata }) => metadata.name)
    throw missing({ found: `no agent "${name}"`, name, known, see: 'meshctl list' })
  }
  const known = toolsIn(agent).map(tool => tool.name)
  if (!known.includes(tool) && !hasOtherTools(agent)) {
    const found = `agent "${name}" has no tool "${tool}"`
    throw missing({ found, name: tool, known, see: `meshctl get agent ${name} -o yaml` })
  }
  return live({ agent, tool, capability: tool })
}

/** A wrapped server has more tools than its manifest lists, and a gateway lists none. */
const hasOtherTools = ({ spec }: AgentResource) => !('tools' in spec) || spec.server !== undefined

function live({ agent, tool }: Offer): Target {
  const { instances } = agent.status
  const urls = instances.filter(({ state }) => state === 'ready').map(({ endpoint }) => endpoint)
  const spec = toolsIn(agent).find(({ name }) => name === tool)
  if (urls.length > 0) return { tool, urls, paramHeaders: headersOf(spec) }
  const states = instances.map(({ id, state }) => `${id} is ${state}`).join(', ')
  throw new MeshError(
    'MESH_AGENT_UNREACHABLE',
    `agent "${agent.metadata.name}" has no live instance${states ? `: ${states}` : ''}`,
  )
}

/** As the tool is listed: the argument of a session is marked there, whether or not its manifest does it. */
function headersOf(spec: ManifestTool | undefined): readonly ParamHeader[] {
  const { session, inputSchema = {} } = spec ?? {}
  const schema = session ? withSessionHeader(inputSchema, session.argument) : inputSchema
  return declaredHeaders(schema).headers
}

function ambiguous(name: string, offers: readonly Offer[]): MeshError {
  const candidates = offers.map(({ agent, tool }) => `${agent.metadata.name}:${tool}`)
  return new MeshError(
    'MESH_USAGE_INVALID',
    `"${name}" is a tool of ${offers.length} agents`,
    `write meshctl call ${candidates[0]}`,
    { details: { lines: candidates } },
  )
}
