/** Resources, prompts and completions by the SDK: from `Offers` to its requests and back, in both eras. */
import {
  isInputRequiredResult,
  ProtocolError,
  ResourceNotFoundError,
  type GetPromptResult,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { MeshError, messageOf } from '../../core/model/error.ts'
import { mostUris } from '../clients/store.ts'
import { ClientLacks, type Asker } from './asking.ts'
import { timeoutOf } from './invoke.ts'
import type { Caller, Offers } from './offers.ts'
import { busyError } from './places.ts'
import { callerSignal } from './sdk-caller.ts'
import { RpcError } from './rpc-error.ts'
import { readTrace } from '../telemetry/trace-context.ts'
import { asked } from './sdk-asking.ts'
import { traceHeadersOf } from './sdk-trace.ts'
import { refuseLoss, type ServingServer } from './sdk-server.ts'

/** What one completion may hold, as MCP says. */
const mostValues = 100

/** `isOpen`: those too that are not there yet. */
export function capabilitiesOf(
  { resources, templates, prompts, hasCompletions, canSubscribe }: Offers,
  isOpen: boolean,
): ServerCapabilities {
  const hasResources = resources.length + templates.length > 0
  return {
    ...((isOpen || hasResources) && { resources: { listChanged: true, subscribe: canSubscribe } }),
    ...((isOpen || prompts.length > 0) && { prompts: { listChanged: true } }),
    ...((isOpen || hasCompletions) && { completions: {} }),
  }
}

/** Handlers for what there is; what there is not is a method that the server does not have. */
export function serveOffers(server: Server, offers: Offers, serving: ServingServer): void {
  const { resources, templates, prompts, hasCompletions } = offers
  const isOpen = serving.isOpen === true
  if (isOpen || resources.length + templates.length > 0) {
    serveResources(server, offers, serving)
    if (serving.era === 'legacy' && offers.canSubscribe) serveSubscriptions(server, serving)
  }
  if (isOpen || prompts.length > 0) servePrompts(server, offers, serving)
  if (isOpen || hasCompletions) serveCompletions(server, offers)
}

function serveResources(server: Server, offers: Offers, serving: ServingServer): void {
  server.setRequestHandler('resources/list', () => ({ resources: [...offers.resources] }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...offers.templates],
  }))
  server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    const request = { method: 'resources/read', name: uri, args: undefined }
    const found = await asked(context, request, serving, asker =>
      offers.read(uri, callerOf(context, asker)),
    ).catch(refuse)
    if (!found) throw new ResourceNotFoundError(uri)
    if (isInputRequiredResult(found)) return found
    const { contents, cache } = found
    const isKept = cache && serving.era === 'modern'
    return { contents, ...(isKept && { ttlMs: cache.ttlMs, cacheScope: cache.scope }) }
  })
}

/** In the newer era subscriptions/listen does it, which is the SDK's. */
function serveSubscriptions(server: Server, { client }: ServingServer): void {
  const known = () => {
    if (client) return client
    throw new ProtocolError(-32600, 'Subscriptions belong to a session: initialize first')
  }
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    const { session, sessions } = known()
    if (await sessions.subscribe(session, uri).catch(refuseLoss)) return {}
    throw new ProtocolError(-32600, `A session has at most ${mostUris} subscriptions`)
  })
  server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    const { session, sessions } = known()
    await sessions.unsubscribe(session, uri).catch(refuseLoss)
    return {}
  })
}

function servePrompts(server: Server, offers: Offers, serving: ServingServer): void {
  server.setRequestHandler('prompts/list', () => ({ prompts: [...offers.prompts] }))
  server.setRequestHandler('prompts/get', async ({ params }, context) => {
    const { name, arguments: args = {} } = params
    const request = { method: 'prompts/get', name, args }
    const found = await asked(context, request, serving, asker =>
      offers.prompt(name, args, callerOf(context, asker)),
    ).catch(refuse)
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
    const { values, total = values.length, hasMore = values.length > mostValues } = found
    return { completion: { values: values.slice(0, mostValues), total, hasMore } }
  })
}

function callerOf({ mcpReq, http }: ServerContext, asker?: Asker): Caller {
  return {
    ...{ signal: callerSignal(mcpReq.signal), timeoutMs: timeoutOf(mcpReq._meta), asker },
    received: readTrace(mcpReq._meta, traceHeadersOf(http?.req)),
  }
}

/** What is wrong with a request is the caller's; all else is a fault in here, worded for it. */
function refuse(error: unknown): never {
  if (error instanceof ProtocolError) throw error
  if (error instanceof ClientLacks || error instanceof RpcError) {
    const { code, message, data } = busyError(error)
    throw new ProtocolError(code, message, data)
  }
  const isCallers = error instanceof MeshError && error.code === 'MESH_ARGUMENTS_INVALID'
  const text = error instanceof MeshError ? `${error.code}: ${error.message}` : messageOf(error)
  throw new ProtocolError(isCallers ? -32602 : -32603, text)
}
