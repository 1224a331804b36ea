/** The topology. */
import Router from '@koa/router'
import { graphOf } from '../control/graph.ts'
import type { Mesh } from '../control/mesh.ts'
import { readText } from '../query.ts'

export function graphRoutes(mesh: Mesh): Router {
  const router = new Router()
  router.get('/v1/graph', async ctx => {
    ctx.body = graphOf(mesh, readText(ctx, 'namespace'))
  })
  return router
}
