/**
 * Who may ask. A page in a browser can reach loopback by a name of its own (DNS rebinding): Host and Origin have to
 * name this registry. With a token set, everything below /v1 needs it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Middleware } from 'koa'
import { MeshError } from '../model/error.ts'

/** `names` are the hosts beside loopback under which the registry may be called, in lower case. */
export function hostCheck(names: ReadonlySet<string>): Middleware {
  const isServed = (url: string) => {
    if (!URL.canParse(url)) return false
    const name = new URL(url).hostname
    return isLoopback(name) || names.has(name)
  }
  return async (ctx, next) => {
    const { host, origin } = ctx.req.headers
    if (host === undefined || /[\s/@\\]/.test(host) || !isServed(`http://${host}`))
      throw refused('Host', host)
    if (origin !== undefined && !isServed(origin)) throw refused('Origin', origin)
    await next()
  }
}

/** Compares digests, in constant time: neither length nor content of the token shows. */
export function bearerCheck(token: string | undefined): Middleware {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`)
  return async (ctx, next) => {
    if (expected && /^\/v1(\/|$)/.test(ctx.path)) {
      const given = ctx.get('Authorization').replace(/^bearer +/i, 'Bearer ')
      if (!timingSafeEqual(digest(given), expected)) {
        const found = given === '' ? 'no bearer token was sent' : 'the bearer token is not the one'
        throw new MeshError('MESH_TOKEN_INVALID', `${found} that this registry takes`)
      }
    }
    await next()
  }
}

/** `localhost`, names below it, 127.0.0.0/8 and [::1], as URLs write them. */
export function isLoopback(name: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(name)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function refused(header: string, value: string | undefined): MeshError {
  return new MeshError(
    'MESH_HOST_REFUSED',
    value === undefined ? `no ${header} was sent` : `${header} "${value}" is not served here`,
    'call it by the address that it binds, or start it with --advertise <name>',
  )
}
