/** Agents that wrap a server behind OAuth: tokens of their own, got and got again without a person, and shown to nobody else. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import type { AgentSpec } from '../../../core/model/generated/manifest.ts'
import { startAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { cli } from '../../support/cli.ts'
import { oauthServer } from '../../support/oauth-server.ts'
import { eventually } from '../../support/run-agents.ts'
import { modernCall } from '../../support/serve-tools.ts'

async function wrap(t: Test, server: AgentSpec['server'], env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-auth-'))
  const manifest = join(folder, 'mesh.yaml')
  const head = { apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'notes' } }
  writeFileSync(manifest, stringify({ ...head, spec: { version: '1.0.0', server } }))
  const lines: string[] = []
  const agent = await startAgent({
    ...{ manifest, registryUrls: ['http://127.0.0.1:9'] },
    env: { MESH_HOME: folder, ...env },
    log: createLog('debug', line => lines.push(line)),
  })
  t.teardown(async () => {
    await agent.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const ask = async (name: string, args = {}, headers: Record<string, string> = {}) => {
    const { headers: own, body } = modernCall(name, args)
    const response = await fetch(agent.endpoint, {
      ...{ method: 'POST', headers: { ...own, ...headers }, body: JSON.stringify(body) },
    })
    return response.text()
  }
  const health = async () => (await fetch(agent.endpoint.replace('/mcp', '/healthz'))).text()
  return { lines, ask, health }
}

t.test('a client with a secret: one token for many calls, another when it has run out', async t => {
  const server = await oauthServer(t, {
    clients: { mesh: { secret: 'of-mesh' } },
    scopes: { write: 'notes:write', leak: 'read' },
  })
  const oauth = { issuer: server.issuer, clientId: 'mesh', clientSecret: '${env:SECRET}' }
  const spec = { url: server.url, auth: { oauth }, headers: { 'X-Key': '${env:KEY}' } }
  const { ask, lines } = await wrap(t, spec, { SECRET: 'of-mesh', KEY: 'for-the-server' })
  // A caller's own token: it ends here.
  const caller = { authorization: 'Bearer of-the-caller' }
  t.match(await ask('read', {}, caller), /read: done/)
  t.match(await ask('read', {}, caller), /read: done/)
  t.equal(server.asked.length, 1)
  t.match(
    await ask('write', {}, caller),
    /write: done/,
    'more scope is asked for where a tool wants it',
  )
  t.strictSame(
    server.asked.map(asked => asked.get('scope')),
    ['read', 'read notes:write'],
  )
  server.expire()
  t.match(await ask('read', {}, caller), /read: done/)
  t.equal(server.asked.length, 3)

  const leaked = await ask('leak')
  t.match(leaked, /no notes for Bearer \*\*\*/)
  t.notMatch(lines.join(''), /access-|of-mesh|for-the-server/)
  t.notOk(server.shown.some(header => header?.includes('of-the-caller')))
  t.notOk(
    server.headers.some(headers => 'x-key' in headers),
    'the AS is not the server',
  )
  t.notOk(
    server.headers.some(headers => String(headers['authorization']).includes('of-the-caller')),
  )
})

t.test('a client with a key signs who it is; the key stays here', async t => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = (key: typeof publicKey, type: 'spki' | 'pkcs8') =>
    String(key.export({ format: 'pem', type: type }))
  const server = await oauthServer(t, { clients: { mesh: { publicKey: pem(publicKey, 'spki') } } })
  const oauth = { issuer: server.issuer, clientId: 'mesh', privateKey: '${env:KEY}' }
  const key = pem(privateKey, 'pkcs8')
  const { ask, lines } = await wrap(t, { url: server.url, auth: { oauth } }, { KEY: key })
  t.match(await ask('read'), /read: done/)
  t.equal(server.asked[0]?.get('grant_type'), 'client_credentials')
  t.notMatch(lines.join(''), key.split('\n')[1])
})

t.test('a credential is not shown to another issuer, whatever the server names', async t => {
  const server = await oauthServer(t, { clients: { mesh: { secret: 'of-mesh' } } })
  const oauth = {
    issuer: 'https://auth.example.com',
    clientId: 'mesh',
    clientSecret: '${env:SECRET}',
  }
  const { health } = await wrap(t, { url: server.url, auth: { oauth } }, { SECRET: 'of-mesh' })
  t.match(await health(), /auth\.example\.com/)
  t.equal(server.asked.length, 0)
})

t.test('an agent goes by the login of a person, and is there when that is done', async t => {
  const server = await oauthServer(t)
  const home = mkdtempSync(join(tmpdir(), 'mesh-login-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const { ask, health } = await wrap(
    t,
    { url: server.url, auth: { login: true } },
    { MESH_HOME: home },
  )
  t.match(await health(), /wants a login/)
  t.equal(server.registrations, 0)

  const browser = `${process.execPath} ${resolve('scripts/conformance/browser.mjs')}`
  const login = await cli(['login', server.url], { env: { MESH_HOME: home, BROWSER: browser } })
  t.equal(login.code, 0)
  await eventually(async () => (await ask('read')).includes('read: done'), 'it is let in', 60_000)
  server.expire()
  t.match(await ask('read'), /read: done/)
  t.equal(server.asked.at(-1)?.get('grant_type'), 'refresh_token')
  t.equal(server.pages.length, 1)
})

t.test('arguments are repeated in headers where the schema of the server says so', async t => {
  const seen: unknown[] = []
  let header = 'Region'
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'far', version: '1.0.0' }, { capabilities: { tools: {} } })
    const region = () => ({ type: 'string', 'x-mcp-header': header })
    server.setRequestHandler('tools/list', () => ({
      tools: [
        { name: 'near', inputSchema: { type: 'object', properties: { region: region() } } },
        {
          name: 'broken',
          inputSchema: {
            type: 'object',
            properties: { n: { type: 'number', 'x-mcp-header': 'N' } },
          },
        },
      ],
    }))
    server.setRequestHandler('tools/call', () => ({ content: [] }))
    return server
  })
  const node = toNodeHandler(handler)
  const http = createServer((request, response) => {
    if (request.headers['mcp-name'] === 'near') {
      const value = request.headers[`mcp-param-${header.toLowerCase()}`]
      seen.push(value)
      if (value === undefined) {
        // The SDK's server does not look at them; others do.
        const error = { code: -32020, message: `Mcp-Param-${header} is missing` }
        response.writeHead(400, { 'content-type': 'application/json' })
        return void text(request).then(body => {
          const { id } = JSON.parse(body) as { id: number }
          response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
        })
      }
    }
    void node(request as Parameters<typeof node>[0], response)
  })
  await new Promise<void>(done => http.listen(0, '127.0.0.1', done))
  t.teardown(() => http.close())
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`
  const { ask, lines } = await wrap(t, { url }, {})
  await ask('near', { region: 'Île' })
  t.strictSame(seen, ['=?base64?w45sZQ==?='])
  t.match(lines.join(''), /"tool":"broken","reason":"of its inputSchema, n: x-mcp-header is only/)
  header = 'Place' // the server refuses what no longer fits, and the list is read again
  await ask('near', { region: 'eu' })
  t.strictSame(seen.slice(1), [undefined, 'eu'])
})
