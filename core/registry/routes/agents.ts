/** Agents: apply, read, delete. */
import type { Context } from 'koa'
import Router from '@koa/router'
import { checkManifest } from '../../manifest/check-manifest.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentList } from '../../model/registry-api.ts'
import { readBody } from '../body.ts'
import { agentMissing, apply, deleteAgent, type Application } from '../control/apply.ts'
import { agentKey } from '../control/desired.ts'
import type { Mesh } from '../control/mesh.ts'
import { resourceOf } from '../control/resource.ts'
import { placeOf, readFlag, readIfMatch } from '../query.ts'

export function agentRoutes(mesh: Mesh): Router {
  const router = new Router()
  const path = '/v1/namespaces/:namespace/agents/:name'

  router.put(path, async ctx => {
    const application = await readApplication(ctx)
    const receipt = await apply(mesh, application)
    ctx.status = receipt.result === 'created' && !application.dryRun ? 201 : 200
    ctx.body = receipt
  })
  router.get(path, async ctx => {
    const { namespace, name } = placeOf(ctx)
    const entry = mesh.desired.get(agentKey(namespace, name))
    const resource = entry && resourceOf(entry)
    if (!resource) throw agentMissing(namespace, name)
    ctx.body = resource
  })
  router.delete(path, async ctx => {
    const { namespace, name } = placeOf(ctx)
    await deleteAgent(mesh, namespace, name)
    ctx.status = 204
  })
  router.get('/v1/namespaces/:namespace/agents', async ctx => {
    ctx.body = listOf(mesh, String(ctx.params.namespace))
  })
  router.get('/v1/agents', async ctx => {
    ctx.body = listOf(mesh)
  })
  return router
}

async function readApplication(ctx: Context): Promise<Application> {
  const { namespace, name } = placeOf(ctx)
  const ifMatch = readIfMatch(ctx.get('If-Match'))
  const dryRun = readFlag(ctx, 'dryRun')
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

function listOf(mesh: Mesh, namespace?: string): AgentList {
  const items = mesh.desired.list(namespace).flatMap(entry => resourceOf(entry) ?? [])
  return { items, revision: mesh.revisions.current }
}
