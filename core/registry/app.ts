/** The Koa app, wired from its parts. Outermost first: times, ids, problems, host, token, routes, and what no route takes. */
import type Router from '@koa/router'
import Koa, { type Middleware } from 'koa'
import { MeshError } from '../model/error.ts'
import type { Mesh } from './control/mesh.ts'
import { bearerCheck, hostCheck } from './guard.ts'
import { knownQuery } from './known-query.ts'
import { problems } from './problem.ts'
import { requestIds } from './request-id.ts'
import { agentRoutes } from './routes/agents.ts'
import { eventRoutes } from './routes/events.ts'
import { graphRoutes } from './routes/graph.ts'
import { healthRoutes } from './routes/health.ts'
import { instanceRoutes } from './routes/instances.ts'
import { revisionRoutes } from './routes/revisions.ts'
import { leaseShortcut } from './routes/lease.ts'
import { metricsRoutes, timeRequests } from './routes/metrics.ts'
import { openApiRoutes } from './routes/openapi.ts'
import { resolveRoutes } from './routes/resolve.ts'

export interface AppOptions {
  mesh: Mesh
  token: string | undefined
  /** Hosts beside loopback under which the registry may be called. */
  names: ReadonlySet<string>
  keepAliveMs: number
  isStopping(this: void): boolean
}

export function createApp(options: AppOptions): Koa {
  const { mesh, token, names, keepAliveMs, isStopping } = options
  const routers = [
    instanceRoutes(mesh, { keepAliveMs, isStopping }),
    agentRoutes(mesh, { keepAliveMs }),
    revisionRoutes(mesh),
    eventRoutes(mesh, { keepAliveMs }),
    graphRoutes(mesh),
    resolveRoutes(mesh),
    healthRoutes(mesh.store, isStopping),
    metricsRoutes(mesh),
    openApiRoutes(),
  ]
  const app = new Koa()
  app.use(timeRequests(mesh))
  app.use(requestIds())
  app.use(problems(mesh.log))
  app.use(hostCheck(names))
  app.use(bearerCheck(token))
  app.use(leaseShortcut(mesh))
  app.use(knownQuery(routers))
  for (const router of routers) app.use(router.routes())
  app.use(noRoute(routers))
  app.on('error', error => mesh.log.error({ err: error as unknown }, 'request failed'))
  return app
}

/** Tells a path that nobody serves from a method that the path does not take. */
function noRoute(routers: readonly Router[]): Middleware {
  return async ctx => {
    const methods = routers.flatMap(router =>
      router.match(ctx.path, ctx.method).path.flatMap(layer => layer.methods),
    )
    if (methods.length === 0) {
      throw new MeshError('MESH_ROUTE_MISSING', `there is nothing at ${ctx.path}`)
    }
    const allowed = [...new Set(methods)].sort().join(', ')
    ctx.set('Allow', allowed)
    const mend = `use one of ${allowed}`
    throw new MeshError('MESH_METHOD_REFUSED', `${ctx.path} does not take ${ctx.method}`, mend)
  }
}
