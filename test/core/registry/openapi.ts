/** /openapi.json: its structure, that it names exactly what is served, and that each route in it answers as it says. */
import type Router from '@koa/router'
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import type { Problem } from '../../../core/model/registry-api.ts'
import { operations } from '../../../core/registry/operations.ts'
import { agentRoutes } from '../../../core/registry/routes/agents.ts'
import { eventRoutes } from '../../../core/registry/routes/events.ts'
import { graphRoutes } from '../../../core/registry/routes/graph.ts'
import { healthRoutes } from '../../../core/registry/routes/health.ts'
import { instanceRoutes } from '../../../core/registry/routes/instances.ts'
import { metricsRoutes } from '../../../core/registry/routes/metrics.ts'
import { openApiRoutes } from '../../../core/registry/routes/openapi.ts'
import { resolveRoutes } from '../../../core/registry/routes/resolve.ts'
import { revisionRoutes } from '../../../core/registry/routes/revisions.ts'
import { manifestOf, openRegistry } from '../../support/registry.ts'

interface Operation {
  summary: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, object> }>
}
interface Document {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

t.test('it names exactly what the routers serve', async t => {
  const { mesh } = await openRegistry(t)
  const times = { keepAliveMs: 1_000, isStopping: () => false }
  const routers: Router[] = [
    ...[instanceRoutes(mesh, times), agentRoutes(mesh, times), revisionRoutes(mesh)],
    ...[eventRoutes(mesh, times), graphRoutes(mesh), resolveRoutes(mesh), metricsRoutes(mesh)],
    ...[healthRoutes(mesh.store, times.isStopping), openApiRoutes()],
  ]
  const served = routers.flatMap(router =>
    router.stack.flatMap(({ methods, path }) =>
      methods.filter(method => method !== 'HEAD').map(method => `${method} ${String(path)}`),
    ),
  )
  t.strictSame(served.sort(), Object.keys(operations).sort())
})

t.test('it is OpenAPI 3.1, and each of its routes answers as it says', async t => {
  const registry = await openRegistry(t)
  const response = await fetch(`${registry.url}/openapi.json`)
  t.match(response.headers.get('content-type'), /^application\/json/)
  const document = (await response.json()) as Document
  t.match(document, { openapi: '3.1.0', info: { title: String, version: String } })
  const ajv = new Ajv2020({ strict: false, formats: { uri: true } })
  for (const [name, schema] of Object.entries(document.components.schemas))
    t.ok(ajv.validateSchema(schema), `${name} is a schema`)
  const isProblem = ajv.compile(document.components.schemas.Problem!)
  await registry.client.apply(manifestOf('a'))
  await registry.join(manifestOf('a'), { id: 'a-1' })

  for (const [path, methods] of Object.entries(document.paths)) {
    t.match(path, /^\//)
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method} ${path}`
      t.match(method, /^(get|put|post|delete)$/)
      t.ok(operation.summary, name)
      const inPath = operation.parameters.filter(each => each.in === 'path')
      t.strictSame(
        inPath.map(each => `{${each.name}}`),
        path.match(/\{\w+\}/g) ?? [],
        `${name}: every part of the path is a required parameter`,
      )
      t.ok(inPath.every(each => each.required))
      for (const { schema } of operation.parameters) t.ok(ajv.validateSchema(schema))
      for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
        const { $ref } = schema as { $ref?: string }
        if ($ref) t.ok($ref.replace('#/components/schemas/', '') in document.components.schemas)
      }
      t.ok(operation.responses['500'], `${name} may fail`)
      for (const [status, { description }] of Object.entries(operation.responses)) {
        t.match(status, /^[2-5]\d\d$/)
        t.ok(description)
      }
      // A delete comes last, or nothing is there for the others.
      const at = path
        .replace('{namespace}', 'default')
        .replace('{name}', method === 'delete' ? 'b' : 'a')
      const url = registry.url + at.replace('{id}', method === 'delete' ? 'a-2' : 'a-1')
      const abort = new AbortController()
      const query = path === '/v1/resolve' ? '?capability=x' : ''
      const answer = await fetch(url + query, { method, signal: abort.signal })
      const type = answer.headers.get('content-type') ?? ''
      const declared = operation.responses[String(answer.status)]
      t.ok(declared, `${name} answers ${answer.status}, which is declared`)
      if (type)
        t.ok(
          Object.keys(declared?.content ?? {}).some(each => type.startsWith(each)),
          `${name}: ${type}`,
        )
      if (type.startsWith('application/problem')) {
        const problem = (await answer.json()) as Problem
        t.ok(isProblem(problem), `${name} answers a problem`)
        t.match(declared?.description, new RegExp(problem.code))
      }
      abort.abort()
      await answer.body?.cancel().catch(() => undefined)
    }
  }
})

t.test('parameters are checked as they are declared', async t => {
  const registry = await openRegistry(t)
  for (const [route, { query = [] }] of Object.entries(operations)) {
    const [method, path = ''] = route.split(' ')
    if (method !== 'GET') continue
    for (const { name, schema } of query) {
      if (schema.type === 'string') continue
      const at = path.replace(':namespace', 'default')
      const answer = await fetch(`${registry.url}${at}?${name}=nothing`)
      t.match(
        [answer.status, await answer.json()],
        [400, { code: 'MESH_USAGE_INVALID' }],
        `${route} ${name}`,
      )
    }
  }
})
