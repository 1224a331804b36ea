/**
 * What spans say of a call, made once for each tool, edge and endpoint: names and places, never arguments, values, headers
 * or words of an error. The keys are those of the conventions for MCP; what they have none for is under `mesh.`.
 */
import type { Attributes } from '@opentelemetry/api'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { ServedMethod, TracedEdge, TracedFailure } from './tracing.ts'

export interface SpanDescription {
  name: string
  attributes: Attributes
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
  const isMethod = { 'mcp.method.name': by }
  switch (by) {
    case 'tools/call':
      return { name: `${by} ${name}`, attributes: { ...operation, 'gen_ai.tool.name': name } }
    case 'prompts/get':
      return { name: `${by} ${name}`, attributes: { ...isMethod, 'gen_ai.prompt.name': name } }
    case 'resources/read':
      return { name: by, attributes: { ...isMethod, 'mcp.resource.uri': name } }
    case 'completion/complete':
      return { name: by, attributes: { ...isMethod, 'mesh.completion.of': name } }
  }
}

const edges = new WeakMap<TracedEdge, SpanDescription>()

/** Of a call to a dependency, before it is known where it goes. */
export function callAttributes(edge: TracedEdge): SpanDescription {
  const { name, capability } = edge
  let known = edges.get(edge)
  if (known?.attributes['mesh.capability'] !== capability) {
    const attributes = { ...operation, 'mesh.edge': name, 'mesh.capability': capability }
    edges.set(edge, (known = { name: method, attributes }))
  }
  return known
}

const endpoints = new WeakMap<Endpoint, SpanDescription>()

/** Of where an attempt goes. */
export function endpointAttributes(endpoint: Endpoint): SpanDescription {
  let known = endpoints.get(endpoint)
  if (!known) {
    const { hostname, port, protocol } = new URL(endpoint.url)
    const attributes = {
      'gen_ai.tool.name': endpoint.tool,
      'server.address': hostname,
      'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      'mesh.instance': endpoint.instance,
    }
    endpoints.set(endpoint, (known = { name: `${method} ${endpoint.tool}`, attributes }))
  }
  return known
}

export function failureAttributes({ type, rpc, code }: TracedFailure): Attributes {
  return {
    'error.type': type,
    ...(rpc !== undefined && { 'rpc.response.status_code': String(rpc) }),
    ...(code !== undefined && code !== type && { 'mesh.error.code': code }),
  }
}
