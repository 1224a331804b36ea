/** Resources, prompts and completions by the SDK: from `Offers` to its requests and back, in both eras. */
import {
  ProtocolError,
  ResourceNotFoundError,
  type GetPromptResult,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { timeoutOf } from './invoke.ts'
import type { Caller, Offers } from './offers.ts'

/** What one completion may hold, as MCP says. */
const mostValues = 100

/** `listChanged` where clients can be told of it. */
export function capabilitiesOf(
  { resources, templates, prompts, hasCompletions }: Offers,
  listChanged: boolean,
): ServerCapabilities {
  const told = listChanged ? { listChanged } : {}
  return {
    ...(resources.length + templates.length > 0 && { resources: told }),
    ...(prompts.length > 0 && { prompts: told }),
    ...(hasCompletions && { completions: {} }),
  }
}

/** Handlers for what there is; what there is not is a method that the server does not have. */
export function serveOffers(server: Server, offers: Offers, era: 'legacy' | 'modern'): void {
  const { resources, templates, prompts, hasCompletions } = offers
  if (resources.length + templates.length > 0) serveResources(server, offers, era)
  if (prompts.length > 0) servePrompts(server, offers)
  if (hasCompletions) serveCompletions(server, offers)
}

function serveResources(server: Server, offers: Offers, era: 'legacy' | 'modern'): void {
  server.setRequestHandler('resources/list', () => ({ resources: [...offers.resources] }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...offers.templates],
  }))
  server.setRequestHandler('resources/read', async ({ params }, context) => {
    const found = await offers.read(params.uri, callerOf(context)).catch(refuse)
    if (!found) throw new ResourceNotFoundError(params.uri)
    const { contents, cache } = found
    const isKept = cache && era === 'modern'
    return { contents, ...(isKept && { ttlMs: cache.ttlMs, cacheScope: cache.scope }) }
  })
}

function servePrompts(server: Server, offers: Offers): void {
  server.setRequestHandler('prompts/list', () => ({ prompts: [...offers.prompts] }))
  server.setRequestHandler('prompts/get', async ({ params }, context) => {
    const { name, arguments: args = {} } = params
    const found = await offers.prompt(name, args, callerOf(context)).catch(refuse)
    if (!found) {
      const names = offers.prompts.map(prompt => prompt.name).slice(0, 10)
      throw new ProtocolError(-32602, `Unknown prompt: ${name}. This agent has ${names.join(', ')}`)
    }
    return found as GetPromptResult
  })
}

function serveCompletions(server: Server, offers: Offers): void {
  server.setRequestHandler('completion/complete', async ({ params }, context) => {
    const { ref, argument } = params
    const of = ref.type === 'ref/prompt' ? { prompt: ref.name } : { template: ref.uri }
    const { name, value } = argument
    const others = params.context?.arguments ?? {}
    const found = await offers
      .complete({ of, argument: name, value, others }, callerOf(context))
      .catch(refuse)
    if (!found) {
      const whose = 'prompt' in of ? `prompt "${of.prompt}"` : `template "${of.template}"`
      throw new ProtocolError(-32602, `The ${whose} with an argument "${name}" is not there`)
    }
    const hasMore = found.length > mostValues
    return { completion: { values: found.slice(0, mostValues), total: found.length, hasMore } }
  })
}

function callerOf({ mcpReq }: ServerContext): Caller {
  return { signal: mcpReq.signal, timeoutMs: timeoutOf(mcpReq._meta) }
}

/** What is wrong with a request is the caller's; all else is a fault in here, worded for it. */
function refuse(error: unknown): never {
  const isCallers = error instanceof MeshError && error.code === 'MESH_ARGUMENTS_INVALID'
  const text = error instanceof MeshError ? `${error.code}: ${error.message}` : messageOf(error)
  throw new ProtocolError(isCallers ? -32602 : -32603, text)
}
