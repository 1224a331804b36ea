/**
 * What spans say of a call, made once for each tool, edge and its endpoints: names and places, never arguments, values, headers
 * or words of an error. The keys are those of the conventions for MCP; what they have none for is under `mesh.`.
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { ServedMethod, TracedEdge, TracedFailure } from './tracing.ts'

/** Shared by all spans that it describes, and not to be changed. */
export interface SpanDescription {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
}

const method = 'tools/call' satisfies ServedMethod
/** Each attribute costs about as much as the rest of a small span: what the conventions recommend and is always so is left out. */
const operation = { 'mcp.method.name': method, 'gen_ai.operation.name': 'execute_tool' }

const served = new Map<string, SpanDescription>()

/** Of a tool of this agent, or of what else it offers: a resource by its URI or template as the manifest has it. */
export function servedAttributes(name: string, by: ServedMethod = method): SpanDescription {
  const key = by === method ? name : `${by} ${name}` // no tool's name has a space
  let known = served.get(key)
  if (!known) served.set(key, (known = descriptionOf(name, by)))
  return known
}

function descriptionOf(name: string, by: ServedMethod): SpanDescription {
  const kind = SpanKind.SERVER
  const isMethod = { 'mcp.method.name': by }
  switch (by) {
    case 'tools/call':
      return { name: `${by} ${name}`, kind, attributes: { ...operation, 'gen_ai.tool.name': name } }
    case 'prompts/get':
      return {
        name: `${by} ${name}`,
        kind,
        attributes: { ...isMethod, 'gen_ai.prompt.name': name },
      }
    case 'resources/read':
      return { name: by, kind, attributes: { ...isMethod, 'mcp.resource.uri': name } }
    case 'completion/complete':
      return { name: by, kind, attributes: { ...isMethod, 'mesh.completion.of': name } }
  }
}

/** Of a call to a dependency. */
export interface CallDescription extends SpanDescription {
  readonly capability: string
  /** By where its attempts go. */
  readonly sent: WeakMap<Endpoint, SpanDescription>
  /** Where the last one went, which most often is where the next one goes. */
  last: { endpoint: Endpoint; sent: SpanDescription } | undefined
}

const edges = new WeakMap<TracedEdge, CallDescription>()
let lastEdge: { edge: TracedEdge; description: CallDescription } | undefined

/** Before it is known where it goes. */
export function callAttributes(edge: TracedEdge): CallDescription {
  const { name, capability } = edge
  let known = lastEdge?.edge === edge ? lastEdge.description : edges.get(edge)
  if (known?.capability !== capability) {
    const attributes = { ...operation, 'mesh.edge': name, 'mesh.capability': capability }
    const sent = new WeakMap<Endpoint, SpanDescription>()
    const kind = SpanKind.CLIENT
    edges.set(edge, (known = { name: method, kind, attributes, capability, sent, last: undefined }))
  }
  if (lastEdge?.description !== known) lastEdge = { edge, description: known }
  return known
}

/** Of a call an attempt of which goes to this endpoint. */
export function sentAttributes(call: CallDescription, endpoint: Endpoint): SpanDescription {
  if (call.last?.endpoint === endpoint) return call.last.sent
  let known = call.sent.get(endpoint)
  if (!known) {
    const attributes = { ...call.attributes, ...endpointAttributes(endpoint) }
    known = { name: `${method} ${endpoint.tool}`, kind: call.kind, attributes }
    call.sent.set(endpoint, known)
  }
  call.last = { endpoint, sent: known }
  return known
}

/** Of where an attempt goes. */
export function endpointAttributes(endpoint: Endpoint): Attributes {
  const { hostname, port, protocol } = new URL(endpoint.url)
  return {
    'gen_ai.tool.name': endpoint.tool,
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'mesh.instance': endpoint.instance,
  }
}

export function failureAttributes({ type, rpc, code }: TracedFailure): Attributes {
  return {
    'error.type': type,
    ...(rpc !== undefined && { 'rpc.response.status_code': String(rpc) }),
    ...(code !== undefined && code !== type && { 'mesh.error.code': code }),
  }
}
