/** The outermost middleware: whatever is thrown below becomes an RFC 9457 body. Unknown errors are logged here, once. */
import type { Context, Middleware } from 'koa'
import type { Logger } from 'pino'
import { MeshError } from '../model/error.ts'
import { codes } from '../model/codes.ts'
import type { ManifestFault, Problem } from '../model/registry-api.ts'
import { dropRest } from './body.ts'
import { requestIdOf } from './request-id.ts'

/** The body of a failure. */
export function problemOf(error: MeshError, requestId: string): Problem {
  const faults = error.details?.faults as ManifestFault[] | undefined
  return {
    type: `https://mcp-mesh.dev/errors/${error.code}`,
    title: codes[error.code].about,
    status: error.status,
    code: error.code,
    detail: error.message,
    mend: error.mend,
    requestId,
    ...(faults ? { faults } : {}),
  }
}

export function problems(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const problem = known(error, ctx, log)
      if (!ctx.req.complete) await dropRest(ctx.req)
      answer(ctx, problem)
    }
  }
}

function answer(ctx: Context, error: MeshError): void {
  if (ctx.headerSent) {
    ctx.res.destroy() // too late for a status: the broken stream says it
    return
  }
  ctx.respond = true
  ctx.status = error.status
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer')
  if (error.status === 503) ctx.set('Retry-After', '1')
  // What is left of a body that was refused would be read as the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close')
  ctx.body = JSON.stringify(problemOf(error, requestIdOf(ctx)))
  ctx.type = 'application/problem+json'
}

function known(error: unknown, ctx: Context, log: Logger): MeshError {
  const { method, path } = ctx
  const requestId = requestIdOf(ctx)
  if (error instanceof MeshError) {
    if (error.status >= 500)
      log.warn({ code: error.code, requestId, method, path, err: error }, 'request failed')
    return error
  }
  log.error({ err: error, requestId, method, path }, 'request failed')
  return new MeshError(
    'MESH_INTERNAL_FAILED',
    `the registry failed; its log says why, under the request id ${requestId}`,
  )
}
