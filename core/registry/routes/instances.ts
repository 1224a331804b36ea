/** Instances: announce, watch, renew, drain, leave. */
import Router from '@koa/router'
import { checkAnnouncement } from '../announcement.ts'
import { readBody } from '../body.ts'
import { announce } from '../control/announce.ts'
import { closeWatch, drain, leave, openWatch, renew, resumeWatch } from '../control/lifecycle.ts'
import type { Mesh } from '../control/mesh.ts'
import { answerWithEvents, type EventStream, type Feed } from '../event-response.ts'

export interface WatchRouteOptions {
  keepAliveMs: number
  /** True while the registry ends its streams itself: their end says nothing about the instances. */
  isStopping(this: void): boolean
}

export function instanceRoutes(mesh: Mesh, { keepAliveMs, isStopping }: WatchRouteOptions): Router {
  const router = new Router()
  const feed: Feed = {
    keepAliveMs,
    onWritable: ({ id }) => resumeWatch(mesh, id),
    onSend: type => mesh.sent(type),
    onClose: stream => {
      if (!isStopping()) closeWatch(mesh, stream.id, stream)
    },
  }

  router.post('/v1/instances', async ctx => {
    const { isNew, receipt } = announce(mesh, checkAnnouncement(await readBody(ctx)))
    ctx.status = isNew ? 201 : 200
    ctx.body = receipt
  })
  router.get('/v1/instances/:id/watch', async ctx => {
    const id = String(ctx.params.id)
    // Throws before anything is sent; what it has to know goes out at the end of this tick.
    const begin = (stream: EventStream) => openWatch(mesh, id, stream, ctx.get('Last-Event-ID'))
    answerWithEvents(ctx, { id, feed, begin })
  })
  router.put('/v1/instances/:id/lease', async ctx => {
    await renew(mesh, String(ctx.params.id))
    ctx.status = 204
  })
  router.post('/v1/instances/:id/drain', async ctx => {
    drain(mesh, String(ctx.params.id))
    ctx.status = 204
  })
  router.delete('/v1/instances/:id', async ctx => {
    leave(mesh, String(ctx.params.id))
    ctx.status = 204
  })
  return router
}
