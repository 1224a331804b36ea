/** Resources of wrapped servers that clients listen to, of both eras on both sides, directly and through a gateway. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as HttpV2,
} from '@modelcontextprotocol/client'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import type { AgentSpec } from '../../../core/model/generated/manifest.ts'
import { createSubscriptions } from '../../../runtime/mcp/subscriptions.ts'
import { openRegistry } from '../../support/registry.ts'
import { callTool, eventually, runAgent } from '../../support/run-agents.ts'
import { runGateway, toolsAt } from '../../support/run-gateway.ts'

const about = { name: 'test', version: '1' }
const stdio = {
  command: [process.execPath, resolve('test/support/asking-server.mjs'), 'stdio'],
}

async function mesh(t: Test, server: AgentSpec['server'], tool: string) {
  const registry = await openRegistry(t)
  const { endpoint } = await runAgent(t, registry.url, {
    ...{ name: 'wrapped', code: '' },
    spec: { server: { ...server } },
  })
  const front = await runGateway(t, registry.url)
  await eventually(async () => (await toolsAt(front.endpoint)).includes(tool), 'its tools')
  return { endpoint, front: front.endpoint }
}

/** Clients of both eras that listen to the resource; what each has heard. */
async function listeners(t: Test, endpoint: string, uri: string) {
  const heard: Record<string, string[]> = { v1: [], v2: [] }
  const one = new ClientV1(about)
  one.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    heard['v1']?.push(params.uri)
  })
  await one.connect(new HttpV1(new URL(endpoint)))
  await one.subscribeResource({ uri })
  const two = new ClientV2(about, { versionNegotiation: { mode: 'auto' } })
  two.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    heard['v2']?.push(params.uri)
  })
  await two.connect(new HttpV2(new URL(endpoint)))
  const listening = await two.listen({ resourceSubscriptions: [uri] })
  t.strictSame(listening.honoredFilter.resourceSubscriptions, [uri])
  const end = async () => {
    await listening.close()
    await Promise.all([one.close(), two.close()])
  }
  t.teardown(end)
  return { heard, end }
}

t.test('a server of before 2026-07-28 is subscribed to once, and tells all', async t => {
  const { endpoint, front } = await mesh(t, stdio, 'touches')
  const uri = 'ask://it'
  const heeded = async () =>
    JSON.parse((await callTool(endpoint, 'heeded')).content[0]?.text ?? '') as string[]
  const direct = await listeners(t, endpoint, uri)
  const through = await listeners(t, front, uri)
  await eventually(async () => {
    await callTool(endpoint, 'touches', { uri })
    return [direct, through].every(
      ({ heard }) => heard['v1']?.includes(uri) && heard['v2']?.includes(uri),
    )
  }, 'an update')
  await callTool(endpoint, 'touches', { uri: 'ask://other' })
  t.strictSame(await heeded(), [`+${uri}`], 'once, for four of them')
  t.ok(
    [direct, through].every(({ heard }) =>
      Object.values(heard)
        .flat()
        .every(one => one === uri),
    ),
  )
})

t.test('a server of 2026-07-28 is listened to on one stream', async t => {
  const handler = createMcpHandler(() => {
    const capabilities = { tools: {}, resources: { subscribe: true } }
    const server = new Server(about, { capabilities })
    server.setRequestHandler('tools/list', () => ({
      tools: [{ name: 'plain', inputSchema: { type: 'object' as const } }],
    }))
    server.setRequestHandler('resources/list', () => ({
      resources: ['a', 'b'].map(name => ({ uri: `own://${name}`, name })),
    }))
    server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }))
    return server
  })
  const nodeHandler = toNodeHandler(handler)
  const http = createServer((request, response) => {
    void nodeHandler(request as Parameters<typeof nodeHandler>[0], response)
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (http.close(), http.closeAllConnections()))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  const { endpoint, front } = await mesh(t, { url }, 'plain')
  const a = await listeners(t, endpoint, 'own://a')
  const b = await listeners(t, front, 'own://b')
  await eventually(() => {
    for (const name of ['a', 'b', 'c']) handler.notify.resourceUpdated(`own://${name}`)
    return [a, b].every(({ heard }) => Object.values(heard).every(uris => uris.length > 0))
  }, 'an update')
  t.ok(
    Object.values(a.heard)
      .flat()
      .every(uri => uri === 'own://a'),
  )
  t.ok(
    Object.values(b.heard)
      .flat()
      .every(uri => uri === 'own://b'),
  )
})

t.test('a resource is listened to until its last listener has left for a while', async t => {
  const applied: string[][] = []
  const subscriptions = createSubscriptions(
    uris => {
      applied.push([...uris])
      return uris.has('bad') ? Promise.reject(new Error('no')) : Promise.resolve()
    },
    { onFault: () => applied.push(['fault']), linger: 30 },
  )
  const [one, two] = [await subscriptions.want('a'), await subscriptions.want('a')]
  t.strictSame(applied, [['a']])
  one()
  one()
  const other = await subscriptions.want('b')
  t.strictSame(applied.at(-1), ['a', 'b'], 'what is given back twice is given back once')
  two()
  const again = await subscriptions.want('a')
  await new Promise(resolve => setTimeout(resolve, 60))
  t.equal(applied.length, 2, 'whoever comes back in time finds it')
  again()
  await eventually(() => applied.length === 3, 'the end')
  t.strictSame(applied.at(-1), ['b'])
  const bad = await subscriptions.want('bad')
  t.strictSame(applied.slice(-2), [['b', 'bad'], ['fault']])
  other()
  bad()
})
