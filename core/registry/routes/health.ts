/** /healthz: the process serves. /readyz: its store does too, so that it can take applies. */
import Router from '@koa/router'
import { MeshError } from '../../model/error.ts'
import type { Health } from '../../model/operations-api.ts'
import type { Store } from '../store/store.ts'

export function healthRoutes(store: Store, isStopping: () => boolean): Router {
  const router = new Router()
  const good: Health = { status: 'ok' }
  router.get('/healthz', async ctx => {
    ctx.body = good
  })
  router.get('/readyz', async ctx => {
    if (isStopping()) throw new MeshError('MESH_REGISTRY_STOPPING', 'the registry is stopping')
    await store.ping()
    ctx.body = good
  })
  return router
}
