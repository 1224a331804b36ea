/** /healthz: the process serves. /readyz: its store does too, so that it can take applies. */
import Router from '@koa/router'
import type { Store } from '../store/store.ts'

export function healthRoutes(store: Store, isStopping: () => boolean): Router {
  const router = new Router()
  router.get('/healthz', async ctx => {
    ctx.body = { status: 'ok' }
  })
  router.get('/readyz', async ctx => {
    await store.ping()
    ctx.status = isStopping() ? 503 : 200
    ctx.body = { status: isStopping() ? 'stopping' : 'ok' }
  })
  return router
}
