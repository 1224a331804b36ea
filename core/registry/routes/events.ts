/** The audit trail: what happened, to whom, and why. */
import Router from '@koa/router'
import { MeshError } from '../../model/error.ts'
import type { Mesh } from '../control/mesh.ts'
import { answerWithEvents } from '../event-response.ts'
import { readCount, readFlag, readText } from '../query.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

export function eventRoutes(mesh: Mesh, { keepAliveMs }: { keepAliveMs: number }): Router {
  const router = new Router()
  router.get('/v1/events', async ctx => {
    const filter = { namespace: readText(ctx, 'namespace'), agent: readText(ctx, 'agent') }
    const limit = readCount(ctx, 'limit') ?? DEFAULT_LIMIT
    if (limit < 1 || limit > MAX_LIMIT) {
      const found = `limit ${limit} is not between 1 and ${MAX_LIMIT}`
      throw new MeshError('MESH_USAGE_INVALID', found, 'write ?limit=100')
    }
    const after = readCount(ctx, 'after')
    const { audit } = mesh
    if (!readFlag(ctx, 'watch')) {
      ctx.body = audit.list(filter, { after, limit })
      return
    }
    const seen = /^\d{1,15}$/.exec(ctx.get('Last-Event-ID'))?.[0]
    const from = seen === undefined ? (after ?? mesh.revisions.current) : Number(seen)
    answerWithEvents(ctx, keepAliveMs, {
      open: stream => audit.open(stream, filter, from),
      resume: stream => audit.resume(stream),
      closed: stream => audit.closed(stream),
    })
  })
  return router
}
