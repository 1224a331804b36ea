/** The audit trail: what happened, to whom, and why. */
import Router from '@koa/router'
import type { Mesh } from '../control/mesh.ts'
import { answerWithEvents, type Feed } from '../event-response.ts'
import { parameters } from '../parameters.ts'

const DEFAULT_LIMIT = 100

export function eventRoutes(mesh: Mesh, { keepAliveMs }: { keepAliveMs: number }): Router {
  const router = new Router()
  const feed: Feed = {
    keepAliveMs,
    onWritable: stream => mesh.audit.resume(stream),
    onClose: stream => mesh.audit.closed(stream),
  }
  router.get('/v1/events', async ctx => {
    const filter = { namespace: parameters.namespace.read(ctx), agent: parameters.agent.read(ctx) }
    const limit = parameters.eventLimit.read(ctx) ?? DEFAULT_LIMIT
    const after = parameters.after.read(ctx)
    const { audit } = mesh
    if (!parameters.watch.read(ctx)) {
      ctx.body = audit.list(filter, { after, limit })
      return
    }
    const from = ctx.get('Last-Event-ID') || after
    answerWithEvents(ctx, { feed, begin: stream => audit.open(stream, filter, from) })
  })
  return router
}
