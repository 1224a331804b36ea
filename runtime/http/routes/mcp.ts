/** The MCP endpoint: a draining agent refuses with a proof that nothing ran, else MCP takes over. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MeshError } from '../../../core/model/error.ts'
import type { Gate } from '../../gate.ts'
import type { McpServing } from '../../mcp/serve.ts'
import { replyRefusal } from '../reply.ts'

export function serveMcpRoute(
  request: IncomingMessage,
  response: ServerResponse,
  { gate, mcp, instance }: { gate: Gate; mcp: McpServing; instance: string },
): Promise<void> {
  const leave = gate.enter()
  if (!leave) {
    const error = new MeshError(
      'MESH_ENDPOINT_DRAINING',
      `instance ${instance} is leaving; the call was not executed`,
    )
    return replyRefusal(request, response, error, { connection: 'close' })
  }
  // A subscription lives as long as its client likes, as does the stream of a GET: neither holds up a drain.
  if (request.method === 'GET' || request.headers['mcp-method'] === 'subscriptions/listen') leave()
  else response.on('close', leave)
  return mcp.handle(request, response)
}
