/**
 * A registry in a few lines, for tests of the runtime that need to decide what it says and when: it fills dependencies
 * by capability alone, and can go away, forget everybody, settle, and push any event.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { AgentManifest } from '../../core/model/generated/manifest.ts'
import type {
  Announcement,
  Endpoint,
  Resolution,
  WatchEvent,
} from '../../core/model/registry-api.ts'

/** It knows agents only. */
type Announced = Omit<Announcement, 'manifest'> & { manifest?: AgentManifest }

export interface FakeRegistry {
  readonly url: string
  /** Every announcement that was taken, the last one last. */
  readonly announcements: Announced[]
  readonly calls: string[]
  /** Ids of those who watch now. */
  watchers(): string[]
  push(id: string, event: object): void
  /** In place of what capabilities give. */
  override: ((id: string, key: string, resolution: Resolution) => Resolution) | undefined
  refuse: { status: number; code: string; detail: string } | undefined
  ttlMs: number
  settling: boolean
  /** Its lease is answered 410 from now on; its watch stays. */
  forget(id: string): void
  /** Forgets all instances and breaks all connections. */
  restart(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
}

export async function fakeRegistry(t: Test): Promise<FakeRegistry> {
  const instances = new Map<string, Announced & { manifest: AgentManifest; state: string }>()
  const manifests = new Map<string, AgentManifest>()
  const streams = new Map<string, ServerResponse>()
  let server = createServer()
  let port = 0
  let revision = 0

  const endpointsOf = (capability: string): Endpoint[] =>
    [...instances.values()]
      .filter(({ state }) => state === 'ready')
      .flatMap(({ id, manifest, endpoint }) =>
        (manifest.spec.tools ?? [])
          .filter(tool => (tool.capability ?? tool.name) === capability)
          .map(tool => ({
            ...{ instance: id, agent: manifest.metadata.name, namespace: 'default', url: endpoint },
            ...{ tool: tool.name, version: tool.version ?? manifest.spec.version, score: 0 },
            tags: tool.tags ?? [],
            isRepeatable: Boolean(
              tool.annotations?.idempotentHint ?? tool.annotations?.readOnlyHint,
            ),
            deduplicates: true,
          })),
      )

  const resolutionsOf = (id: string): Record<string, Resolution> => {
    const found: Record<string, Resolution> = {}
    for (const tool of instances.get(id)?.manifest.spec.tools ?? []) {
      for (const [dependency, spec] of Object.entries(tool.dependencies ?? {})) {
        const list = Array.isArray(spec) ? spec : [spec]
        const alternative = list.findIndex(({ capability }) => endpointsOf(capability).length > 0)
        const { capability, required = true } = list[Math.max(alternative, 0)]!
        const endpoints = endpointsOf(capability)
        const key = `${tool.name}/${dependency}`
        const resolution: Resolution = {
          ...{ tool: tool.name, dependency, required, alternative, capability, endpoints },
          ...(endpoints.length === 0 && { reason: `no agent offers ${capability}` }),
        }
        found[key] = fake.override?.(id, key, resolution) ?? resolution
      }
    }
    return found
  }

  const send = (id: string, event: object) => {
    streams.get(id)?.write(`id: ${++revision}\ndata: ${JSON.stringify({ revision, ...event })}\n\n`)
  }
  const pushAll = () => {
    for (const id of streams.keys()) {
      send(id, { type: 'resolutions', settling: fake.settling, resolutions: resolutionsOf(id) })
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request
    const reply = (status: number, body?: object) => {
      const isProblem = status >= 400
      response.writeHead(status, {
        'content-type': isProblem ? 'application/problem+json' : 'application/json',
      })
      response.end(
        body &&
          JSON.stringify({
            ...(isProblem && { type: 'about:blank', title: 'x', status, mend: 'mend' }),
            ...body,
          }),
      )
    }
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const [, id = '', what = ''] = /^\/v1\/instances\/([^/]+)\/?(.*)$/.exec(url) ?? []
    fake.calls.push(`${method} ${url.replace(id, ':id')}`)
    if (url === '/healthz') return reply(200, {})
    if (url === '/v1/instances') {
      const said = JSON.parse(text) as Announced
      if (fake.refuse) return reply(fake.refuse.status, fake.refuse)
      const manifest = said.manifest ?? manifests.get(said.digest)
      if (!manifest) return reply(428, { code: 'MESH_MANIFEST_REQUIRED', detail: 'whole manifest' })
      manifests.set(said.digest, manifest)
      instances.set(said.id, { ...said, manifest, state: 'ready' })
      fake.announcements.push(said)
      reply(201, { id: said.id, lease: { ttlMs: fake.ttlMs }, generation: 1, revision: ++revision })
      return pushAll()
    }
    const instance = instances.get(id)
    if (!instance) return reply(410, { code: 'MESH_LEASE_EXPIRED', detail: 'unknown' })
    if (what === 'lease') return reply(204)
    if (what === 'drain') {
      instance.state = 'draining'
      reply(204)
      return pushAll()
    }
    if (method === 'DELETE') {
      instances.delete(id)
      reply(204)
      return pushAll()
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    streams.set(id, response)
    response.on('close', () => streams.get(id) === response && streams.delete(id))
    send(id, {
      type: 'snapshot',
      settling: fake.settling,
      generation: 1,
      resolutions: resolutionsOf(id),
    })
  }

  const fake: FakeRegistry = {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    ...{ announcements: [], calls: [], override: undefined, refuse: undefined },
    ...{ ttlMs: 15_000, settling: false },
    watchers: () => [...streams.keys()],
    push: (id, event: Partial<WatchEvent>) => send(id, event),
    forget: id => void instances.delete(id),
    async restart() {
      await fake.stop()
      instances.clear()
      manifests.clear()
      await fake.start()
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
    start: () =>
      new Promise(resolve => {
        server = createServer((request, response) => void handle(request, response))
        server.listen(port, '127.0.0.1', () => {
          port = (server.address() as AddressInfo).port
          resolve()
        })
      }),
  }
  await fake.start()
  t.teardown(() => fake.stop())
  return fake
}
