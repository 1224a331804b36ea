/**
 * Sends one request of MCP 2026-07-28 to the agent of this folder and prints the result, so that a tour can be made with nothing but
 * a shell: `node examples/everything/ask.mjs resources/read '{"uri":"test://static-text"}'`.
 */
const [method = 'server/discover', text = '{}'] = process.argv.slice(2)
const params = JSON.parse(text)

const registry = (process.env.MESH_REGISTRY_URL ?? 'http://127.0.0.1:8000').split(',')[0]
const agent = await (await fetch(`${registry}/v1/namespaces/default/agents/everything`)).json()
const [instance] = agent.status?.instances ?? []
if (!instance) throw new Error(`no instance of everything is known to ${registry}`)

const name = params.name ?? params.uri
const answer = await fetch(instance.endpoint, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  },
  body: JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method },
    params: {
      ...params,
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'tour', version: '1.0.0' },
        'io.modelcontextprotocol/clientCapabilities': {
          elicitation: { form: {} },
          extensions: { 'io.modelcontextprotocol/tasks': {} },
        },
      },
    },
  }),
})
const { result, error } = await answer.json()
process.stdout.write(`${JSON.stringify(result ?? error, null, 2)}\n`)
