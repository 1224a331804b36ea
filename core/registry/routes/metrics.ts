/** Times every request by its route pattern, and /metrics, where Prometheus reads what was counted. */
import { performance } from 'node:perf_hooks'
import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { InstanceState } from '../../model/registry-api.ts'
import type { Mesh } from '../control/mesh.ts'
import { renderMetrics, requestLabels, type Levels } from '../metrics.ts'
import { metricsType, type Labels } from '../../model/prometheus.ts'

/** Outermost: it sees the status that problems were given. A stream counts as answered when it is open. */
export function timeRequests({ metrics }: Mesh): Middleware {
  const known = new Map<string, Labels>()
  return async (ctx, next) => {
    const began = performance.now()
    await next()
    const { _matchedRoute } = ctx as { _matchedRoute?: unknown }
    const route = typeof _matchedRoute === 'string' ? _matchedRoute : 'none'
    // Methods are few: those that Node does not know do not come this far.
    const key = `${ctx.method} ${route} ${ctx.status}`
    let labels = known.get(key)
    if (labels === undefined) {
      labels = requestLabels(ctx.method, route, ctx.status)
      known.set(key, labels)
    }
    metrics.requests.observe(labels, (performance.now() - began) / 1_000)
  }
}

export function metricsRoutes(mesh: Mesh): Router {
  const router = new Router()
  router.get('/metrics', async ctx => {
    ctx.body = renderMetrics(mesh.metrics, levelsOf(mesh))
    ctx.set('Content-Type', metricsType)
  })
  return router
}

function levelsOf({ index, desired, watchers, revisions, settling }: Mesh): Levels {
  const instances: Record<InstanceState, number> = {
    ready: 0,
    unhealthy: 0,
    suspect: 0,
    draining: 0,
  }
  for (const { state } of index.instances.values()) instances[state]++
  return {
    instances,
    agents: desired.list().length,
    watchers: watchers.size,
    resolved: index.resolved,
    revision: revisions.current,
    settling,
  }
}
