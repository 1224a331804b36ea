/**
 * The composition root of the runtime: loads one manifest and its handlers, wires the parts, starts them, and stops them
 * in reverse. Everything that an agent consists of is on this page.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { createRegistryClient } from '../core/client/registry-client.ts'
import type { LoadedManifest } from '../core/manifest/load.ts'
import { MeshError, messageOf } from '../core/model/error.ts'
import { sleep } from '../core/model/sleep.ts'
import { createFollowing } from './follow.ts'
import { createGate } from './gate.ts'
import { handlerModules, loadHandlers } from './handlers.ts'
import { startHealth, type Health } from './health-check.ts'
import type { ServingState } from './http/routes/health.ts'
import { startHttp } from './http/server.ts'
import { deduplicate } from './mcp/deduplicate.ts'
import { createInvoke } from './mcp/invoke.ts'
import { createPlaces } from './mcp/places.ts'
import { serveMcp } from './mcp/serve.ts'
import { joinMesh } from './membership.ts'
import { createPools } from './proxy/pools.ts'
import { openClients } from './clients/open-clients.ts'
import { openSessions } from './sessions/open-sessions.ts'
import { openTasks } from './tasks/open-tasks.ts'
import { reachable } from './reachable.ts'
import { explainHandlers, readManifest, type ManifestFiles } from './read-manifest.ts'
import { resolveReferences, type Environment } from './secrets.ts'
import { credentialsOf, filesOf, serve, type Means } from './served.ts'
import { wrapServer, type ServerOfAgent } from './wrapped/server-of-agent.ts'
import { createLog, type Log } from './telemetry/log.ts'
import { renderMetrics } from './telemetry/metrics.ts'
import { observeOffers } from './telemetry/observe-offers.ts'
import { observeTools } from './telemetry/observe-tools.ts'
import { startTracing } from './telemetry/start-tracing.ts'
import { createToolMeters } from './telemetry/tool-meters.ts'
import { inject } from './wiring/inject.ts'
import { lingerMs, untilQuiet } from './until-quiet.ts'
import { createWiring } from './wiring/reconcile-wiring.ts'

export interface AgentOptions extends ManifestFiles {
  /** Which agent of the file, `name` or `namespace/name`, where it describes several. */
  agent?: string | undefined
  /** Base URLs of the registry; default http://127.0.0.1:8000. */
  registryUrls?: readonly string[]
  /** Presented to the registry. */
  token?: string | undefined
  /** What `${env:NAME}` refers to; default process.env. */
  env?: Environment
  /** Default: JSON lines on stdout. */
  log?: Log
}

export interface RunningAgent {
  readonly agent: string
  readonly namespace: string
  readonly instance: string
  /** URL of the MCP endpoint, as others reach it. */
  readonly endpoint: string
  /** Whether a registry took the first announcement; an unreachable one is tried again for ever. */
  readonly registry: 'connected' | 'unreachable'
  /** Resolves when the agent has stopped: by `stop`, or as its manifest was deleted. Rejects when it was refused. */
  readonly ended: Promise<void>
  /** Drains, leaves the mesh and closes. May be called again. */
  stop(): Promise<void>
}

/** How long a drain waits for calls that run. */
const drainMs = 10_000

/** Resolves once the agent serves, with or without a registry. Throws what keeps it from that, as a MeshError. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const env = options.env ?? process.env
  const loaded = await readManifest(options, options.agent)
  const { agent, folder } = loaded
  const instance = `${agent.name}-${randomBytes(4).toString('hex')}`
  const log = (options.log ?? createLog('info')).with({ agent: agent.name, instance })
  const server = agent.server && (await wrapServer(agent, agent.server, { folder, env, log }))
  try {
    return await startLoaded(loaded, { ...options, env, instance, log, server })
  } catch (error) {
    await server?.close()
    throw error
  }
}

async function startLoaded(
  loaded: LoadedManifest,
  options: AgentOptions & {
    env: Environment
    instance: string
    log: Log
    server: ServerOfAgent | undefined
  },
): Promise<RunningAgent> {
  const { manifest, agent, folder } = loaded
  const { env, instance, log, server, token, registryUrls = ['http://127.0.0.1:8000'] } = options
  const means = {
    handlers: await loadHandlers(agent, folder).catch((e: unknown) => explainHandlers(loaded, e)),
    ...{ folder, files: filesOf(agent), log, env, wrapped: server },
    changed: (uri: string) => (mcp.resourceUpdated(uri), clients.updated(uri)),
    observe: (requested, caller, run) => offers.observe(requested, caller, run),
    inject: (consumer, context) => inject(wiring, consumer, { context, log }),
    credentials: credentialsOf(agent),
  } satisfies Means
  const initial = serve(manifest, agent, means)
  const resolve = (text: string | undefined, field: string) =>
    text === undefined ? undefined : resolveReferences(text, field, env)
  const host = resolveReferences(agent.http.host, 'spec.http.host', env)
  const advertise = resolve(agent.http.advertise, 'spec.http.advertise')
  const bearer = resolve(agent.bearer, 'spec.auth.bearer')
  const client = createRegistryClient({ urls: registryUrls, token })
  const { name, namespace, version } = agent
  const service = { name, namespace, version, instance, modules: handlerModules(agent, folder) }
  const tracing = await startTracing(process.env, service, log)

  let state: ServingState = 'starting'
  let health: Health | undefined = undefined
  const unhealthy = () => health?.unhealthy ?? server?.unhealthy(following.served.agent)
  const gate = createGate()
  const pools = createPools()
  const wiring = createWiring({
    ...{ agent, pools },
    bearerOf: alternative => following.served.bearerOf(alternative),
    headersOf: alternative => following.served.headersOf(alternative),
  })
  const following = createFollowing({
    ...{ initial, means, log },
    onServed: served => {
      wiring.replace(served.agent)
      gateway?.replace(served.agent)
      mcp.listsChanged()
    },
    onChange: () => membership.refresh(),
  })
  const places = createPlaces()
  const [meters, offers] = [createToolMeters(), observeOffers(tracing)]
  const run = createInvoke({
    ...{ log, places, changed: means.changed },
    inject: ({ spec }, context) => means.inject(spec.name, context),
  })
  const here = { agent, env, instance, bearer, log, endpoint: () => endpoint }
  const sessions = await openSessions(here)
  const observed = observeTools(sessions?.wrap(run) ?? run, { tracing, meters })
  const invoke = deduplicate(observed, { instance })
  const served = () => following.served
  const tasks = await openTasks({ agent, env, instance, bearer, invoke: observed, served, log })
  const secret = resolve(agent.seal, 'spec.seal')
  const clients = openClients({ ...here, secret })
  const gateway =
    agent.gateway &&
    (await import('./gateway/serve-gateway.ts')).serveGateway({
      ...{ agent, client, pools, tracing, meters, ...clients.answering },
      bearerOf: exposure => following.served.bearerOfExposure(exposure),
    })
  const subscriptions = server?.subscriptions
  const mcp = gateway ?? serveMcp({ served, invoke, tasks, subscriptions, ...clients.answering })
  const identity = { agent: agent.name, namespace: agent.namespace, instance, pid: process.pid }
  const { port, path } = agent.http
  const http = await startHttp({
    ...{ host, port, path, advertise, token: bearer, identity, gate, mcp, log },
    ...{ state: () => state, unhealthy, sessions: () => sessions?.list() },
    metrics: () =>
      renderMetrics({
        about: { agent: name, namespace, version: following.served.agent.version, instance },
        edges: [...wiring.figures(), ...(gateway?.figures() ?? [])],
        ...{ tools: meters.figures(), offers: offers.figures(), waiting: places.waiting },
        ...{ sessions: sessions?.figures, tasks: tasks?.figures },
      }),
  })
  const endpoint = advertise ?? `http://${reachable(host)}:${http.port}${path}`
  log.info('serving', { endpoint })
  server?.join({ pools, instance, bearer }, endpoint, uri => mcp.resourceUpdated(uri))
  state = 'serving'

  let settleEnded: { resolve: () => void; reject: (error: MeshError) => void }
  const ended = new Promise<void>((resolve, reject) => (settleEnded = { resolve, reject }))
  ended.catch(() => undefined) // whoever needs to know waits for it; a refused start throws by itself
  let refusal: MeshError | undefined
  const membership = joinMesh({
    ...{ client, token, log },
    describe: () => ({
      manifest: following.served.manifest,
      announcement: {
        ...{ id: instance, namespace: agent.namespace, agent: agent.name, endpoint },
        ...{ pid: process.pid, host: hostname(), digest: following.served.digest },
        observedGeneration: following.observedGeneration,
        ...(following.drift && { drift: following.drift }),
        ...told(unhealthy()),
      },
    }),
    onEvent: event => {
      following.take(event)
      if (event.type === 'snapshot' || event.type === 'resolutions') {
        wiring.update(event)
      }
      if (event.type === 'deleted') void stop()
    },
    onRefused: error => {
      refusal = error
      void stop()
    },
  })

  health = startHealth(agent, means.handlers, { log, onChange: () => membership.refresh() })

  server?.onChange(() => {
    mcp.listsChanged()
    membership.refresh()
  })

  let stopping: Promise<void> | undefined
  const stop = () => (stopping ??= drainAndClose())
  async function drainAndClose(): Promise<void> {
    state = 'draining'
    health?.close()
    log.info('draining', { running: gate.running })
    await sessions?.drain()
    await membership.drain() // consumers hear of it and go elsewhere; until then their calls are still taken
    await sleep(lingerMs)
    gate.close()
    const [isDrained] = await Promise.all([gate.drained(drainMs), tasks?.drain(drainMs)])
    if (!isDrained) log.warn('calls were cut off', { running: gate.running })
    await untilQuiet(gate)
    await membership.leave()
    await mcp.close()
    await Promise.all([tasks?.close(), clients.close(), sessions?.close()])
    await server?.close()
    await http.close()
    pools.destroy()
    await client.close()
    await tracing.close()
    log.info('stopped')
    if (refusal) settleEnded.reject(refusal)
    else settleEnded.resolve()
  }

  const registry = await membership.first
  if (registry === 'refused') {
    await stop()
    throw refusal ?? new MeshError('MESH_PROCESS_FAILED', 'the registry refused the agent')
  }
  await gateway?.ready
  void mcp
    .warm()
    .catch((error: unknown) => log.error('MCP is not served', { error: messageOf(error) }))
  return { agent: name, namespace, instance, endpoint, registry, ended, stop }
}

const told = (unhealthy: Health['unhealthy']) => (unhealthy ? { unhealthy } : {})
