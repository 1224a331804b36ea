/**
 * Gateways whose list of tools is long: a model reads it in every conversation. Counted are the tools that the manifests of the set
 * describe, as the gateway would list them. What a wrapped server says of its tools stands in no manifest: where one is shown, there
 * are at least so many, and `meshctl status` counts them when it runs.
 */
import type { SetMember } from '../manifest/check-set.ts'
import { faultOf, type Fault } from '../manifest/fault.ts'
import { record } from '../manifest/record.ts'
import type { AgentTool } from '../model/agent.ts'
import { exposureOfAgent, exposureOfTool } from '../model/expose.ts'
import type { Gateway } from '../model/gateway.ts'
import { listTokens, longListTokens } from '../model/list-tokens.ts'
import type { Finding, Scene } from './rules.ts'

export function longLists({ mesh }: Scene): Finding[] {
  return mesh.members.flatMap(member => {
    const { gateway } = member.agent
    const fault = gateway && faultIn(member, gateway, mesh.members)
    return fault ? [{ member, fault }] : []
  })
}

/** What it lists of one agent. */
interface Share {
  agent: string
  tools: number
  tokens: number
  isWrapped: boolean
}

function faultIn(
  { agent: { name }, manifest }: SetMember,
  gateway: Gateway,
  members: readonly SetMember[],
): Fault | undefined {
  const shares = members
    .map(({ agent }) => shareOf(gateway, agent))
    .sort((a, b) => b.tokens - a.tokens || (a.agent < b.agent ? -1 : 1))
  const sum = (key: 'tools' | 'tokens') => shares.reduce((all, share) => all + share[key], 0)
  const [tools, tokens] = [sum('tools'), sum('tokens')]
  if (tokens <= longListTokens) return undefined
  const { search } = gateway
  const least = shares.some(({ isWrapped }) => isWrapped) ? 'at least ' : ''
  const most = shares.slice(0, 3).filter(share => share.tools > 0)
  const message =
    `gateway "${name}" lists ${search ? 'beside its search ' : ''}${least}${counted(tools)}, some ${figure(tokens)} tokens (an estimate: four bytes of JSON each) ` +
    `that models read in every conversation, and ${figure(longListTokens)} are many; most are of ${most.map(said).join(', ')}`
  const spec = record(record(manifest).spec)
  const at = search ? 'expose' : ['search', 'expose'].find(key => spec[key] !== undefined)
  const mend = search
    ? 'pin fewer tools: what is not pinned is found by the search'
    : 'write search: true under spec, so that clients are listed a tool that finds tools; or expose fewer, by agents, capabilities or tags'
  const path = at === undefined ? ['spec'] : ['spec', at]
  return faultOf('MESH_LIST_LONG', path, message, { severity: 'warning', mend, at: 'key' })
}

function shareOf(
  { exposures, search }: Gateway,
  { namespace, name, tools, server }: SetMember['agent'],
): Share {
  const shown = tools.filter(tool => {
    const exposure = exposureOfTool(exposures, { namespace, name }, tool)
    return exposure && (!search || exposure.isPinned)
  })
  return {
    ...{ agent: `${namespace}/${name}`, tools: shown.length },
    tokens: listTokens(shown.map(listed)).tokens,
    isWrapped:
      server !== undefined &&
      !search &&
      exposureOfAgent(exposures, { namespace, name }) !== undefined,
  }
}

/** As runtime/mcp/tools.ts lists it. */
function listed({ name, title, description, inputSchema, outputSchema, annotations }: AgentTool) {
  return {
    ...{ name, title, description: description || undefined },
    inputSchema: { ...inputSchema, type: 'object' },
    outputSchema,
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

const figure = (count: number) => count.toLocaleString('en-US')
const counted = (tools: number) => `${figure(tools)} ${tools === 1 ? 'tool' : 'tools'}`
const said = ({ agent, tools, tokens }: Share) =>
  `${agent} (${counted(tools)}, ${figure(tokens)} tokens)`
