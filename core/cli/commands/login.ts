/** `meshctl login URL`: a person logs in at an MCP server outside of the mesh, for `meshctl call --url` and for agents that wrap it. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openLogins, type Login } from '../../mcp/logins.ts'
import { MeshError, messageOf } from '../../model/error.ts'
import type { Command, Context } from '../command.ts'
import { durationOf, textOf } from '../line/options.ts'
import { checkServerUrl } from '../remote/person.ts'
import { packageVersion } from './version.ts'

const DEFAULT_TIMEOUT_MS = 30_000

export const login: Command = {
  name: 'login',
  summary: 'Log in at an MCP server outside of the mesh',
  usage: 'meshctl login <url>',
  takes: [1, 1],
  about:
    'The server says which authorization server it trusts, and that one shows its page in your browser (BROWSER, where it is set). ' +
    'Tokens are kept under MESH_HOME/logins, for you alone; meshctl call --url and agents with server.auth: { login: true } use and refresh them. ' +
    'Where the authorization server registers no clients by itself, name one that was registered with it, and its issuer: a secret is shown to nobody else.',
  options: [
    { flags: '--scope <scopes>', about: 'what to ask for where the server does not say it' },
    { flags: '--client-id <id>', about: 'a client that was registered beforehand' },
    { flags: '--issuer <url>', about: 'the authorization server that registered it' },
    {
      flags: '--client-secret-file <path>',
      about: 'a file with its secret, - for stdin',
      completes: 'path',
    },
    {
      flags: '--client-metadata <url>',
      about: 'where the client describes itself, for authorization servers that read it there',
    },
    { flags: '--with-token', about: 'a token from stdin, in place of a login' },
    {
      flags: '--timeout <duration>',
      about: 'the longest that the server may take, apart from the login',
      default: '30s',
    },
  ],
  examples: [
    { command: 'meshctl login https://mcp.example.com/mcp', about: 'in the browser' },
    {
      command:
        'meshctl login https://mcp.example.com/mcp --client-id mesh --client-secret-file ./secret --issuer https://auth.example.com',
      about: 'as a client that was registered beforehand',
    },
    {
      command: 'meshctl login https://mcp.example.com/mcp --with-token < token.txt',
      about: 'with a token that was made elsewhere',
    },
  ],
  async run([url = ''], context) {
    const server = checkServerUrl(url)
    const logins = openLogins(context.env)
    const known: Login = { ...(logins.read(server) ?? { server, clients: {} }) }
    delete known.tokens // it is done anew
    const { withToken } = context.options
    const made = await readLogin(known, context)
    logins.write(withToken ? { ...made, tokens: await readToken(context) } : made)
    const { withServer } = await import('../remote/open-server.ts')
    const count = await withServer(
      {
        ...{ url: server, headers: {}, answers: [], clientVersion: await packageVersion() },
        timeoutMs: durationOf(context.options, 'timeout', DEFAULT_TIMEOUT_MS),
        login: withToken ? 'kept' : 'may',
      },
      context,
      async open => (await open.tools()).tools.length,
    )
    const isNeeded = logins.read(server)?.tokens !== undefined
    context.io.say(
      isNeeded
        ? `logged in at ${server}, which has ${count} tools`
        : `${server} asks for no login; it has ${count} tools`,
    )
    return 0
  },
}

/** What was said of the client replaces what was known of it. */
async function readLogin(known: Login, context: Context): Promise<Login> {
  const { options } = context
  const [id, issuer, secretFile, metadataUrl, scope] = [
    ...['clientId', 'issuer', 'clientSecretFile', 'clientMetadata', 'scope'],
  ].map(name => textOf(options, name))
  if (id === undefined && (issuer !== undefined || secretFile !== undefined)) {
    const found = '--issuer and --client-secret-file say more of a client that is not named'
    throw new MeshError('MESH_USAGE_INVALID', found, 'add --client-id <id>')
  }
  if (id !== undefined && (issuer === undefined || !URL.canParse(issuer))) {
    const found = '--client-id is given without the URL of its issuer'
    throw new MeshError('MESH_USAGE_INVALID', found, 'add --issuer https://auth.example.com')
  }
  if (metadataUrl !== undefined && !/^https:\/\/[^/]+\/./.test(metadataUrl)) {
    const found = `--client-metadata "${metadataUrl}" is no https URL with a path`
    throw new MeshError('MESH_USAGE_INVALID', found, 'write https://example.com/client.json')
  }
  const secret = secretFile === undefined ? undefined : await readSecret(secretFile, context)
  const registered = id !== undefined &&
    issuer !== undefined && { id, issuer, ...(secret !== undefined && { secret }) }
  return {
    ...known,
    ...(registered && { registered }),
    ...(metadataUrl !== undefined && { metadataUrl }),
    ...(scope !== undefined && { scope }),
  }
}

async function readSecret(path: string, { io, cwd }: Context): Promise<string> {
  const text =
    path === '-'
      ? await io.read()
      : await readFile(resolve(cwd, path), 'utf8').catch((cause: unknown) => {
          const found = `the secret in ${path} cannot be read: ${messageOf(cause)}`
          throw new MeshError('MESH_USAGE_INVALID', found, 'name a file that holds it', { cause })
        })
  if (text.trim() !== '') return text.trim()
  throw new MeshError('MESH_USAGE_INVALID', 'the secret is empty', 'write it into the file')
}

async function readToken({ io }: Context) {
  const token = (await io.read()).trim()
  if (/^[\x21-\x7e]+$/.test(token)) return { access_token: token, token_type: 'Bearer' }
  const found = 'what came from stdin is no token: one word is wanted'
  throw new MeshError('MESH_USAGE_INVALID', found, 'write meshctl login <url> --with-token < file')
}
