// examples/everything as its README tells it, seen by a client of MCP.
import { readFileSync } from 'node:fs'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import t from 'tap'
import { createMesh, until } from '../support/mesh.ts'

t.test('the tour of the manifest works as a client of MCP sees it', async t => {
  const mesh = await createMesh(t)
  const cwd = process.cwd()
  const ctl = async (...args: string[]) => {
    const done = await mesh.meshctl(args, { cwd })
    t.equal(done.code, 0, `meshctl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  await ctl('start', 'examples/everything', '--detach')
  t.equal(await ctl('call', 'test_simple_text'), 'This is a simple text response for testing.\n')
  t.equal(await ctl('call', 'test_custom_header', '{"region":"eu"}'), 'served from eu\n')
  t.equal(await ctl('call', 'everything:test_custom_header', '{"region":"é"}'), 'served from é\n')
  const status = async () =>
    (
      JSON.parse(await ctl('get', 'agent', 'everything', '-o', 'json')) as {
        status: { instances: { endpoint: string }[] }
      }
    ).status
  const { endpoint } = (await status()).instances[0]!
  const client = new Client(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint)))
  t.teardown(() => client.close())
  t.match((await client.readResource({ uri: 'test://static-binary' })).contents, [
    {
      mimeType: 'image/png',
      blob: readFileSync('examples/everything/pixel.png').toString('base64'),
    },
  ])
  t.match(await client.getPrompt({ name: 'test_prompt_with_image' }), {
    messages: [{ content: { type: 'image' } }, { content: { type: 'text' } }],
  })
  t.match((await client.callTool({ name: 'test_multiple_content_types' })).content, [
    { type: 'text' },
    { type: 'image' },
    { type: 'resource' },
  ])

  await ctl('stop')
  t.ok(await until(() => mesh.processes().length === 0))
})
