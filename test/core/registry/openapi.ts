/**
 * /openapi.json: that it is OpenAPI 3.1 by the official schema, names exactly what is served, and that a running registry takes
 * and answers what it says.
 */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type Router from '@koa/router'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { createEventParser } from '../../../core/client/event-stream.ts'
import { digestOf } from '../../../core/manifest/digest.ts'
import type { Problem } from '../../../core/model/registry-api.ts'
import { createApp } from '../../../core/registry/app.ts'
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
import { until } from '../../support/mesh.ts'
import { manifestOf, openRegistry } from '../../support/registry.ts'

interface Operation {
  summary: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { description: string; content?: Record<string, Content> }>
}
interface Content {
  schema: object
  'x-itemSchema'?: object
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

t.test(
  'it is OpenAPI 3.1, and each of its routes answers with a status and type that it names',
  async t => {
    const registry = await openRegistry(t)
    const response = await fetch(`${registry.url}/openapi.json`)
    t.match(response.headers.get('content-type'), /^application\/json/)
    const document = (await response.json()) as Document
    t.match(document, { openapi: '3.1.0', info: { title: String, version: String } })
    const official = new Validator()
    t.strictSame(await official.validate(structuredClone(document) as never), { valid: true })
    t.equal(official.version, '3.1')
    const faultsOf = checker(document)
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
          const { schema } = declared!.content!['application/problem+json']!
          t.strictSame(faultsOf(schema, problem), [], `${name} answers a problem`)
          t.match(declared?.description, new RegExp(problem.code))
        }
        abort.abort()
        await answer.body?.cancel().catch(() => undefined)
      }
    }
  },
)

/** What of a value is against a schema of the document, where nothing may come that the schema does not name. */
function checker(document: Document) {
  const ajv = formats.default(new Ajv2020({ strict: false, allErrors: true }))
  ajv.addSchema(closed(document) as object, 'closed')
  return (schema: object, value: unknown) => {
    const text = JSON.stringify(closed(schema)).replaceAll('"#/', '"closed#/')
    const validate = ajv.compile(JSON.parse(text) as object)
    validate(value)
    return (
      validate.errors?.map(({ instancePath, message, params }) => {
        return `${instancePath} ${message} ${JSON.stringify(params)}`
      }) ?? []
    )
  }
}

function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (typeof node !== 'object' || node === null) return node
  const copy = Object.fromEntries(Object.entries(node).map(([key, child]) => [key, closed(child)]))
  return typeof copy.properties === 'object' && copy.type === 'object'
    ? { additionalProperties: false, ...copy }
    : copy
}

t.test('what a registry takes and answers is as the schemas say, to the last field', async t => {
  const registry = await openRegistry(t)
  const document = (await (await fetch(`${registry.url}/openapi.json`)).json()) as Document
  const faultsOf = checker(document)
  const [checked, codes] = [new Set<string>(), new Set<string>()]
  const operationAt = (method: string, place: string) =>
    document.paths[place]![method.toLowerCase()]!
  const fill = (place: string, ids: Record<string, string>) =>
    place.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? 'default')

  /** Sends a request; body and answer are held against what the document says of them. */
  async function ask(
    route: string,
    {
      ids = {},
      query = '',
      body,
    }: { ids?: Record<string, string>; query?: string; body?: unknown },
  ): Promise<Record<string, unknown>> {
    const [method = '', place = ''] = route.split(' ')
    const operation = operationAt(method, place)
    const response = await fetch(registry.url + fill(place, ids) + query, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (body !== undefined && response.ok)
      t.strictSame(
        faultsOf(operation.requestBody!.content['application/json']!.schema, body),
        [],
        `the body of ${route}`,
      )
    const type = response.headers.get('content-type')?.split(';')[0] ?? ''
    const declared = operation.responses[response.status]?.content?.[type]
    const text = await response.text()
    t.equal(declared !== undefined, text !== '', `${route} ${response.status} ${type}`)
    if (!declared) return {}
    const answer = (type.endsWith('json') ? JSON.parse(text) : text) as Record<string, unknown>
    t.strictSame(faultsOf(declared.schema, answer), [], `${route} ${response.status}: ${text}`)
    if (response.ok) checked.add(`${method} ${place} ${type}`)
    else codes.add(String(answer.code))
    return answer
  }

  /** Opens a stream whose events are held against what the document says of them; they are known by their types. */
  function listen(
    place: string,
    { ids = {}, query = '' }: { ids?: Record<string, string>; query?: string },
  ) {
    const { content } = operationAt('GET', place).responses[200]!
    const schema = content!['text/event-stream']!['x-itemSchema']!
    const seen = new Set<string>()
    const parse = createEventParser(({ event, data }) => {
      t.strictSame(faultsOf(schema, JSON.parse(data)), [], `${place} ${data}`)
      seen.add(event)
      checked.add(`GET ${place} text/event-stream`)
    })
    const abort = new AbortController()
    t.teardown(() => abort.abort())
    const read = async () => {
      const { body } = await fetch(registry.url + fill(place, ids) + query, {
        signal: abort.signal,
      })
      for await (const chunk of body!) parse(chunk as Uint8Array)
    }
    void read().catch((error: unknown) => abort.signal.aborted || t.error(error))
    return async (...types: string[]) => {
      await until(() => types.every(type => seen.has(type)), { what: `${place} ${types.join()}` })
      t.strictSame([...seen].sort(), types.sort())
    }
  }

  const agents = '/v1/namespaces/{namespace}/agents'
  const agent = `${agents}/{name}`
  const needs = (capability: string) => ({
    d: { capability, version: '^1', tags: ['a'], required: false },
  })
  const user = manifestOf('user', { ask: { needs: needs('date') }, tell: { needs: needs('no') } })
  const full = { ...manifestOf('dates', { now: { capability: 'date', tags: ['a', 'b'] } }) }
  full.metadata = { ...full.metadata, labels: { team: 'docs' } }
  const announcementOf = (id: string, manifest: typeof user, more: object = {}) => ({
    ...{ id, namespace: 'default', agent: manifest.metadata.name, digest: digestOf(manifest) },
    ...{ manifest, endpoint: 'http://127.0.0.1:9/mcp', pid: 1, host: 'h', rejoin: false },
    ...{ observedGeneration: 0, ...more },
  })
  const announce = (...given: Parameters<typeof announcementOf>) =>
    ask('POST /v1/instances', { body: announcementOf(...given) })

  await announce('user-1', user)
  const watched = listen('/v1/instances/{id}/watch', { ids: { id: 'user-1' } })
  const listed = [
    listen('/v1/agents', { query: '?watch=true' }),
    listen(agents, { query: '?watch=true' }),
    listen(agent, { ids: { name: 'user' }, query: '?watch=true' }),
  ]
  const heard = listen('/v1/events', { query: '?watch=true&after=0' })
  await announce('dates-1', full)
  await announce('dates-2', full, { unhealthy: { reason: 'disk full' } })
  await announce('dates-1', full, { drift: { generation: 1, reason: 'no handler' } })
  const newer = { ...user, spec: { ...user.spec, version: '2.0.0' } }
  t.match(await ask(`PUT ${agent}`, { ids: { name: 'user' }, body: newer }), { generation: 2 })
  await ask(`PUT ${agent}`, { ids: { name: 'user' }, body: user, query: '?dryRun=true' })
  await ask(`PUT ${agent}`, { ids: { name: 'other' }, body: manifestOf('other') })
  await ask(`POST ${agent}/rollback`, { ids: { name: 'user' }, body: { generation: 1 } })
  await ask(`PUT ${agent}`, { ids: { name: 'user' }, body: newer })
  const shown = await ask(`GET ${agent}`, { ids: { name: 'user' } })
  t.match(shown, {
    status: { resolutions: [{ endpoints: [{ instance: 'dates-1' }] }, { reason: /no/ }] },
  })
  await ask(`GET ${agent}`, { ids: { name: 'dates' } })
  t.match(await ask(`GET ${agent}/revisions`, { ids: { name: 'user' } }), {
    items: [{}, {}, {}, {}],
  })
  t.match(await ask('GET /v1/agents', { query: '?limit=1' }), { continue: /./ })
  await ask(`GET ${agents}`, {})
  t.match(await ask('GET /v1/resolve', { query: '?capability=date&expectedBy=user/ask/d' }), {
    ...{ endpoints: [{ instance: 'dates-1' }], excluded: [{ stage: 'state' }] },
  })
  t.match(await ask('GET /v1/graph', {}), {
    edges: [{ state: 'resolved' }, { state: 'unresolved' }],
  })
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json'])
    await ask(`GET ${path}`, {})
  await ask('PUT /v1/instances/{id}/lease', { ids: { id: 'dates-1' } })
  await ask('POST /v1/instances/{id}/drain', { ids: { id: 'dates-1' } })
  await ask('DELETE /v1/instances/{id}', { ids: { id: 'dates-1' } })
  await ask(`DELETE ${agent}`, { ids: { name: 'user' } })
  await watched('snapshot', 'resolutions', 'manifest', 'deleted')
  for (const each of listed) await each('agent', 'complete', 'gone')
  t.match(await ask('GET /v1/events', { query: '?limit=1000' }), { missed: false })
  await heard('event')

  await ask(`GET ${agent}`, { ids: { name: 'nobody' } })
  await ask('GET /v1/events', { query: '?limit=0' })
  await ask(`PUT ${agent}`, { ids: { name: 'bad' }, body: { ...full, spec: { tools: 3 } } })
  await ask('POST /v1/instances', { body: {} })
  await ask('PUT /v1/instances/{id}/lease', { ids: { id: 'nobody' } })
  t.strictSame(
    [...codes].sort(),
    [
      ...['MESH_BODY_INVALID', 'MESH_LEASE_EXPIRED', 'MESH_MANIFEST_INVALID'],
      ...['MESH_RESOURCE_MISSING', 'MESH_USAGE_INVALID'],
    ],
    'problems, one of them with faults',
  )
  const declared = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .flatMap(([, { content = {} }]) => Object.keys(content))
        .map(type => `${method.toUpperCase()} ${path} ${type}`),
    ),
  )
  t.strictSame([...checked].sort(), [...new Set(declared)].sort(), 'no answer is left out')
})

t.test('a registry that stops is not ready, as it is declared', async t => {
  const { mesh } = await openRegistry(t)
  const options = { mesh, token: undefined, names: new Set<string>(), keepAliveMs: 1_000 }
  const server = createApp({ ...options, isStopping: () => true }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  const { code } = (await response.json()) as Problem
  t.match([response.status, code], [503, 'MESH_REGISTRY_STOPPING'])
  t.ok(operations['GET /readyz']?.codes.includes('MESH_REGISTRY_STOPPING'))
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
