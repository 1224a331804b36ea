/**
 * The gateway as a process serves it: follows the mesh, keeps what is shown of it compiled, and answers MCP clients of both eras. It
 * stands where an agent has its tools, so that all around it (HTTP, gate, membership, drain) is that of any agent.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RegistryClient } from '../../core/client/registry-client.ts'
import type { Agent } from '../../core/model/agent.ts'
import { exposureOfAgent } from '../../core/model/expose.ts'
import type { Exposure, Gateway } from '../../core/model/gateway.ts'
import { sleep } from '../../core/model/sleep.ts'
import { nodeExchange, type Exchange } from '../http/exchange.ts'
import { readBody } from '../http/read-body.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { KnownCalls } from '../mcp/known-calls.ts'
import { maxBodyBytes, replay, serveMcp, type McpOptions, type McpServing } from '../mcp/serve.ts'
import type { EdgeFigures } from '../proxy/edge.ts'
import type { Pools } from '../proxy/pools.ts'
import type { Log } from '../telemetry/log.ts'
import { observeTools, type ObserveOptions } from '../telemetry/observe-tools.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import { invokeForSdk, offersForSdk } from './answers-for-sdk.ts'
import { createCatalog, type Catalog } from './catalog.ts'
import { createLibrary } from './library.ts'
import { passOn } from './pass-on.ts'
import { isModern, readRequest } from './passed-request.ts'
import { createPassedTasks } from './passed-tasks.ts'
import { followProviders, type Providers } from './providers.ts'
import { createRoutes } from './routes.ts'
import { runPassed } from './run-passed.ts'
import { createSearchIndex } from './search-index.ts'
import { createSearchTool, type SearchTool } from './search-tool.ts'
import { showing } from './shown.ts'
import { watchResources } from './watched-resources.ts'

export interface GatewayServing extends McpServing {
  /** Resolves when what the mesh has is shown, so far as it answers soon. */
  readonly ready: Promise<void>
  /** Another manifest holds. */
  replace(agent: Agent): void
  figures(): EdgeFigures[]
}

export interface GatewayOptions
  extends ObserveOptions, Pick<McpOptions, 'owned' | 'sealer' | 'instance' | 'clients'> {
  /** With a gateway. */
  agent: Agent
  client: RegistryClient
  pools: Pools
  /** The token that is presented to the agents of an exposure, resolved. */
  bearerOf: (exposure: Exposure) => string | undefined
  log: Log
}

/** How long a start waits for agents to say what they offer. */
const readyMs = 3_000

export function serveGateway(options: GatewayOptions): GatewayServing {
  const { pools, bearerOf, log } = options
  let { agent } = options
  let gateway = gatewayOf(agent)
  const named = () => ({ name: agent.name, version: agent.version })
  const routes = createRoutes({ agent, policy: gateway.policy, pools })
  const library = createLibrary({
    ...{ pools, client: named(), log },
    onChange: () => scheduleShow(),
  })
  let index = createSearchIndex()
  let search = searchOf()
  let providers = follow()
  let catalog = show()
  let offers = makeOffers()

  const invoke: Invoke = observeTools(call, options)
  const { owned, sealer } = options
  const tasks = createPassedTasks({
    ...{ catalog: () => catalog, client: named, owned, sealer, placeOf, log },
  })
  const resources = watchResources({
    ...{ client: named, placeOf, log },
    keyOf: uri => catalog.resource(uri)?.provider.key,
    onUpdated: uri => mcp.resourceUpdated(uri),
  })
  const mcp = serveMcp({
    served: () => ({ tools: catalog.tools, offers }),
    invoke: invokeForSdk(invoke, { catalog: () => catalog, client: named, tasks }),
    ...{ tasks, subscriptions: resources },
    ...{ isFast: false, isOpen: true }, // its fast path is in here
    ...{ log, owned, sealer, instance: options.instance, clients: options.clients },
  })

  function follow(): Providers {
    return followProviders({
      ...{ client: options.client, namespace: onlyNamespace(gateway), log },
      onChange(changed) {
        look(changed)
        scheduleShow()
      },
    })
  }

  function call(invocation: Invocation, trace: ServedTrace): Promise<ToolResult> {
    const { tool, args, signal, timeoutMs, passed, stream } = invocation
    if (tool.spec.name === search?.name) return Promise.resolve(search.answer(args))
    const target = catalog.tool(tool.spec.name)
    if (!target || !passed) throw new Error(`"${tool.spec.name}" is not shown`)
    const given = args as Record<string, unknown>
    return runPassed({ target, args: given, signal, timeoutMs, passed, stream, trace, log })
  }

  function pass(text: string, exchange: Exchange): Promise<void> | undefined {
    const read = readRequest(text, exchange, known)
    return read && passOn(read, exchange, { catalog, invoke, tasks, known, log })
  }

  /** Those of other namespaces; who was known stays until they are. */
  async function followOthers(): Promise<void> {
    const old = providers
    const next = follow()
    await next.first
    providers = next
    await old.close()
    look(new Set([...old.known.keys(), ...next.known.keys()]))
    scheduleShow()
  }

  function placeOf(key: string, instance: string) {
    const provider = providers.known.get(key)
    const exposure = provider && exposureOfAgent(gateway.exposures, provider)
    const known = provider?.instances.find(({ id }) => id === instance) ?? provider?.instances[0]
    return exposure && known && { endpoint: known.endpoint, bearer: bearerOf(exposure) }
  }

  function look(keys: Iterable<string>): void {
    for (const key of keys) {
      const provider = providers.known.get(key)
      const exposure = provider && exposureOfAgent(gateway.exposures, provider)
      if (exposure) library.look(provider, bearerOf(exposure))
      else library.forget(key)
    }
  }

  function show(): Catalog {
    const shown = showing(gateway, providers.known.values(), key => library.offered(key))
    if (search) index.update(shown.tools)
    const made = createCatalog(shown, { agent, search, routes, bearerOf })
    routes.tidy()
    return made
  }

  function searchOf(): SearchTool | undefined {
    if (gateway.search) return createSearchTool(gateway.search, index, agent.version)
    index = createSearchIndex() // what it held is of no use any more
    return undefined
  }

  function makeOffers() {
    return offersForSdk({ catalog: () => catalog, client: named, log })
  }

  const known = new KnownCalls()
  let isScheduled = false
  function scheduleShow(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      const before = catalog
      catalog = show()
      offers = makeOffers()
      resources.look()
      if (!isEqual(before, catalog)) tellChanged()
    })
  }

  function tellChanged(): void {
    const { tools, resources, templates, prompts, leftOut } = catalog.shown
    log.info('what is shown has changed', {
      ...{ tools: tools.length, resources: resources.length, templates: templates.length },
      prompts: prompts.length,
      ...(leftOut.length > 0 && { leftOut: leftOut.slice(0, 20) }),
    })
    mcp.listsChanged()
  }

  async function becomeReady(): Promise<void> {
    await providers.first
    await library.settled()
    await new Promise(resolve => setImmediate(resolve)) // by then it is shown
  }

  const waiting = new AbortController()
  const ready = Promise.race([
    becomeReady(),
    sleep(readyMs, waiting.signal).catch(() => undefined), // it is ready
  ]).then(() => waiting.abort())

  return {
    ready,
    async handle(request: IncomingMessage, response: ServerResponse) {
      if (request.method !== 'POST' || !isModern(request.headers))
        return mcp.handle(request, response)
      const body = await readBody(request, maxBodyBytes)
      const passed =
        body.length > maxBodyBytes
          ? undefined
          : pass(body.toString('utf8'), nodeExchange(request, response))
      return passed ?? mcp.handle(replay(request, body), response)
    },
    plain: { isFor: isModern, take: pass },
    warm: () => mcp.warm(),
    listsChanged: () => mcp.listsChanged(),
    resourceUpdated: uri => mcp.resourceUpdated(uri),
    replace(next) {
      const before = onlyNamespace(gateway)
      agent = next
      gateway = gatewayOf(next)
      search = searchOf()
      routes.replace(agent, gateway.policy)
      look(providers.known.keys())
      scheduleShow()
      if (onlyNamespace(gateway) !== before) void followOthers()
    },
    figures: () => routes.figures(),
    async close() {
      library.close()
      resources.close()
      await providers.close()
      await mcp.close()
    },
  }
}

function gatewayOf({ gateway, name }: Agent): Gateway {
  if (gateway) return gateway
  throw new Error(`${name} is no gateway`)
}

/** The one whose agents alone can be shown; undefined where they are of several. */
function onlyNamespace({ exposures }: Gateway): string | undefined {
  const names = new Set(exposures.flatMap(({ namespaces }) => namespaces ?? ['*']))
  const [only] = names
  return names.size === 1 && only !== '*' ? only : undefined
}

function isEqual(a: Catalog, b: Catalog): boolean {
  return [...a.lists].every(([method, bytes]) => b.lists.get(method)?.equals(bytes) === true)
}
