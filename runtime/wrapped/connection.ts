/**
 * One connection to a wrapped server by the SDK's client: the era negotiated, the tools read page by page, and told when
 * they change. What goes over it is not looked at: results are taken as they come.
 */
import {
  Client,
  type ConnectOptions,
  type JSONRPCResponse,
  type StandardSchemaV1,
  type Transport,
} from '@modelcontextprotocol/client'
import { sleep } from '../../core/model/sleep.ts'
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Log } from '../telemetry/log.ts'
import { sortTools, type FoundTool, type Sorted } from './sound-tools.ts'

/** `uvx` and `npx` may have to fetch a server before it says its first word. */
const handshakeMs = 60_000
const probeMs = 15_000
const listMs = 15_000
const maxPages = 100
const maxTools = 1_000

export type Era = 'modern' | 'legacy'

export interface Connection {
  readonly client: Client
  readonly era: Era
  /** All tools that can be served, and the others. Rejects when the server does not answer as MCP has it. */
  tools(signal: AbortSignal): Promise<Sorted>
  /** Asks the server for a sign of life. */
  ping(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface ConnectionOptions {
  transport: Transport
  /** How it spoke the last time; a server that is known to be old is not probed again. */
  era: Era | undefined
  /** Named to the server as clientInfo. */
  self: { name: string; version: string }
  onToolsChanged: () => void
  onEnd: () => void
  log: Log
  mask: (text: string) => string
}

/** Rejects when the server cannot be reached or speaks no MCP; nothing of the connection is left then. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { transport, era, self, onToolsChanged, onEnd, log, mask } = options
  const lists: Sorted[] = []
  const client = new SortingClient(lists, self, {
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: probeMs } },
    listChanged: { tools: { autoRefresh: false, debounceMs: 50, onChanged: onToolsChanged } },
  })
  client.onclose = onEnd
  client.onerror = error => log.debug('wrapped server', { error: mask(messageOf(error)) })
  try {
    const prior = era === 'legacy' ? { prior: { kind: 'legacy' as const } } : {}
    await client.connect(transport, { timeout: handshakeMs, ...prior })
  } catch (error) {
    await transport.close()
    throw error
  }
  const closing = new AbortController()
  void keepListening(client, closing.signal, onToolsChanged)
  return {
    client,
    era: client.getProtocolEra() === 'modern' ? 'modern' : 'legacy',
    tools: signal => listTools(client, lists, signal),
    async ping(signal) {
      const limits = { signal, timeout: listMs }
      if (client.getProtocolEra() === 'modern') await client.discover(limits)
      else await client.ping(limits)
    },
    async close() {
      closing.abort()
      client.onclose = () => undefined
      await client.close()
    },
  }
}

/** Sorts each answer to tools/list before the SDK reads it, which refuses a list for the sake of one unsound tool. */
class SortingClient extends Client {
  readonly #found: Sorted[]
  readonly #asked = new Set<unknown>()

  constructor(found: Sorted[], ...rest: ConstructorParameters<typeof Client>) {
    super(...rest)
    this.#found = found
  }

  override connect(transport: Transport, options?: ConnectOptions): Promise<void> {
    const send = transport.send.bind(transport)
    transport.send = (message, sendOptions) => {
      const isList = 'method' in message && message.method === 'tools/list' && 'id' in message
      if (isList) this.#asked.add(message.id)
      return send(message, sendOptions)
    }
    return super.connect(transport, options)
  }

  protected override _onresponse(response: JSONRPCResponse): void {
    super._onresponse(this.#asked.delete(response.id) ? this.#sorted(response) : response)
  }

  #sorted(response: JSONRPCResponse): JSONRPCResponse {
    if (!('result' in response) || !Array.isArray(response.result['tools'])) return response
    const sorted = sortTools(response.result['tools'])
    this.#found.push(sorted)
    return { ...response, result: { ...response.result, tools: sorted.tools.map(shown) } }
  }
}

/** Takes anything: what a foreign server answers is passed on, not judged. */
export const asItCame: StandardSchemaV1<unknown, Record<string, unknown>> = {
  '~standard': {
    version: 1,
    vendor: 'mcp-mesh',
    validate: value => ({ value: value as Record<string, unknown> }),
  },
}

async function listTools(client: Client, lists: Sorted[], signal: AbortSignal): Promise<Sorted> {
  const tools = new Map<string, FoundTool>()
  const leftOut = new Map<string, string>()
  let cursor: string | undefined
  for (let page = 1; page <= maxPages; page++) {
    lists.length = 0
    const params = cursor === undefined ? {} : { cursor }
    const limits = { signal, timeout: listMs }
    const answer = await client.request({ method: 'tools/list', params }, asItCame, limits)
    for (const sorted of lists) {
      for (const [name, reason] of sorted.leftOut) leftOut.set(name, reason)
      for (const tool of sorted.tools) {
        if (tools.has(tool.name)) leftOut.set(tool.name, 'another tool has the same name')
        else if (tools.size >= maxTools) leftOut.set(tool.name, `only ${maxTools} tools are served`)
        else tools.set(tool.name, tool)
      }
    }
    const { nextCursor } = answer
    if (typeof nextCursor !== 'string') return { tools: [...tools.values()], leftOut }
    cursor = nextCursor
  }
  throw new MeshError('MESH_CALL_INVALID', `its list of tools has more than ${maxPages} pages`)
}

/** As the SDK takes it; the tool itself is kept as it came. */
function shown({ name, inputSchema }: FoundTool): { name: string; inputSchema: unknown } {
  return { name, inputSchema: { type: inputSchema.type } }
}

/** A subscription of the modern era ends with its connection; the tools may have changed until it stands again. */
async function keepListening(
  client: Client,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  let subscription = client.autoOpenedSubscription
  while (subscription && !signal.aborted) {
    const how = await subscription.closed
    if (how === 'local') return
    subscription = undefined
    for (
      let waitMs = 250;
      !subscription && !signal.aborted;
      waitMs = Math.min(waitMs * 2, 10_000)
    ) {
      try {
        await sleep(waitMs, signal)
        subscription = await client.listen({ toolsListChanged: true }, { signal })
        onChange()
      } catch {
        continue // the server is away, which its pings tell, or it has closed: the loop sees it
      }
    }
  }
}
