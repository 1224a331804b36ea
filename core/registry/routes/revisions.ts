/** The history of an agent, and the way back. */
import type { Context } from 'koa'
import Router from '@koa/router'
import { MeshError } from '../../model/error.ts'
import type { AgentRevisionList } from '../../model/operations-api.ts'
import { readBody } from '../body.ts'
import { agentMissing } from '../control/apply.ts'
import { historyOf } from '../control/history.ts'
import type { Mesh } from '../control/mesh.ts'
import { rollBack } from '../control/rollback.ts'
import { parameters } from '../parameters.ts'
import { placeOf, readIfMatch } from '../query.ts'

export function revisionRoutes(mesh: Mesh): Router {
  const router = new Router()
  const path = '/v1/namespaces/:namespace/agents/:name'

  router.get(`${path}/revisions`, async ctx => {
    const { namespace, name } = placeOf(ctx)
    const history = await historyOf(mesh, namespace, name)
    if (history.length === 0) throw agentMissing(namespace, name)
    const items = history.map(({ generation, revision, digest, origin, from, at, manifest }) => {
      const head = { generation, revision, digest, origin, at }
      return { ...head, ...(from === undefined ? {} : { from }), manifest }
    })
    ctx.body = { items } satisfies AgentRevisionList
  })
  router.post(`${path}/rollback`, async ctx => {
    const place = placeOf(ctx)
    const ifMatch = readIfMatch(ctx.get('If-Match'))
    const dryRun = parameters.dryRun.read(ctx)
    const generation = await readGeneration(ctx)
    ctx.body = await rollBack(mesh, { ...place, generation, dryRun, ifMatch })
  })
  return router
}

/** `{ "generation": n }`; no body at all is the one before. */
async function readGeneration(ctx: Context): Promise<number | undefined> {
  const isEmpty = !ctx.request.length && ctx.get('Transfer-Encoding') === ''
  const body = isEmpty ? {} : await readBody(ctx)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    const { generation, ...rest } = body as { generation?: unknown }
    const isWhole = Number.isSafeInteger(generation) && Number(generation) > 0
    if (Object.keys(rest).length === 0 && (generation === undefined || isWhole))
      return generation as number | undefined
  }
  throw new MeshError(
    'MESH_BODY_INVALID',
    'the body is no generation to go back to',
    'send { "generation": 3 }, or {} for the one before',
  )
}
