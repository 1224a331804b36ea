/** Agents: apply, read, delete. */
import type { Context } from 'koa'
import Router from '@koa/router'
import { checkManifest } from '../../manifest/check-manifest.ts'
import { MeshError } from '../../model/error.ts'
import { readBody } from '../body.ts'
import type { AgentWatch } from '../control/agent-watchers.ts'
import { agentMissing, apply, deleteAgent, type Application } from '../control/apply.ts'
import { agentKey } from '../control/desired.ts'
import type { Mesh } from '../control/mesh.ts'
import { listAgents } from '../control/list.ts'
import { resourceJson } from '../control/resource.ts'
import { answerWithEvents, type Feed } from '../event-response.ts'
import { parseSelector } from '../label-selector.ts'
import { parameters } from '../parameters.ts'
import { checkNamespace, placeOf, readIfMatch } from '../query.ts'

export function agentRoutes(mesh: Mesh, { keepAliveMs }: { keepAliveMs: number }): Router {
  const router = new Router()
  const feed: Feed = {
    keepAliveMs,
    onWritable: stream => mesh.agentWatchers.resume(stream),
    onClose: stream => mesh.agentWatchers.closed(stream),
  }
  const path = '/v1/namespaces/:namespace/agents/:name'

  router.put(path, async ctx => {
    const application = await readApplication(ctx)
    const receipt = await apply(mesh, application)
    ctx.status = receipt.result === 'created' && !application.dryRun ? 201 : 200
    ctx.body = receipt
  })
  router.get(path, async ctx => {
    const { namespace, name } = placeOf(ctx)
    if (parameters.watch.read(ctx)) return watch(ctx, { namespace, name, matches: () => true })
    const entry = mesh.desired.get(agentKey(namespace, name))
    const json = entry && resourceJson(entry)
    if (json === undefined) throw agentMissing(namespace, name)
    ctx.type = 'application/json'
    ctx.body = json
  })
  router.delete(path, async ctx => {
    const { namespace, name } = placeOf(ctx)
    await deleteAgent(mesh, namespace, name)
    ctx.status = 204
  })
  router.get('/v1/namespaces/:namespace/agents', async ctx => list(ctx))
  router.get('/v1/agents', async ctx => list(ctx))

  function list(ctx: Context): void {
    const { namespace: named } = ctx.params as { namespace?: string }
    const namespace = named === undefined ? undefined : checkNamespace(named)
    const matches = parseSelector(parameters.labelSelector.read(ctx) ?? '')
    if (parameters.watch.read(ctx)) return watch(ctx, { namespace, matches })
    const limit = parameters.pageLimit.read(ctx) ?? 0
    const token = parameters.continue.read(ctx)
    ctx.type = 'application/json'
    ctx.body = listAgents(mesh, { namespace, matches, limit, token })
  }

  function watch(ctx: Context, wanted: AgentWatch): void {
    answerWithEvents(ctx, { feed, begin: stream => mesh.agentWatchers.open(stream, wanted) })
  }
  return router
}

async function readApplication(ctx: Context): Promise<Application> {
  const { namespace, name } = placeOf(ctx)
  const ifMatch = readIfMatch(ctx.get('If-Match'))
  const dryRun = parameters.dryRun.read(ctx)
  const checked = checkManifest(await readBody(ctx))
  if (checked.faults) {
    const count = checked.faults.length
    throw new MeshError(
      'MESH_MANIFEST_INVALID',
      `the manifest has ${count} fault${count === 1 ? '' : 's'}: ${checked.faults[0]?.message}`,
      undefined,
      { details: { faults: checked.faults } },
    )
  }
  const { agent, manifest } = checked
  if (agent.namespace !== namespace || agent.name !== name) {
    throw new MeshError(
      'MESH_BODY_INVALID',
      `the manifest is of agent "${agent.name}" in namespace "${agent.namespace}", the path names "${name}" in "${namespace}"`,
      'apply a manifest at its own namespace and name',
    )
  }
  return { agent, manifest, dryRun, ifMatch }
}
