/**
 * One id for each request, in the answer's `X-Request-Id`, in the body of a problem and in the log, so that the three can be
 * brought together. One that a gateway in front has given is kept; it is taken only where it is short and plain, as it
 * goes into the log.
 */
import { randomBytes } from 'node:crypto'
import type { Context, Middleware } from 'koa'

const given = /^[\w.:+/=-]{1,128}$/
const prefix = randomBytes(6).toString('base64url')
let count = 0

export function requestIds(): Middleware {
  return (ctx, next) => {
    const asked = ctx.req.headers['x-request-id']
    const isTaken = typeof asked === 'string' && given.test(asked)
    ctx.set('X-Request-Id', isTaken ? asked : newRequestId())
    return next()
  }
}

/** For a request that never became one, see broken-request.ts. */
export function newRequestId(): string {
  return `${prefix}-${(++count).toString(36)}`
}

export function requestIdOf(ctx: Context): string {
  return ctx.response.get('X-Request-Id')
}
