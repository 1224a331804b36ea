/**
 * The client that the suite is given: for each scenario it runs the built `meshctl` as a user would. Where a person logs in,
 * BROWSER is a program of one line (browser.mjs); where a machine does, an agent wraps the server and is called.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/mesh.ts'

/** What a scenario tells besides its URL. */
interface About {
  client_id?: string
  client_secret?: string
  private_key_pem?: string
  signing_algorithm?: string
  issuer?: string
  toolCalls?: { name: string; arguments: object }[]
}

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const [slots = '', url = ''] = process.argv.slice(2)
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: told = '{}' } =
  process.env
const about = JSON.parse(told) as About
const home = mkdtempSync(join(tmpdir(), 'mesh-conformance-'))
const env: NodeJS.ProcessEnv = {
  ...process.env,
  MESH_HOME: home,
  BROWSER: `${process.execPath} ${at('browser.mjs')}`,
}
/** Made up by the suite, which looks for this very address. */
const metadataUrl = 'https://conformance-test.local/client-metadata.json'

/** Resolves to stdout; rejects where the exit code is none of those. */
function meshctl(args: string[], codes = [0]): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = [at('../../dist/core/cli/meshctl.js'), ...args]
    const child = execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      process.stderr.write(stderr)
      const code = error ? Number(error.code) : 0
      if (codes.includes(code)) resolve(stdout)
      else reject(new Error(`meshctl ${args.join(' ')} ended with ${code}`))
    })
    child.stdin?.end()
  })
}

const call = (tool: string, args: object = {}, ...flags: string[]) =>
  meshctl(['call', '--url', url, tool, JSON.stringify(args), '--timeout', '2m', ...flags])

async function tools() {
  const text = await meshctl(['call', '--url', url, '-o', 'json'])
  return (JSON.parse(text) as { items: { name: string; inputSchema: object }[] }).items
}

const yes = ['--answer', '{"confirmed":true}']
const scenarios: Record<string, () => Promise<unknown>> = {
  initialize: tools,
  tools_call: () => call('add_numbers', { a: 5, b: 3 }),
  'elicitation-sep1034-client-defaults': () =>
    call('test_client_elicitation_defaults', {}, '--answer', '{}'),
  'sse-retry': () => call('test_reconnection'),
  'request-metadata': tools,
  async 'sep-2322-client-request-state'() {
    await call('test_mrtr_echo_state', {}, ...yes)
    await call('test_mrtr_unrelated', {}, ...yes)
    await call('test_mrtr_no_state', {}, ...yes)
    await call('test_mrtr_no_result_type', {}, ...yes)
  },
  async 'http-standard-headers'() {
    await call('test_headers')
    await call('my-hyphenated-tool')
  },
  async 'http-custom-headers'() {
    for (const { name, arguments: args } of about.toolCalls ?? []) await call(name, args)
  },
  async 'http-invalid-tool-headers'() {
    await call('valid_tool', { region: 'eu' })
    for (const what of ['empty_header', 'object_header', 'number_header', 'duplicate_diff_case'])
      await meshctl(['call', '--url', url, `invalid_${what}`, '{"value":"x"}'], [1])
  },
  'json-schema-ref-no-deref': tools,
  async 'json-schema-2020-12-preservation'() {
    const tool = (await tools()).find(({ name }) => name === 'json_schema_2020_12_tool')
    await call('json_schema_echo', { schema: tool?.inputSchema })
  },
  'auth/client-credentials-basic': callThroughAgent,
  'auth/client-credentials-jwt': callThroughAgent,
}

/** A person logs in and calls, with another login where the tool wants more. */
async function logIn(): Promise<void> {
  const flags = scenario === 'auth/basic-cimd' ? ['--client-metadata', metadataUrl] : []
  const { client_id: id, client_secret: secret, issuer } = about
  if (id !== undefined && secret !== undefined && issuer !== undefined) {
    const file = join(home, 'secret')
    writeFileSync(file, secret, { mode: 0o600 })
    flags.push('--client-id', id, '--client-secret-file', file, '--issuer', issuer)
  }
  await meshctl(['login', url, '--timeout', '2m', ...flags])
  await call('test-tool', {}, '--login')
}

/** An agent that is a client of the authorization server itself; the suite names that server in its metadata alone. */
async function callThroughAgent(): Promise<void> {
  const metadata = new URL('/.well-known/oauth-protected-resource/mcp', url)
  const { authorization_servers: servers } = (await (await fetch(metadata)).json()) as {
    authorization_servers: string[]
  }
  const { client_id: clientId, client_secret: secret, private_key_pem: key } = about
  const credential =
    key === undefined
      ? { clientSecret: '${env:CREDENTIAL}' }
      : { privateKey: '${env:CREDENTIAL}', algorithm: about.signing_algorithm }
  const auth = { oauth: { issuer: servers[0], clientId, ...credential } }
  const manifest = {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'far' } },
    spec: { version: '1.0.0', server: { url, auth } },
  }
  writeFileSync(join(home, 'mesh.yaml'), JSON.stringify(manifest))
  Object.assign(env, {
    CREDENTIAL: key ?? secret,
    MESH_REGISTRY_URL: `http://127.0.0.1:${await freePort()}`,
  })
  try {
    await meshctl(['start', join(home, 'mesh.yaml'), '--detach'])
    await meshctl(['call', 'far:test-tool'])
  } finally {
    await meshctl(['stop'])
  }
}

/** The suite starts all scenarios at once. So many run; the others wait for one of these folders. */
async function takeSlot(): Promise<() => void> {
  for (;;) {
    for (const name of ['1', '2', '3']) {
      try {
        mkdirSync(join(slots, name))
        return () => rmSync(join(slots, name), { recursive: true })
      } catch {
        continue // somebody else has it
      }
    }
    await pause(100)
  }
}

const leave = await takeSlot()
try {
  const run = scenarios[scenario] ?? (scenario.startsWith('auth/') ? logIn : undefined)
  if (!run) throw new Error(`nothing is written for the scenario "${scenario}"`)
  await run()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  leave()
  rmSync(home, { recursive: true, force: true })
}
