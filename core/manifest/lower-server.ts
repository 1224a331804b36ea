/** A checked `spec.server` as the mesh works with it; part of lower.ts. */
import type { Agent, WrappedAuth } from '../model/agent.ts'
import type { AgentSpec } from '../model/generated/manifest.ts'

/** Every default of a checked `spec.server` filled in. */
export function lowerServer(server: AgentSpec['server']): Agent['server'] {
  if (!server) return undefined
  const { command, env = {}, url, auth, headers = {} } = server
  const asks = [...(server.asks ?? (['elicitation', 'sampling'] as const))]
  if (command) return { kind: 'command', command, env: { ...env }, asks }
  if (url === undefined) throw new Error('spec.server has neither command nor url') // check-server.ts refused it
  return { kind: 'url', url, auth: lowerAuth(auth), headers: { ...headers }, asks }
}

function lowerAuth(auth: NonNullable<AgentSpec['server']>['auth']): WrappedAuth | undefined {
  if (auth?.bearer !== undefined) return { kind: 'bearer', bearer: auth.bearer }
  if (auth?.login) return { kind: 'login' }
  if (!auth?.oauth) return undefined
  const { issuer, clientId, clientSecret, privateKey, algorithm = 'ES256' } = auth.oauth
  const credential =
    clientSecret !== undefined
      ? { kind: 'secret' as const, secret: clientSecret }
      : { kind: 'key' as const, privateKey: privateKey ?? '', algorithm } // check-server-auth.ts has seen to one
  return { kind: 'oauth', issuer, clientId, credential, scopes: [...(auth.oauth.scopes ?? [])] }
}
