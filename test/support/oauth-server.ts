/**
 * An MCP server behind OAuth, with its authorization server, on one real port: discovery, registration, PKCE, refresh that
 * rotates, client_credentials by secret and by signed assertion. It checks what a real one checks, and keeps what it saw.
 */
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import type { Test } from 'tap'

export interface OAuthOptions {
  /** Clients that were registered beforehand: a secret, or a public key in PEM. */
  clients?: Record<string, { secret: string } | { publicKey: string }>
  /** What a call of the tool wants besides `read`. */
  scopes?: Record<string, string>
  /** All that is ever granted, whatever was asked for. */
  grants?: string
  /** Registers whoever asks; default true. */
  registers?: boolean
  /** Changes the answer to a login before it goes back. */
  answer?: (back: URL) => void
  /** Where the login page is said to be. */
  authorize?: string
}

export interface OAuthServer {
  url: string
  issuer: string
  /** Authorization headers at the MCP endpoint, in order. */
  shown: (string | undefined)[]
  /** Other headers of the requests to the authorization server. */
  headers: Record<string, unknown>[]
  /** Bodies of the token requests. */
  asked: URLSearchParams[]
  /** Scopes that people were asked for. */
  pages: string[]
  registrations: number
  /** Every access token so far is refused from now on. */
  expire(): void
  /** So is every refresh token. */
  revoke(): void
}

export async function oauthServer(t: Test, options: OAuthOptions = {}): Promise<OAuthServer> {
  const { clients = {}, scopes = {}, registers = true } = options
  const known = new Map(Object.entries(clients))
  const codes = new Map<string, { challenge: string; client: string; scope: string; to: string }>()
  const access = new Map<string, string>()
  const refresh = new Map<string, { client: string; scope: string }>()
  const node = toNodeHandler(createMcpHandler(tools))
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const seen: OAuthServer = {
    ...{ url: `${issuer}/mcp`, issuer, shown: [], headers: [], asked: [], pages: [] },
    registrations: 0,
    expire: () => access.clear(),
    revoke: () => refresh.clear(),
  }
  return seen

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    const body = await text(request)
    const json = (status: number, value: object, headers: Record<string, string> = {}) =>
      void response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(value))
    if (pathname !== '/mcp') seen.headers.push({ ...request.headers })
    if (pathname === '/mcp') return protect(request, response, body)
    if (pathname === '/.well-known/oauth-protected-resource/mcp')
      return json(200, { resource: seen.url, authorization_servers: [issuer] })
    if (pathname === '/.well-known/oauth-authorization-server') return json(200, metadata())
    if (pathname === '/register' && registers) {
      const client = `client-${++seen.registrations}`
      return json(201, { ...(JSON.parse(body) as object), client_id: client })
    }
    if (pathname === '/authorize') return authorize(searchParams, response)
    if (pathname === '/token') {
      const params = new URLSearchParams(body)
      seen.asked.push(params)
      const answer = token(params, request.headers.authorization)
      return 'error' in answer ? json(400, answer) : json(200, answer)
    }
    json(404, {})
  }

  function metadata() {
    return {
      issuer,
      authorization_endpoint: options.authorize ?? `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      ...(registers && { registration_endpoint: `${issuer}/register` }),
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'none'],
    }
  }

  async function protect(request: IncomingMessage, response: ServerResponse, body: string) {
    const { authorization } = request.headers
    seen.shown.push(authorization)
    const granted = access.get(authorization?.replace('Bearer ', '') ?? '')
    const message = (body === '' ? {} : JSON.parse(body)) as Message
    const wanted = (message.method === 'tools/call' && scopes[message.params?.name ?? '']) || 'read'
    const where = `resource_metadata="${issuer}/.well-known/oauth-protected-resource/mcp"`
    if (granted === undefined) {
      const challenge = `Bearer scope="read", ${where}`
      return void response.writeHead(401, { 'www-authenticate': challenge }).end()
    }
    if (!granted.split(' ').includes(wanted)) {
      const challenge = `Bearer error="insufficient_scope", scope="${wanted}", ${where}`
      return void response.writeHead(403, { 'www-authenticate': challenge }).end()
    }
    await node(request as Parameters<typeof node>[0], response, message)
  }

  function authorize(params: URLSearchParams, response: ServerResponse): void {
    const code = randomUUID()
    const get = (name: string) => params.get(name) ?? ''
    const scope = get('scope')
    seen.pages.push(scope)
    const to = get('redirect_uri')
    codes.set(code, { challenge: get('code_challenge'), client: get('client_id'), scope, to })
    const back = new URL(to)
    back.search = String(new URLSearchParams({ code, state: get('state'), iss: issuer }))
    options.answer?.(back)
    response.writeHead(302, { location: back.href }).end()
  }

  function token(params: URLSearchParams, basic: string | undefined) {
    const get = (name: string) => params.get(name) ?? ''
    const client = clientOf(params, basic)
    if (client === undefined) return { error: 'invalid_client' }
    const invalid = { error: 'invalid_grant', error_description: 'this grant holds no more' }
    if (get('resource') !== seen.url) return { error: 'invalid_target' }
    if (get('grant_type') === 'client_credentials') return grant(client, get('scope') || 'read')
    if (get('grant_type') === 'refresh_token') {
      const kept = refresh.get(get('refresh_token'))
      refresh.delete(get('refresh_token'))
      return kept?.client === client ? grant(client, kept.scope, true) : invalid
    }
    const code = codes.get(get('code'))
    codes.delete(get('code'))
    const challenge = createHash('sha256').update(get('code_verifier')).digest('base64url')
    const isSame = code?.challenge === challenge && code.to === get('redirect_uri')
    return isSame && code.client === client ? grant(client, code.scope, true) : invalid
  }

  function grant(client: string, asked: string, isRefreshed = false) {
    const scope = options.grants ?? asked
    const [token, next] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`]
    access.set(token, scope)
    if (isRefreshed) refresh.set(next, { client, scope })
    return {
      ...{ access_token: token, token_type: 'Bearer', expires_in: 3600, scope },
      ...(isRefreshed && { refresh_token: next }),
    }
  }

  function clientOf(params: URLSearchParams, basic: string | undefined): string | undefined {
    const assertion = params.get('client_assertion')
    if (assertion !== null) return signedBy(assertion)
    if (basic === undefined) {
      const id = params.get('client_id') ?? ''
      return known.has(id) ? undefined : id
    }
    const [id = '', secret] = Buffer.from(basic.slice(6), 'base64').toString().split(':')
    const client = known.get(id)
    return client && 'secret' in client && client.secret === secret ? id : undefined
  }

  function signedBy(assertion: string): string | undefined {
    const [head = '', payload = '', signature = ''] = assertion.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
    const client = known.get(claims.sub)
    if (!client || !('publicKey' in client) || claims.aud !== issuer) return undefined
    const key = { key: createPublicKey(client.publicKey), dsaEncoding: 'ieee-p1363' as const }
    const isSound = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      key,
      Buffer.from(signature, 'base64url'),
    )
    return isSound && claims.exp * 1000 > Date.now() ? claims.sub : undefined
  }
}

interface Claims {
  sub: string
  aud: string
  exp: number
}
interface Message {
  method?: string
  params?: { name?: string }
}

function tools(): Server {
  const server = new Server({ name: 'notes', version: '1.0.0' }, { capabilities: { tools: {} } })
  const inputSchema = { type: 'object' as const }
  server.setRequestHandler('tools/list', () => ({
    tools: ['read', 'write', 'leak'].map(name => ({ name, inputSchema })),
  }))
  server.setRequestHandler('tools/call', ({ params }, context) => {
    const token = context.http?.req?.headers.get('authorization') ?? ''
    // A server that repeats what it was shown: nobody may see it.
    if (params.name === 'leak') throw new Error(`no notes for ${token}`)
    return { content: [{ type: 'text', text: `${params.name}: done` }] }
  })
  return server
}
