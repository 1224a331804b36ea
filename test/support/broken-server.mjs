/**
 * An MCP server of the 2025 era on stdio whose answers can't be read: too long with the id at either end, without a result, with
 * content that is none. Behind it a flood of lines on stderr.
 */
import { createInterface } from 'node:readline'

const write = text => process.stdout.write(`${text}\n`)
const say = message => write(JSON.stringify({ jsonrpc: '2.0', ...message }))
const names = ['fine', 'long-id-first', 'long-id-last', 'nothing', 'no-list', 'noisy']
const long = () => 'x'.repeat(70 * 2 ** 20)

const answers = {
  fine: id => say({ id, result: { content: [{ type: 'text', text: 'fine' }] } }),
  'long-id-first': id =>
    write(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"x":"${long()}"}}`),
  'long-id-last': id =>
    write(`{"result":{"content":[],"x":"${long()}"},"jsonrpc":"2.0","id":${id}}`),
  nothing: id => say({ id, result: null }),
  'no-list': id => say({ id, result: { content: 'text' } }),
  noisy(id) {
    process.stderr.write('noise\n'.repeat(15_000), () => answers.fine(id))
  },
}

createInterface({ input: process.stdin }).on('line', line => {
  const { id, method, params } = JSON.parse(line)
  if (method === 'initialize') {
    const { protocolVersion } = params
    const serverInfo = { name: 'broken', version: '1' }
    return say({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } })
  }
  if (method === 'tools/list') {
    const tools = names.map(name => ({ name, inputSchema: { type: 'object' } }))
    return say({ id, result: { tools } })
  }
  if (method === 'tools/call') return answers[params.name](id)
  if (id !== undefined) say({ id, error: { code: -32601, message: `no ${method}` } })
})
