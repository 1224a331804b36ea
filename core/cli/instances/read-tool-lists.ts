/**
 * Asks the instances of gateways for tools/list, as any client would, and says what a model pays for it.
 */
import { request, type Dispatcher } from 'undici'
import { MeshError, messageOf } from '../../model/error.ts'
import { listTokens, longListTokens } from '../../model/list-tokens.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { instancesOf, type InstanceRow } from '../agents/agents-view.ts'
import type { Context } from '../command.ts'
import type { Column } from '../output/output.ts'

const protocol = '2026-07-28'
const patienceMs = 2_000

/** What one instance lists, or why it does not say it. */
export interface ToolListRow {
  instance: string
  agent: string
  namespace: string
  /** How many tools. */
  listed?: number
  /** Of their JSON without icons. */
  bytes?: number
  estimatedTokens?: number
  error?: string
}

export async function readToolLists(
  agents: readonly AgentResource[],
  { env }: Pick<Context, 'env'>,
): Promise<ToolListRow[]> {
  const gateways = agents.filter(({ kind }) => kind === 'Gateway')
  if (gateways.length === 0) return []
  const { Agent } = await import('undici')
  const dispatcher = new Agent({ connectTimeout: patienceMs })
  const ask = async ({ id, agent, namespace, endpoint }: InstanceRow): Promise<ToolListRow> => {
    const row = { instance: id, agent, namespace }
    try {
      const tools = await listTools(endpoint, { token: env.MESH_TOKEN, dispatcher })
      const { bytes, tokens } = listTokens(tools)
      return { ...row, listed: tools.length, bytes, estimatedTokens: tokens }
    } catch (error) {
      return { ...row, error: messageOf(error) }
    }
  }
  try {
    return await Promise.all(instancesOf(gateways).map(ask))
  } finally {
    await dispatcher.destroy()
  }
}

/** Throws what keeps it from being read. A gateway's list is one page. */
async function listTools(
  endpoint: string,
  { token, dispatcher }: { token: string | undefined; dispatcher: Dispatcher },
): Promise<unknown[]> {
  const { statusCode, body } = await request(endpoint, {
    ...{ dispatcher, method: 'POST', signal: AbortSignal.timeout(patienceMs) },
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': protocol, 'mcp-method': 'tools/list' },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/list' },
      params: {
        _meta: {
          'io.modelcontextprotocol/protocolVersion': protocol,
          'io.modelcontextprotocol/clientInfo': { name: 'meshctl', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  })
  const text = await body.text()
  if (statusCode === 401) {
    const mend = 'set MESH_TOKEN to the token that spec.auth.bearer of the gateway stands for'
    throw new MeshError('MESH_TOKEN_INVALID', `${endpoint} asks for a token`, mend)
  }
  const { result } = JSON.parse(text) as { result?: { tools?: unknown } }
  if (Array.isArray(result?.tools)) return result.tools as unknown[]
  throw new MeshError('MESH_CALL_INVALID', `${endpoint} answered HTTP ${statusCode} and no list`)
}

function noteOf({ error, estimatedTokens = 0 }: ToolListRow): string {
  if (error !== undefined) return `cannot be asked: ${error}`
  return estimatedTokens > longListTokens ? 'long: meshctl explain MESH_LIST_LONG' : ''
}

/** A row of `meshctl status`. */
export const toolListColumns: readonly Column<ToolListRow>[] = [
  { head: 'INSTANCE', of: row => row.instance },
  { head: 'TOOLS', of: row => String(row.listed ?? '') },
  {
    head: 'TOKENS (ESTIMATE)',
    of: ({ estimatedTokens: tokens }) => (tokens === undefined ? '' : `~${tokens}`),
  },
  { head: 'NOTE', of: noteOf },
]
