// A gateway as examples/gateway describes it, by meshctl and real processes; its port is a free one here.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import t from 'tap'
import type { ToolListRow } from '../../core/cli/instances/read-tool-lists.ts'
import type { AgentResource } from '../../core/model/registry-api.ts'
import { createMesh, freePort, until } from '../support/mesh.ts'
import { ask, toolsAt } from '../support/run-gateway.ts'

const manifest = readFileSync('examples/gateway/mesh.yaml', 'utf8')
const agent = (name: string, tools: string[]) => ({
  'mesh.yaml': `
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec: { version: 1.0.0, tools: [${tools.map(tool => `{ name: ${tool}, handler: ./h.js }`).join(', ')}] }
`,
  'h.js': `export default ({ wait }) => wait ? new Promise(() => {}) : '${name}'\n`,
})

/** A mesh of its own beside it. */
const apart = async () => {
  const home = mkdtempSync(join(tmpdir(), 'mesh-stdio-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  return { MESH_HOME: home, MESH_REGISTRY_URL: `http://127.0.0.1:${await freePort()}` }
}

t.test('meshctl runs a gateway like any agent', async t => {
  const mesh = await createMesh(t)
  const ctl = async (...args: string[]) => {
    const done = await mesh.meshctl(args)
    t.equal(done.code, 0, `meshctl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  t.match(manifest, /^ {2}http: \{ port: 9100 \}$/m)
  const front = mesh.write('front', { 'mesh.yaml': manifest.replace('9100', '0') })
  const [one, two] = [
    mesh.write('one', agent('one', ['read', 'only'])),
    mesh.write('two', agent('two', ['read'])),
  ]
  t.match(await ctl('validate', front, one, two), '')
  await ctl('start', one, two, front, '--detach')
  const { status } = JSON.parse(await ctl('get', 'agent', 'front', '-o', 'json')) as AgentResource
  const { endpoint } = status.instances[0]!
  t.strictSame(
    await toolsAt(endpoint),
    ['one_read', 'only', 'two_read'],
    'it starts last, and shows all when it is ready',
  )
  t.match(await ctl('list'), /^NAME +KIND[^]*^front +Gateway +Ready[^]*^one +Agent +Ready/m)
  t.match(await ctl('status'), /^ +front +Gateway +Ready/m)
  t.equal(await ctl('call', 'front:two_read'), 'two\n')
  t.match(await ctl('logs', 'front'), /what is shown has changed/)

  for (const paths of [[], [one, front]]) {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ['dist/core/cli/meshctl.js', 'gateway', '--stdio', ...paths],
      env: { ...mesh.env, ...(paths.length > 0 && (await apart())) },
      stderr: 'ignore',
    })
    const client = new Client({ name: 'desktop', version: '1' })
    await client.connect(transport)
    const { tools } = await client.listTools()
    t.ok(
      tools.some(({ name }) => name === 'only'),
      `over stdio, ${paths.length > 0 ? 'started by it' : 'one that runs'}`,
    )
    t.match(await client.callTool({ name: 'only' }), { content: [{ text: 'one' }] })
    await client.close()
  }

  const searching = readFileSync('examples/gateway/search.yaml', 'utf8')
    .replace('9100', '0')
    .replace('name: front', 'name: finds')
  await ctl('start', mesh.write('finds', { 'mesh.yaml': searching }), '--detach')
  const found = JSON.parse(await ctl('call', 'finds:search_tools', '{"query":"only"}')) as object
  t.match(found, { tools: [{ name: 'only' }], searched: 3 })
  t.equal(await ctl('call', 'finds:only'), 'one\n', 'what is not listed is called by its name')
  const { toolLists } = JSON.parse(await ctl('status', '-o', 'json')) as {
    toolLists: ToolListRow[]
  }
  const listOf = (name: string) => toolLists.find(({ agent }) => agent === name)
  const listed = (await ask(endpoint, 'tools/list')).result?.tools
  const bytes = Buffer.byteLength(JSON.stringify(listed))
  t.match(listOf('front'), { listed: 3, bytes, estimatedTokens: Math.ceil(bytes / 4) })
  t.match(listOf('finds'), { listed: 1 }, 'with a search, only what is listed counts')
  t.match(
    await ctl('status'),
    new RegExp(`LISTED BY GATEWAYS[^]*front-\\w+ +3 +~${Math.ceil(bytes / 4)}`),
  )
  await ctl('stop', 'finds')

  const long = mesh.write('long', {
    'mesh.yaml': readFileSync('test/fixtures/meshes/invalid/list-long-all.mesh.yaml', 'utf8')
      .replaceAll(/^ {2}name: \w+$/gm, '$&\n  namespace: apart')
      .replace('name: front', 'name: lists-all'),
    'handlers/h.js': 'export default () => 1\n',
  })
  const { items } = JSON.parse(await ctl('validate', long, '-o', 'json')) as {
    items: { code: string; message: string }[]
  }
  t.match(items, [{ code: 'MESH_LIST_LONG', message: /40 tools, some [\d,]+ tokens/ }])
  const foretold = /some ([\d,]+) tokens/.exec(items[0]?.message ?? '')?.[1]?.replaceAll(',', '')
  await ctl('start', long, '--detach')
  const lists = async () =>
    (JSON.parse(await ctl('status', '-o', 'json')) as { toolLists: ToolListRow[] }).toolLists
  t.match(
    (await lists()).find(({ agent }) => agent === 'lists-all'),
    { listed: 40, estimatedTokens: Number(foretold) },
    'validate tells what a list will cost',
  )
  t.match(await ctl('status'), /lists-all-\w+ +40 +~\d+ +long: meshctl explain MESH_LIST_LONG/)
  await ctl('stop', 'lists-all', '-n', 'apart')
  await ctl('stop', 'archive', '-n', 'apart')

  const other = JSON.parse(await ctl('get', 'agent', 'two', '-o', 'json')) as AgentResource
  process.kill(other.status.instances[0]!.pid, 'SIGKILL')
  t.ok(
    await until(async () => (await toolsAt(endpoint)).join() === 'read,only'),
    'who is killed takes only its own away',
  )
  t.match(await ask(endpoint, 'tools/call', { name: 'read' }), {
    result: { content: [{ text: 'one' }] },
  })
  t.match(await ctl('stop', 'front'), /front/)
  t.ok(await until(async () => !(await ctl('list')).includes('front')))
  await ctl('stop')
  t.ok(await until(() => mesh.processes().length === 0), 'nothing is left behind')
})
