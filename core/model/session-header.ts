/**
 * The argument that carries a session's handle, marked so that clients repeat it in a header (MCP's `x-mcp-header`): a gateway
 * or balancer can then send each session to one instance, without reading bodies.
 */
import type { AgentTool, JsonSchema } from './agent.ts'
import { declaredHeaders, type ParamHeader } from './param-headers.ts'

const key = 'x-mcp-header'

/**
 * The input schema with the mark: `session_id` is repeated in `Mcp-Param-Session-Id`. As it is where the manifest has marked the
 * argument itself, where it is no plain string, and where another argument has that header.
 */
export function withSessionHeader(inputSchema: JsonSchema, argument: string): JsonSchema {
  const properties = inputSchema['properties']
  if (!isRecord(properties) || !Object.hasOwn(properties, argument)) return inputSchema
  const property = properties[argument]
  if (!isRecord(property) || property['type'] !== 'string' || key in property) return inputSchema
  const name = argument
    .split(/[^A-Za-z0-9]+/)
    .filter(word => word !== '')
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-')
  const marked = {
    ...inputSchema,
    properties: { ...properties, [argument]: { ...property, [key]: name } },
  }
  return declaredHeaders(marked).fault === undefined ? marked : inputSchema
}

/** What callers of a tool go by: the argument of sessions that one instance owns each, and what they repeat in headers. */
export function routingOf({ session, inputSchema }: Pick<AgentTool, 'session' | 'inputSchema'>): {
  session: string | undefined
  paramHeaders: readonly ParamHeader[]
} {
  const schema = session ? withSessionHeader(inputSchema, session.argument) : inputSchema
  return {
    session: session?.isSticky ? session.argument : undefined,
    paramHeaders: declaredHeaders(schema).headers,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
