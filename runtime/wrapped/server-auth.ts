/**
 * How an agent gets the tokens for the server that it wraps: as a client of its own, or by what a person left with
 * `meshctl login`. It lives as long as the agent, so that a new connection need not ask for a new token.
 */
import {
  ClientCredentialsProvider,
  PrivateKeyJwtProvider,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client'
import { loginProvider } from '../../core/mcp/login-provider.ts'
import { openLogins } from '../../core/mcp/logins.ts'
import type { Environment } from '../secrets.ts'
import type { Resolved } from './secrets-of-server.ts'

/** Undefined where the server is shown no token, or one that never changes. */
export function authOf(
  { server, hide }: Resolved,
  env: Environment,
): OAuthClientProvider | undefined {
  if (server.kind !== 'url' || !server.auth) return undefined
  const { auth, url } = server
  if (auth.kind === 'login')
    return hiding(loginProvider({ server: url, logins: openLogins(env) }), hide)
  const { issuer, clientId, credential, scopes } = auth
  const common = {
    ...{ clientId, expectedIssuer: issuer, clientName: 'MCP Mesh' },
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
  const provider =
    credential.kind === 'secret'
      ? new ClientCredentialsProvider({ ...common, clientSecret: credential.secret })
      : new PrivateKeyJwtProvider({ ...common, ...credential })
  return hiding(provider, hide)
}

/** Every token that passes is hidden from then on: the server may repeat it in an error. */
function hiding(
  provider: OAuthClientProvider,
  hide: (secret: string) => void,
): OAuthClientProvider {
  const tokens = provider.tokens.bind(provider)
  provider.tokens = async context => {
    const found = await tokens(context)
    for (const secret of [found?.access_token, found?.refresh_token]) if (secret) hide(secret)
    return found
  }
  return provider
}
