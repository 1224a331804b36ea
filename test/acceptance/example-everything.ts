/**
 * examples/everything as its README tells it, which is the tour of the manifest: its commands are run as they stand, what they print is
 * what it says, what it quotes is in the manifest, and no field of the schema is left out. Then as a client of MCP sees it.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import t from 'tap'
import { createMesh, until } from '../support/mesh.ts'

const folder = 'examples/everything'
const readme = readFileSync(join(folder, 'README.md'), 'utf8')
const blocks = [...readme.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text = '']) => ({
  ...{ language, text },
}))

interface Fields {
  properties?: object
}

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** In a shell, as it stands: only npx, which readme.ts runs, is passed over for the time that it takes. */
function sh(script: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  const lines = script.replaceAll('npx meshctl', `"${process.execPath}" dist/core/cli/meshctl.js`)
  return new Promise(resolve => {
    execFile('sh', ['-c', `set -e\n${lines}`], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    )
  })
}

/** `…` stands for anything; how far lines are indented does not matter. */
function pattern(text: string): RegExp {
  const parts = linesOf(text).join('\n').split('…')
  const escaped = parts.map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${escaped.join('[^]*')}$`)
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)

t.test('what the tour quotes is in the manifest, and no field is left out', async t => {
  const manifest = `\n${linesOf(readFileSync(join(folder, 'mesh.yaml'), 'utf8')).join('\n')}\n`
  const quoted = blocks.filter(({ language }) => language === 'yaml')
  t.ok(quoted.length > 8)
  for (const { text } of quoted) t.ok(manifest.includes(`\n${linesOf(text).join('\n')}\n`), text)
  const { $defs } = JSON.parse(readFileSync('schemas/agent.schema.json', 'utf8')) as {
    $defs: Record<string, Partial<Record<'properties', object> & Record<'anyOf', Fields[]>>>
  }
  const kinds = ['AgentSpec', 'Tool', 'ToolTask', 'Resource', 'Prompt', 'PromptArgument', 'Icon']
  for (const kind of [...kinds, 'Cache', 'ContentAnnotations']) {
    const { properties = {}, anyOf = [] } = $defs[kind] ?? {}
    const fields = [{ properties }, ...anyOf].flatMap(one => Object.keys(one.properties ?? {}))
    t.ok(fields.length > 0, kind)
    const told = (field: string) => readme.includes(`\`${field}`)
    t.strictSame(
      fields.filter(field => !told(field)),
      [],
      `${kind}: told of all`,
    )
  }
  for (const [, link = ''] of readme.matchAll(/\]\(([^)#\s]+)[^)]*\)/g))
    t.ok(existsSync(join(folder, link)), link)
})

t.test('the tour can be made as it is written, and a client of MCP sees the same', async t => {
  const mesh = await createMesh(t)
  const cwd = process.cwd()
  const ctl = async (...args: string[]) => {
    const done = await mesh.meshctl(args, { cwd })
    t.equal(done.code, 0, `meshctl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const commands = blocks.filter(({ language }) => language === 'sh')
  t.match(commands.at(-1), { text: /^npx meshctl stop$/m })
  for (const [i, { language, text }] of blocks.entries()) {
    if (language !== 'sh' || text === commands.at(-1)?.text) continue
    const { code, stdout, stderr } = await sh(text, mesh.env)
    t.equal(code, 0, `${text}${stdout}${stderr}`)
    const next = blocks[i + 1]
    if (next?.language === 'text') t.match(linesOf(stdout).join('\n'), pattern(next.text), text)
  }
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

  const day = async () => (await client.readResource({ uri: 'test://day/UTC' })).contents[0]
  t.ok(await until(async () => /^It is \w+day, /.test(((await day()) as { text: string }).text)))

  t.equal((await sh(commands.at(-1)?.text ?? '', mesh.env)).code, 0)
  t.ok(await until(() => mesh.processes().length === 0))
})
