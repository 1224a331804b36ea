/** Resources, prompts and completions of real MCP servers that an agent wraps, as clients of both eras see them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client, StreamableHTTPClientTransport as Http } from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, ProtocolError, Server } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import type { AgentSpec } from '../../../core/model/generated/manifest.ts'
import { startAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { eventually } from '../../support/run-agents.ts'

const everything = {
  command: [
    process.execPath,
    resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js'),
    'stdio',
  ],
}
const odd = { command: [process.execPath, resolve('test/support/odd-server.mjs')] }
const about = { name: 'test', version: '1.0.0' }

async function wrap(t: Test, server: AgentSpec['server']) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-wrapped-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const manifest = join(folder, 'mesh.yaml')
  const spec = { version: '1.0.0', server }
  const document = { apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'wrapped' } }
  writeFileSync(manifest, stringify({ ...document, spec }))
  const lines: string[] = []
  const agent = await startAgent({
    ...{ manifest, registryUrls: ['http://127.0.0.1:9'] },
    log: createLog('debug', line => lines.push(line)),
    env: { MESH_HOME: folder, PATH: process.env.PATH },
  })
  t.teardown(() => agent.stop())
  return { ...agent, lines }
}

async function modern(t: Test, endpoint: string): Promise<Client> {
  const client = new Client(about, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new Http(new URL(endpoint)))
  t.teardown(() => client.close())
  return client
}

async function legacy(t: Test, endpoint: string): Promise<ClientV1> {
  const client = new ClientV1(about)
  await client.connect(new HttpV1(new URL(endpoint)))
  t.teardown(() => client.close())
  return client
}

t.test(
  'server-everything over stdio: lists, reads, prompts and completions pass through',
  async t => {
    const { endpoint } = await wrap(t, everything)
    const clients = [await modern(t, endpoint), await legacy(t, endpoint)]
    for (const client of clients) {
      t.match(client.getServerCapabilities(), { resources: { subscribe: true } })
      const { resources } = await client.listResources()
      const [document] = resources
      t.match(document, { uri: /^demo:\/\/resource\/static/, mimeType: 'text/markdown' })
      const read = await client.readResource({ uri: document!.uri })
      t.match(read.contents, [{ uri: document!.uri, mimeType: 'text/markdown', text: /\w/ }])
      const { resourceTemplates } = await client.listResourceTemplates()
      const templates = resourceTemplates.map(({ uriTemplate }) => uriTemplate)
      t.ok(templates.includes('demo://resource/dynamic/text/{resourceId}'), templates.join())
      const filled = await client.readResource({ uri: 'demo://resource/dynamic/blob/7' })
      t.match(filled.contents, [{ uri: 'demo://resource/dynamic/blob/7', blob: /\w/ }])
      await t.rejects(client.readResource({ uri: 'demo://resource/nowhere' }), /-?32602|not found/i)
      const { prompts } = await client.listPrompts()
      const names = prompts.map(({ name }) => name)
      t.ok(names.includes('args-prompt') && names.includes('completable-prompt'), names.join())
      const prompt = { name: 'args-prompt', arguments: { city: 'Paris' } }
      t.match((await client.getPrompt(prompt)).messages, [
        { role: 'user', content: { text: /Paris/ } },
      ])
      await t.rejects(client.getPrompt({ name: 'args-prompt' }), /city/)
      await t.rejects(client.getPrompt({ name: 'nix' }), /Unknown prompt: nix/)
      const ref = { type: 'ref/prompt' as const, name: 'completable-prompt' }
      const completed = await client.complete({
        ref,
        argument: { name: 'department', value: 'Eng' },
      })
      t.strictSame(completed.completion.values, ['Engineering'])
      const argument = { name: 'name', value: 'A' }
      const context = { arguments: { department: 'Engineering' } }
      t.strictSame((await client.complete({ ref, argument, context })).completion.values, ['Alice'])
      const of = { type: 'ref/resource' as const, uri: templates[0]! }
      const ids = await client.complete({ ref: of, argument: { name: 'resourceId', value: '3' } })
      t.strictSame(ids.completion.values, ['3'])
      const nowhere = { type: 'ref/resource' as const, uri: 'x://{y}' }
      await t.rejects(client.complete({ ref: nowhere, argument: { name: 'y', value: '' } }), /y/)
    }
  },
)

t.test(
  'a list that the wrapped server changes is read again, and clients of both eras are told',
  async t => {
    const { endpoint } = await wrap(t, everything)
    const client = await modern(t, endpoint)
    const old = await legacy(t, endpoint)
    const told = new Set<string>()
    client.setNotificationHandler(
      'notifications/resources/list_changed',
      () => void told.add('modern'),
    )
    old.setNotificationHandler(ResourceListChangedNotificationSchema, () => void told.add('legacy'))
    await client.listen({ resourcesListChanged: true })
    const data = `data:text/plain,${'mesh '.repeat(9)}`
    const added = await client.callTool({
      name: 'gzip-file-as-resource',
      arguments: { name: 'mesh.gz', data, outputType: 'resourceLink' },
    })
    t.match(added.content, [{ type: 'resource_link', uri: /mesh\.gz$/ }])
    const { uri } = (added.content as { uri: string }[])[0]!
    await eventually(
      async () => (await old.listResources()).resources.some(one => one.uri === uri),
      'the list has it',
    )
    await eventually(() => told.size === 2, 'both are told')
    t.match((await old.readResource({ uri })).contents, [{ uri, mimeType: 'application/gzip' }])
  },
)

t.test(
  'a server of 2026-07-28 by its URL: what may be kept, its errors, entries that are none',
  async t => {
    const handler = createMcpHandler(() => {
      const capabilities = { tools: {}, resources: {}, prompts: {} }
      const server = new Server({ name: 'far', version: '1.0.0' }, { capabilities })
      const resources = [
        { uri: 'far://kept', name: 'kept', icons: [{ src: 'https://example.com/i.png' }] },
        { uri: 'far://odd', name: 'odd' },
        { uri: 'far://odd', name: 'twice' },
      ]
      server.setRequestHandler('tools/list', () => ({ tools: [] }))
      server.setRequestHandler('prompts/list', () => ({ prompts: [{ name: 'ask' }] }))
      server.setRequestHandler('prompts/get', () => ({ messages: [] }))
      server.setRequestHandler('resources/list', ({ params }) =>
        params?.cursor === undefined
          ? { resources: resources.slice(0, 1), nextCursor: 'more' }
          : { resources: resources.slice(1) },
      )
      server.setRequestHandler('resources/read', ({ params: { uri } }) => {
        if (uri !== 'far://kept') throw new ProtocolError(-32050, 'not today', { why: 'tired' })
        return { contents: [{ uri, text: 'kept' }], ttlMs: 60_000, cacheScope: 'public' as const }
      })
      return server
    })
    const node = toNodeHandler(handler)
    const far = createServer((request, response) => void node(request as never, response))
    await new Promise<void>(done => far.listen(0, '127.0.0.1', done))
    t.teardown(async () => {
      far.closeAllConnections()
      await new Promise(done => far.close(done))
      await handler.close()
    })
    const { port } = far.address() as AddressInfo
    const { endpoint, lines } = await wrap(t, { url: `http://127.0.0.1:${port}/mcp` })
    const client = await modern(t, endpoint)
    const { resources } = await client.listResources()
    t.strictSame(
      resources.map(({ uri, icons }) => [uri, icons?.length]),
      [
        ['far://kept', 1],
        ['far://odd', undefined],
      ],
    )
    t.match(
      lines.join('\n'),
      /far:\/\/odd.*same name.*something of the wrapped server is not served/,
    )
    const read = await client.readResource({ uri: 'far://kept' })
    t.match(read, { contents: [{ text: 'kept' }], ttlMs: 60_000, cacheScope: 'public' })
    const refused = { code: -32050, message: /not today/, data: { why: 'tired' } }
    await t.rejects(client.readResource({ uri: 'far://odd' }), refused)
    t.strictSame((await client.getPrompt({ name: 'ask' })).messages, [])
    const metrics = await (await fetch(endpoint.replace('/mcp', '/metrics'))).text()
    t.match(metrics, 'mesh_requests_total{method="resources/read",name="far://kept"} 1')
  },
)

t.test(
  'a wrapped server that asks a client that cannot be asked is refused, and its call goes on',
  async t => {
    const { endpoint } = await wrap(t, odd)
    const client = await modern(t, endpoint)
    const { content } = await client.callTool({ name: 'ask' })
    const [said] = content as { text: string }[]
    t.match(JSON.parse(said!.text), {
      error: { code: -32601, message: /the client cannot be asked: elicitation\/create/ },
    })
    t.notOk(client.getServerCapabilities()?.resources, 'a server without resources has none')
  },
)

t.test(
  'a server that ends while it is listened to is listened to again, and clients are told',
  async t => {
    const asking = resolve('test/support/asking-server.mjs')
    const { endpoint } = await wrap(t, { command: [process.execPath, asking, 'stdio'] })
    const client = await modern(t, endpoint)
    const old = await legacy(t, endpoint)
    const uri = 'ask://it'
    const told = { modern: 0, legacy: 0 }
    client.setNotificationHandler('notifications/resources/updated', () => void told.modern++)
    old.setNotificationHandler(ResourceUpdatedNotificationSchema, () => void told.legacy++)
    await client.listen({ resourceSubscriptions: [uri] })
    await old.subscribeResource({ uri })
    const call = async (name: string, args = {}) => {
      const { content } = await client.callTool({ name, arguments: args })
      return JSON.parse((content as { text: string }[])[0]!.text) as unknown
    }
    t.strictSame(await call('heeded'), [`+${uri}`], 'once for both')
    t.same(told, { modern: 0, legacy: 0 })

    await t.rejects(client.callTool({ name: 'ends' }), { code: -32000 })
    await eventually(
      () => told.modern > 0 && told.legacy > 0,
      'both are told that it may have changed',
    )
    t.strictSame(await call('heeded'), [`+${uri}`], 'the new process knows of it')
    const before = { ...told }
    t.equal(await call('touches', { uri }), true)
    await eventually(() => told.modern > before.modern && told.legacy > before.legacy, 'and tells')
  },
)
