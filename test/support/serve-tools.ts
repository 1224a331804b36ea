/** Serves tools over a real socket without a manifest file or a registry: the runtime from its HTTP server inwards. */
import type { Test } from 'tap'
import { lower } from '../../core/manifest/lower.ts'
import type { AgentManifest, AgentSpec, Tool } from '../../core/model/generated/manifest.ts'
import { memoryClientStore } from '../../runtime/clients/memory-store.ts'
import type { ClientStore } from '../../runtime/clients/store.ts'
import { createGate, type Gate } from '../../runtime/gate.ts'
import type { DependencyFunctions, Handler } from '../../runtime/handler.ts'
import type { ServingState } from '../../runtime/http/routes/health.ts'
import { startHttp } from '../../runtime/http/server.ts'
import { deduplicate, type DeduplicateOptions } from '../../runtime/mcp/deduplicate.ts'
import { createInvoke, type CallContext } from '../../runtime/mcp/invoke.ts'
import { serveMcp, type Listed, type McpServing } from '../../runtime/mcp/serve.ts'
import { createSealer, randomSecret, type Sealer } from '../../runtime/mcp/seal.ts'
import { createOffers } from '../../runtime/mcp/offers.ts'
import { createTools } from '../../runtime/mcp/tools.ts'
import { observeOffers, type OfferFigures } from '../../runtime/telemetry/observe-offers.ts'
import { passOn, type Tracing } from '../../runtime/telemetry/tracing.ts'
import { createLog } from '../../runtime/telemetry/log.ts'

export interface ServeOptions {
  tools: Record<string, Handler>
  /** More of each tool's manifest. */
  specs?: Record<string, Partial<Tool>>
  spec?: Partial<AgentSpec>
  /** Of resources, prompts and completions, by `./h.ts#name`. */
  handlers?: Record<string, Handler>
  /** What files are relative to. */
  folder?: string
  token?: string
  host?: string
  port?: number
  isFast?: boolean
  /** In which repeats of a call are known. */
  window?: Partial<DeduplicateOptions>
  dependencies?: (tool: string, context: CallContext) => DependencyFunctions
  state?: () => ServingState
  /** Of resources, prompts and completions; default: nothing is recorded. */
  tracing?: Tracing
  /** Default: one of its own. */
  sealer?: Sealer
  /** Default: in memory. */
  clients?: ClientStore
  /** Default: served-1. */
  instance?: string
}

export interface Serving {
  /** As it is served; what is put in its place is from then on. */
  served: { -readonly [key in keyof Listed]: Listed[key] }
  mcp: McpServing
  url: string
  origin: string
  port: number
  gate: Gate
  /** What requests for resources, prompts and completions came to. */
  offers: () => OfferFigures[]
  lines: string[]
  /** How many requests were served without node:http. */
  plain: () => number
}

export async function serveTools(t: Test, options: ServeOptions): Promise<Serving> {
  const names = Object.keys(options.tools)
  const manifest: AgentManifest = {
    apiVersion: 'mcp-mesh.dev/v1',
    kind: 'Agent',
    metadata: { name: 'served' },
    spec: {
      version: '1.0.0',
      ...options.spec,
      tools: names.map(name => ({ name, handler: `./h.ts#${name}`, ...options.specs?.[name] })),
    },
  }
  const handlers = new Map(names.map(name => [`./h.ts#${name}`, options.tools[name]!]))
  const lines: string[] = []
  const log = createLog('debug', line => lines.push(line))
  const agent = lower(manifest)
  for (const [key, handler] of Object.entries(options.handlers ?? {})) handlers.set(key, handler)
  const observed = observeOffers(options.tracing ?? passOn)
  const served: Serving['served'] = {
    cache: agent.cache,
    tools: createTools(agent, handlers),
    offers: createOffers(agent, {
      ...{ handlers, log, folder: options.folder ?? process.cwd() },
      changed: uri => mcp.resourceUpdated(uri),
      observe: observed.observe,
      inject: () => Promise.resolve({}),
    }),
  }
  const run = createInvoke({
    log,
    changed: uri => mcp.resourceUpdated(uri),
    inject: async (tool, context) => options.dependencies?.(tool.spec.name, context) ?? {},
  })
  const invoke = deduplicate(run, { instance: 'served-1', ...options.window })
  const { sealer = createSealer(randomSecret()), clients = memoryClientStore() } = options
  const mcp = serveMcp({
    ...{ served: () => served, invoke, log, isFast: options.isFast ?? true },
    owned: { agent: 'default/served', principal: options.token },
    sealer: () => Promise.resolve(sealer),
    ...{ instance: options.instance ?? 'served-1', clients: () => Promise.resolve(clients) },
  })
  let plainCount = 0
  const { plain } = mcp
  const counted = plain && {
    isFor: (...request: Parameters<typeof plain.isFor>) => plain.isFor(...request),
    take(...request: Parameters<typeof plain.take>) {
      const taken = plain.take(...request)
      if (taken) plainCount++
      return taken
    },
  }
  const gate = createGate()
  const host = options.host ?? '127.0.0.1'
  const http = await startHttp({
    ...{ host, port: options.port ?? 0, path: '/mcp', advertise: undefined, gate, log },
    mcp: { ...mcp, ...(counted && { plain: counted }) },
    token: options.token,
    identity: { agent: 'served', namespace: 'default', instance: 'served-1', pid: process.pid },
    state: options.state ?? (() => 'serving'),
    unhealthy: () => undefined,
    metrics: () => '',
  })
  t.teardown(async () => {
    await mcp.close()
    await http.close()
  })
  const origin = `http://${host}:${http.port}`
  return {
    served,
    mcp,
    offers: () => observed.figures(),
    url: `${origin}/mcp`,
    origin,
    port: http.port,
    gate,
    lines,
    plain: () => plainCount,
  }
}

/** The headers and body of a tools/call of protocol 2026-07-28. */
export function modernCall(
  name: string,
  args: unknown = {},
  more: { meta?: Record<string, unknown>; id?: unknown } = {},
): { headers: Record<string, string>; body: Record<string, unknown> } {
  return {
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: {
      jsonrpc: '2.0',
      id: more.id ?? 1,
      method: 'tools/call',
      params: {
        name,
        arguments: args,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': {},
          ...more.meta,
        },
      },
    },
  }
}
