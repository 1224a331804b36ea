/**
 * Who may ask. A page in a browser can reach loopback by a name of its own (DNS rebinding): Host and Origin have to
 * name this registry. With a token set, everything below /v1 needs it.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type { Middleware } from 'koa'
import { MeshError } from '../model/error.ts'

/** Callers use few hosts: what was found of one is kept for the next request. */
const MAX_SEEN = 100

/** `names` are the hosts beside loopback under which the registry may be called, in lower case. */
export function hostCheck(names: ReadonlySet<string>): Middleware {
  const seen = new Set<string>()
  const isServed = (url: string) => {
    if (!URL.canParse(url)) return false
    const name = new URL(url).hostname
    return isLoopback(name) || names.has(name)
  }
  const isServedHost = (host: string) => {
    if (seen.has(host)) return true
    if (/[\s/@\\]/.test(host) || !isServed(`http://${host}`)) return false
    if (seen.size < MAX_SEEN) seen.add(host)
    return true
  }
  return (ctx, next) => {
    const { host, origin } = ctx.req.headers
    if (host === undefined || !isServedHost(host)) throw refused('Host', host)
    if (origin !== undefined && !isServed(origin)) throw refused('Origin', origin)
    return next()
  }
}

/** Compares digests, in constant time: neither length nor content of the token shows. */
export function bearerCheck(token: string | undefined): Middleware {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`)
  return (ctx, next) => {
    if (expected && /^\/v1(\/|$)/.test(ctx.path)) {
      const given = ctx.get('Authorization').replace(/^bearer +/i, 'Bearer ')
      if (!timingSafeEqual(digest(given), expected)) {
        const found = given === '' ? 'no bearer token was sent' : 'the bearer token is not the one'
        throw new MeshError('MESH_TOKEN_INVALID', `${found} that this registry takes`)
      }
    }
    return next()
  }
}

/** `localhost`, names below it, 127.0.0.0/8 and [::1], as URLs write them. */
export function isLoopback(name: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name)
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function refused(header: string, value: string | undefined): MeshError {
  return new MeshError(
    'MESH_HOST_REFUSED',
    value === undefined ? `no ${header} was sent` : `${header} "${value}" is not served here`,
    'call it by the address that it binds, or start it with --advertise <name>',
  )
}
