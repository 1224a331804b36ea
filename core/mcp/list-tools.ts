/**
 * Reads the tools of a server, page by page, and sorts them before the SDK sees them: it would refuse a whole list for
 * the sake of one unsound tool.
 */
import {
  Client,
  type ConnectOptions,
  type JSONRPCResponse,
  StreamableHTTPClientTransport,
  type StandardSchemaV1,
  type Transport,
} from '@modelcontextprotocol/client'
import type { Code } from '../model/codes.ts'
import { MeshError } from '../model/error.ts'
import { sortTools, type FoundTool, type Sorted } from './sound-tools.ts'

const maxPages = 100
const maxTools = 1_000

/** Takes anything: what a foreign server answers is passed on, not judged. */
export const asItCame: StandardSchemaV1<unknown, Record<string, unknown>> = {
  '~standard': {
    version: 1,
    vendor: 'mcp-mesh',
    validate: value => ({ value: value as Record<string, unknown> }),
  },
}

/** A client that is less strict than the SDK's own, and whose answers to tools/list go into `found` as well, sorted. */
export class SortingClient extends Client {
  /** Told of each request that is sent: its id, and the headers with which it was made, the same object. */
  onSent: (id: unknown, headers: object | undefined) => void = () => undefined
  readonly #found: Sorted[]
  readonly #asked = new Set<unknown>()
  /** Requests over HTTP that are still to be answered. */
  readonly #open = new Set<unknown>()

  constructor(found: Sorted[], ...rest: ConstructorParameters<typeof Client>) {
    super(...rest)
    this.#found = found
  }

  override connect(transport: Transport, options?: ConnectOptions): Promise<void> {
    const send = transport.send.bind(transport)
    const isHttp = transport instanceof StreamableHTTPClientTransport
    transport.send = async (message, sendOptions) => {
      if (!('method' in message && 'id' in message)) return send(message, sendOptions)
      const { id, method } = message
      if (method === 'tools/list') this.#asked.add(id)
      this.onSent(id, sendOptions?.headers)
      if (!isHttp || sendOptions?.onRequestStreamEnd) return send(message, sendOptions)
      this.#open.add(id)
      try {
        const onRequestStreamEnd = () => this.#brokeOff(id)
        await send(message, { onRequestStreamEnd, ...sendOptions })
      } catch (error) {
        this.#open.delete(id)
        throw error
      }
    }
    return super.connect(transport, options)
  }

  /** The SDK waits on for an answer whose event stream has ended without it. */
  #brokeOff(id: string | number): void {
    if (!this.#open.delete(id)) return
    const code = 'MESH_CALL_INTERRUPTED' satisfies Code
    const message =
      'the stream of the answer ended, or grew too long, before the answer was there, so the call may have been executed'
    super._onresponse({ jsonrpc: '2.0', id, error: { code: -32000, message, data: { code } } })
  }

  protected override _onresponse(response: JSONRPCResponse): void {
    this.#open.delete(response.id)
    const whole = this.getProtocolEra() === 'modern' ? complete(response) : response
    super._onresponse(this.#asked.delete(response.id) ? this.#sorted(whole) : whole)
  }

  #sorted(response: JSONRPCResponse): JSONRPCResponse {
    if (!('result' in response) || !Array.isArray(response.result['tools'])) return response
    const sorted = sortTools(response.result['tools'])
    this.#found.push(sorted)
    return { ...response, result: { ...response.result, tools: sorted.tools.map(shown) } }
  }
}

/** A result that does not say whether it is complete is (SEP-2322); the SDK refuses it. */
function complete(response: JSONRPCResponse): JSONRPCResponse {
  if (!('result' in response) || response.result.resultType !== undefined) return response
  return { ...response, result: { ...response.result, resultType: 'complete' } }
}

/** All pages of what `client` was told, which put its answers into `lists`. `timeoutMs` is that of one page. */
export async function listTools(
  client: Client,
  lists: Sorted[],
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Sorted> {
  const tools = new Map<string, FoundTool>()
  const leftOut = new Map<string, string>()
  let cursor: string | undefined
  for (let page = 1; page <= maxPages; page++) {
    lists.length = 0
    const params = cursor === undefined ? {} : { cursor }
    const limits = { signal, timeout: timeoutMs }
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
