/** The search of a gateway as real clients use it: what is listed, what is found, and calls of what was found. */
import { Client as Client2, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import { openRegistry } from '../../support/registry.ts'
import { eventually, runAgent, type Described } from '../../support/run-agents.ts'
import { ask, gatewayManifest, runGateway, send, toolsAt } from '../../support/run-gateway.ts'

const code = 'export const run = args => ({ args })'
const tool = (name: string, description: string, tags: string[] = []) => ({
  ...{ name, description, tags, handler: './handlers.ts#run' },
})
const desk: Described = {
  ...{ name: 'desk', code },
  spec: {
    tools: [
      tool('sendMail', 'Send a message to somebody.'),
      tool('convert_currency', 'What an amount is in another currency.', ['finance']),
      tool('now', 'What time it is.', ['core']),
    ],
  },
}
const extra: Described = {
  ...{ name: 'extra', code },
  spec: {
    tools: [
      tool('search_tools', 'Search a shed for hammers and saws.'),
      tool('translate', 'A text in another language.'),
    ],
  },
}
const search = { expose: [{ tags: ['core'], pinned: true }, {}], search: { limit: 2 } }

async function mesh(t: Test, spec: object = search) {
  const registry = await openRegistry(t)
  await runAgent(t, registry.url, desk)
  return { registry, url: (await runGateway(t, registry.url, { spec })).endpoint }
}

interface Found {
  tools: { name: string; inputSchema: object }[]
  searched: number
}

async function find(url: string, query: string, limit?: number): Promise<Found> {
  const args = { query, ...(limit !== undefined && { limit }) }
  const { result } = await ask(url, 'tools/call', { name: 'search_tools', arguments: args })
  return result?.['structuredContent'] as Found
}

t.test('clients are listed the search and what is pinned, and call what they find', async t => {
  const { url } = await mesh(t)
  const modern = new Client2(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  )
  await modern.connect(new StreamableHTTPClientTransport(new URL(url)))
  t.teardown(() => modern.close())
  const legacy = new Client1({ name: 'test', version: '1' })
  await legacy.connect(new Http1(new URL(url)))
  t.teardown(() => legacy.close())
  for (const client of [modern, legacy]) {
    t.match(
      (await client.listTools()).tools.map(({ name }) => name),
      ['search_tools', 'now'],
    )
    const params = { name: 'search_tools', arguments: { query: 'mail to a friend' } }
    const { structuredContent } = await client.callTool(params)
    const [first] = (structuredContent as Found).tools
    t.match(first, { name: 'sendMail', description: 'Send a message to somebody.' })
    t.match(await client.callTool({ name: 'sendMail', arguments: { to: 'Ada' } }), {
      structuredContent: { args: { to: 'Ada' } },
    })
  }
})

t.test('what is found is as it would be listed, so many at most', async t => {
  const { url } = await mesh(t)
  const all = await runGateway(t, (await openRegistry(t)).url)
  t.strictSame(await toolsAt(all.endpoint), [], 'without a search a gateway has no tool of its own')
  const { tools, searched } = await find(url, 'finance')
  t.strictSame([tools.map(({ name }) => name), searched], [['convert_currency'], 3])
  t.strictSame(Object.keys(tools[0] ?? {}).sort(), ['description', 'inputSchema', 'name'])
  t.equal((await find(url, 'what another')).tools.length, 2)
  t.equal((await find(url, 'what another', 1)).tools.length, 1)
  t.strictSame(await find(url, 'zebra'), { tools: [], searched: 3 })
  for (const args of [{}, { query: '' }, { query: 'x', limit: 51 }, { query: 'x', more: 1 }]) {
    const params = { name: 'search_tools', arguments: args }
    t.match(
      await ask(url, 'tools/call', params),
      { result: { isError: true, content: [{ text: /MESH_ARGUMENTS_INVALID|do not fit/ }] } },
      JSON.stringify(args),
    )
  }
  const streamed = await send(
    url,
    'tools/call',
    { name: 'search_tools', arguments: { query: 'mail' } },
    { meta: { progressToken: 1 } },
  )
  t.match(await streamed.text(), /sendMail/)
})

t.test('it follows the mesh and the manifest, and its own name is nobody else’s', async t => {
  const { url, registry } = await mesh(t)
  const more = await runAgent(t, registry.url, extra)
  const found = async (query: string) => (await find(url, query)).tools.map(({ name }) => name)
  await eventually(async () => (await found('language')).includes('translate'), 'it is found')
  t.strictSame(await found('hammers'), ['extra_search_tools'])
  t.match(await ask(url, 'tools/call', { name: 'extra_search_tools', arguments: { a: 1 } }), {
    result: { structuredContent: { args: { a: 1 } } },
  })
  await more.stop()
  await eventually(async () => (await found('language')).length === 0, 'it is gone')
  await registry.client.apply(gatewayManifest({}))
  await eventually(
    async () => (await toolsAt(url)).join() === 'sendMail,convert_currency,now',
    'without a search all are listed',
  )
})
