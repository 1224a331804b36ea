/**
 * The texts of `spec.server` with their references resolved, and a mask for all that is ever said of the server: what a
 * reference led to is a secret, wherever it shows up again (a server may well log its own environment).
 */
import type { WrappedAuth, WrappedServer } from '../../core/model/agent.ts'
import { resolveReferences, type Environment } from '../secrets.ts'

/** Given to every command, as they hold no secrets and most programs do not start without them. */
const inherited = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TZ', 'TMPDIR'],
  ...['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'APPDATA', 'LOCALAPPDATA'],
]

export type ResolvedServer = (
  | { kind: 'command'; command: [program: string, ...args: string[]]; env: Record<string, string> }
  | { kind: 'url'; url: string; headers: Record<string, string>; auth: ResolvedAuth | undefined }
) &
  Pick<WrappedServer, 'asks'>

/** How tokens are got; a bearer token is a header like others. */
export type ResolvedAuth = Exclude<WrappedAuth, { kind: 'bearer' }>

export interface Resolved {
  server: ResolvedServer
  /** Puts `***` in place of every text that a reference led to. */
  mask: (text: string) => string
  /** Has the mask hide a secret more, of those that come and go: of the oldest it forgets all but a few. */
  hide: (secret: string) => void
}

/** Shorter ones are no secrets, and to mask them would make a text unreadable. */
const shortestSecret = 4
/** An access token and a refresh token each, of the time before, now and next. */
const passing = 6

/** Throws MESH_SECRET_MISSING. */
export function resolveServer(server: WrappedServer, env: Environment): Resolved {
  const secrets = new Set<string>()
  const resolve = (text: string, field: string) =>
    text.replace(/\$\{(?:env|file):[^}]*\}/g, reference => {
      const value = resolveReferences(reference, field, env)
      for (const line of [value, ...value.split(/\r?\n/)]) {
        if (line.length >= shortestSecret) secrets.add(line)
      }
      return value
    })
  const resolved = server.kind === 'command' ? command(server, resolve, env) : url(server, resolve)
  const recent: string[] = []
  const sorted = () => [...secrets, ...recent].sort((a, b) => b.length - a.length)
  let longestFirst = sorted()
  return {
    server: resolved,
    mask: text => longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text),
    hide(secret) {
      if (secret.length < shortestSecret || recent.includes(secret)) return
      recent.push(secret)
      if (recent.length > passing) recent.shift()
      longestFirst = sorted()
    },
  }
}

type Resolve = (text: string, field: string) => string

function command(
  server: WrappedServer & { kind: 'command' },
  resolve: Resolve,
  env: Environment,
): ResolvedServer {
  const [program = '', ...args] = server.command.map((arg, i) =>
    resolve(arg, `spec.server.command[${i}]`),
  )
  const base: Record<string, string> = {}
  for (const name of inherited) {
    const value = env[name]
    if (value !== undefined) base[name] = value
  }
  const own = resolveAll(server.env, 'spec.server.env', resolve)
  return {
    kind: 'command',
    command: [program, ...args],
    env: { ...base, ...own },
    asks: server.asks,
  }
}

function url(server: WrappedServer & { kind: 'url' }, resolve: Resolve): ResolvedServer {
  const { auth } = server
  const bearer = auth?.kind === 'bearer' && resolve(auth.bearer, 'spec.server.auth.bearer')
  return {
    kind: 'url',
    url: resolve(server.url, 'spec.server.url'),
    headers: {
      ...resolveAll(server.headers, 'spec.server.headers', resolve),
      ...(bearer && { Authorization: `Bearer ${bearer}` }),
    },
    auth: auth?.kind === 'oauth' ? oauth(auth, resolve) : auth?.kind === 'login' ? auth : undefined,
    asks: server.asks,
  }
}

function oauth(auth: WrappedAuth & { kind: 'oauth' }, resolve: Resolve): ResolvedAuth {
  const { credential } = auth
  const field = 'spec.server.auth.oauth'
  if (credential.kind === 'secret') {
    const secret = resolve(credential.secret, `${field}.clientSecret`)
    return { ...auth, credential: { ...credential, secret } }
  }
  const privateKey = resolve(credential.privateKey, `${field}.privateKey`)
  return { ...auth, credential: { ...credential, privateKey } }
}

function resolveAll(
  texts: Readonly<Record<string, string>>,
  field: string,
  resolve: Resolve,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, resolve(text, `${field}.${key}`)]),
  )
}
