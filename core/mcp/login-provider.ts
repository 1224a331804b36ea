/**
 * OAuth for a server where a person has logged in, or does so now: what the SDK's flow asks a client for. The flow itself,
 * discovery, PKCE, registration, refresh and the checks of issuer and resource, is the SDK's.
 */
import { randomBytes } from 'node:crypto'
import type { OAuthClientProvider, OAuthDiscoveryState } from '@modelcontextprotocol/client'
import { MeshError } from '../model/error.ts'
import type { Login, Logins } from './logins.ts'

/** How a person is asked to log in. */
export interface Person {
  /** On 127.0.0.1, where the browser comes back to. */
  readonly port: number
  /** Shows them the page. `state` comes back with the answer. */
  ask(page: URL, state: string): void
}

export interface LoginProviderOptions {
  server: string
  logins: Logins
  /** Absent, nobody can be asked: what is there is used and refreshed. */
  person?: Person
}

/** For one login, and for one more where a tool wants more than the first gave. */
const maxAsked = 2

/** Its methods throw MESH_LOGIN_REQUIRED where a person would have to be asked and cannot. */
export function loginProvider({
  server,
  logins,
  person,
}: LoginProviderOptions): OAuthClientProvider {
  const load = (): Login => logins.read(server) ?? { server, clients: {} }
  const change = (part: Partial<Login>) => logins.write({ ...load(), ...part })
  const required = () => {
    const found = `${server} wants a login, and there is none that still holds`
    return new MeshError('MESH_LOGIN_REQUIRED', found, `log in with meshctl login ${server}`)
  }
  /** Discovery is done afresh each time but for the way back: servers move to other authorization servers. */
  let discovery: OAuthDiscoveryState | undefined
  let isAsking = false
  let state = ''
  let verifier = ''
  let seen: string | undefined
  let asked = 0
  const { registered, metadataUrl, scope } = load()
  const redirectUrl = `http://127.0.0.1:${person?.port ?? 0}/callback`

  return {
    redirectUrl,
    ...(metadataUrl !== undefined && { clientMetadataUrl: metadataUrl }),
    clientMetadata: {
      client_name: 'MCP Mesh',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      ...(scope !== undefined && { scope }),
    },
    state: () => (state = randomBytes(16).toString('base64url')),
    clientInformation(context) {
      if (registered) {
        const { id, secret, issuer } = registered
        return { client_id: id, issuer, ...(secret !== undefined && { client_secret: secret }) }
      }
      const { clients, port, tokens } = load()
      if (!person && !tokens) throw required()
      const known = clients[context?.issuer ?? '']
      const isUsable = !person || person.port === port || known?.client_id === metadataUrl
      return isUsable ? known : undefined
    },
    // Without it the SDK registers nowhere: a client of one issuer is never replaced by one of another.
    ...(!registered && {
      saveClientInformation(client, context) {
        if (!context) return
        if (!person) throw required()
        const { clients, port } = load()
        const kept = port === person.port ? clients : {}
        change({ clients: { ...kept, [context.issuer]: client }, port: person.port })
      },
    }),
    tokens(context) {
      const { tokens } = load()
      seen = tokens?.access_token
      return context && tokens?.issuer !== undefined && tokens.issuer !== context.issuer
        ? undefined
        : tokens
    },
    saveTokens(tokens) {
      isAsking = false
      change({ tokens })
    },
    redirectToAuthorization(page) {
      if (!person) throw required()
      if (++asked > maxAsked) {
        const found = `${server} asks for a login again and again`
        throw new MeshError('MESH_LOGIN_FAILED', found, 'ask who runs the server')
      }
      if (page.protocol !== 'https:' && page.protocol !== 'http:') {
        const found = `${server} names a page for the login that is no web page (${page.protocol})`
        throw new MeshError('MESH_LOGIN_FAILED', found, 'ask who runs the server')
      }
      isAsking = true
      person.ask(page, state)
    },
    saveCodeVerifier(text) {
      verifier = text
    },
    codeVerifier: () => verifier,
    saveDiscoveryState(found) {
      discovery = found
    },
    discoveryState: () => (isAsking ? discovery : undefined),
    invalidateCredentials(what) {
      const { tokens, ...rest } = load()
      // Another process may have refreshed them meanwhile: what was refused is not what is there now.
      const isStale = tokens !== undefined && tokens.access_token === seen
      if (what === 'client') logins.write({ ...load(), clients: {} })
      if ((what === 'tokens' || what === 'all') && isStale) logins.write(rest)
    },
  }
}
