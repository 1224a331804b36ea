/**
 * Clients that others wrote, each as its users run it, against the tour of the manifest: by its own address and behind a
 * gateway. What they see has to be the same everywhere.
 */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import { inspectorCli, pythonWithFastmcp } from '../support/installed.ts'
import { createMesh, until } from '../support/mesh.ts'

const run = promisify(execFile)
const text = 'This is a simple text response for testing.'
const read = 'This is the content of the static text resource.'
const prompt = `Prompt with arguments: arg1='a', arg2='b'`
const args = { arg1: 'a', arg2: 'b' }
/** What clients with a person and a model get to hear of what they have answered; and of an argument that is repeated in a header. */
const asked = { person: /ada/, model: /Paris/, region: /eu/ }

const gateway = `
apiVersion: mcp-mesh.dev/v1
kind: Gateway
metadata: { name: front }
spec: { version: 1.0.0, http: { port: 0 } }
`

t.test('every client sees the same of an agent, and of a gateway before it', async t => {
  const mesh = await createMesh(t)
  const files = mesh.write('front', { 'mesh.yaml': gateway })
  const cwd = process.cwd()
  const started = await mesh.meshctl(['start', 'examples/everything', files, '--detach'], { cwd })
  t.equal(started.code, 0, started.stderr)
  const agents = await mesh.agents()
  const endpoints = ['everything', 'front'].map(name => {
    const agent = agents.find(({ metadata }) => metadata.name === name)
    return [name, agent?.status.instances[0]?.endpoint ?? ''] as const
  })
  // It learns of the agents from the registry, a moment after they are there.
  const [, front] = endpoints
  t.ok(await until(async () => (await namesAt(front![1])).includes('test_simple_text')))
  const [python, inspector] = await Promise.all([pythonWithFastmcp(t), inspectorCli(t)])
  for (const [name, url] of endpoints) {
    const tools = await modern(t, name, url)
    await legacy(t, name, url, tools)
    await old(t, name, url, tools)
    if (python !== undefined) await pythons(t, name, url, { python, tools })
    if (inspector !== undefined) await inspect(t, name, url, { inspector, tools })
  }
  // As a desktop client starts it.
  const command = [process.execPath, resolve('dist/core/cli/meshctl.js'), 'gateway', '--stdio']
  const { MESH_HOME = '', MESH_REGISTRY_URL = '' } = mesh.env
  const env = { MESH_HOME, MESH_REGISTRY_URL }
  if (python !== undefined) {
    const { stdout } = await run(python, [resolve('test/support/clients.py'), ...command], {
      env: { ...process.env, ...env },
    })
    const { official, fastmcp } = JSON.parse(stdout) as Record<string, { progress?: number[] }>
    t.match(official, { text, failed: true, read, prompt, ...asked }, 'SDK of Python, over stdio')
    t.match(fastmcp, { text, failed: true, read, prompt, ...asked }, 'FastMCP, over stdio')
    t.equal(fastmcp?.progress?.at(-1), 100, 'FastMCP hears of progress over stdio')
  }
  for (const mode of ['auto', 'legacy'] as const) {
    const client = clientOf(mode)
    const [node = '', ...args] = command
    const started = { command: node, args, env, stderr: 'ignore' } as const
    await client.connect(new StdioClientTransport(started))
    t.equal(client.getProtocolEra(), mode === 'auto' ? 'modern' : 'legacy', 'over stdio')
    await use(t, `v2 ${mode}, over stdio`, client)
  }
  if (inspector !== undefined) {
    const given = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const { stdout } = await run(process.execPath, [
      ...[inspector, '--cli', ...given, ...command],
      ...['--method', 'tools/call', '--tool-name', 'test_simple_text'],
    ])
    t.match(JSON.parse(stdout), { content: [{ text }] }, 'inspector, over stdio')
  }
})

async function namesAt(url: string): Promise<string[]> {
  const client = new Client(self)
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  const { tools } = await client.listTools()
  await client.close()
  return tools.map(({ name }) => name)
}

/** The SDK's second line, as it comes: it finds out how the server speaks. */
async function modern(t: Test, of: string, url: string): Promise<string[]> {
  const client = clientOf('auto')
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  t.equal(client.getProtocolEra(), 'modern', of)
  return use(t, `v2 modern, ${of}`, client)
}

async function legacy(t: Test, of: string, url: string, tools: string[]): Promise<void> {
  const client = clientOf('legacy')
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  t.equal(client.getProtocolEra(), 'legacy', of)
  t.strictSame(await use(t, `v2 legacy, ${of}`, client), tools)
}

/** What most programs connect with today. */
async function old(t: Test, of: string, url: string, tools: string[]): Promise<void> {
  const client = new OldClient(self)
  const transport = new OldTransport(new URL(url))
  await client.connect(transport)
  t.strictSame(await use(t, `v1, ${of}`, client), tools)
}

const self = { name: 'a-client', version: '1.0.0' }

const clientOf = (mode: 'auto' | 'legacy') =>
  new Client(self, mode === 'auto' ? { versionNegotiation: { mode } } : {})

/** What both lines of the SDK have in common. */
interface Common {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(params: { name: string; arguments?: Record<string, string> }): Promise<object>
  readResource(params: { uri: string }): Promise<object>
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<object>
  close(): Promise<void>
}

async function use(t: Test, who: string, client: Common): Promise<string[]> {
  try {
    const { tools } = await client.listTools()
    t.match(await client.callTool({ name: 'test_simple_text' }), { content: [{ text }] }, who)
    t.match(await client.callTool({ name: 'test_error_handling' }), { isError: true }, who)
    const region = { name: 'test_custom_header', arguments: { region: 'eu' } }
    t.match(await client.callTool(region), { content: [{ text: /eu/ }] }, who)
    t.match(await client.readResource({ uri: 'test://static-text' }), {
      contents: [{ text: read }],
    })
    t.match(
      await client.getPrompt({ name: 'test_prompt_with_arguments', arguments: args }),
      { messages: [{ content: { text: prompt } }] },
      who,
    )
    return tools.map(({ name }) => name).sort()
  } finally {
    await client.close()
  }
}

/** The official SDK of Python, and FastMCP. */
async function pythons(
  t: Test,
  of: string,
  url: string,
  { python, tools }: { python: string; tools: string[] },
): Promise<void> {
  const { stdout } = await run(python, [resolve('test/support/clients.py'), url])
  const seen = { tools, text, failed: true, read, prompt, ...asked }
  const { official, fastmcp } = JSON.parse(stdout) as Record<string, { progress?: number[] }>
  t.match(official, { ...seen, protocol: '2025-11-25' }, `SDK of Python, ${of}`)
  t.match(fastmcp, seen, `FastMCP, ${of}`)
  t.equal(fastmcp?.progress?.at(-1), 100, `FastMCP hears of progress, ${of}`)
}

async function inspect(
  t: Test,
  of: string,
  url: string,
  { inspector, tools }: { inspector: string; tools: string[] },
): Promise<void> {
  const ask = async (...flags: string[]): Promise<unknown> => {
    const command = [inspector, '--cli', url, '--transport', 'http', '--method', ...flags]
    const { stdout } = await run(process.execPath, command)
    return JSON.parse(stdout)
  }
  const listed = (await ask('tools/list')) as { tools: { name: string }[] }
  t.strictSame(listed.tools.map(({ name }) => name).sort(), tools, `inspector, ${of}`)
  const called = await ask('tools/call', '--tool-name', 'test_simple_text')
  t.match(called, { content: [{ text }] }, `inspector, ${of}`)
  const resource = await ask('resources/read', '--uri', 'test://static-text')
  t.match(resource, { contents: [{ text: read }] }, `inspector, ${of}`)
}
