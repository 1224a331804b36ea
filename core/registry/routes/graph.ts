/** The topology. */
import Router from '@koa/router'
import { graphOf } from '../control/graph.ts'
import type { Mesh } from '../control/mesh.ts'
import { parameters } from '../parameters.ts'

export function graphRoutes(mesh: Mesh): Router {
  const router = new Router()
  router.get('/v1/graph', async ctx => {
    ctx.body = graphOf(mesh, parameters.namespace.read(ctx))
  })
  return router
}
