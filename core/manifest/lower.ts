/**
 * A checked manifest as the mesh works with it: every default filled in, every text parsed. The one place that knows
 * the defaults; those of calls come from the shipped policies.
 */
import type { Agent, AgentTool, Dependency, Expectation } from '../model/agent.ts'
import { parseDuration } from '../model/duration.ts'
import type {
  AgentSpec,
  Dependency as DependencyManifest,
  Tool,
} from '../model/generated/manifest.ts'
import type { Manifest } from '../model/manifest.ts'
import { parseHandler } from './handler-ref.ts'
import { lowerGateway } from './lower-gateway.ts'
import { parseTags } from './parse-tags.ts'
import { lowerServer } from './lower-server.ts'
import { lowerCache, lowerPrompt, lowerResource } from './lower-offers.ts'
import { policiesUnder, type PolicyOf } from './policies-under.ts'

/** What a tool takes, and how long it may run, where the manifest does not say. */
const anyObject = { type: 'object' } as const
const toolTimeout = '60s'
const taskTimeout = '1h'
const task = { ttl: '1h', pollInterval: '1s', max: 1_000, required: false, begin: 'call' }
const settle = '2s'
const health = { interval: '10s', timeout: '2s' }
const session = { store: 'auto', ttl: '30m', onStoreLoss: 'fail' } as const

/** The agent, or the gateway as one, that the manifest describes. It has to be without faults (loadManifests, checkManifest). */
export function lower(manifest: Manifest): Agent {
  const { metadata, spec } = manifest
  const { host = '127.0.0.1', port = 0, path = '/mcp', advertise } = spec.http ?? {}
  const common = {
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    labels: metadata.labels ?? {},
    version: spec.version,
    description: spec.description ?? '',
    http: { host, port, path, advertise },
    bearer: spec.auth?.bearer,
  }
  return manifest.kind === 'Gateway'
    ? { ...common, ...withoutOffers, seal: manifest.spec.seal, gateway: lowerGateway(manifest) }
    : { ...common, ...lowerOwn(manifest.spec), gateway: undefined }
}

/** A gateway has nothing of its own. */
const withoutOffers = {
  ...{ cache: undefined, settleMs: 0 },
  server: undefined,
  icons: [],
  session: { store: session.store, onStoreLoss: session.onStoreLoss },
  health: undefined,
  ...{ tools: [], resources: [], prompts: [] },
}

/** What an agent has and a gateway has not. */
function lowerOwn(spec: AgentSpec) {
  const policyOf = policiesUnder(spec.policy)
  return {
    seal: spec.seal,
    icons: spec.icons ?? [],
    cache: lowerCache(spec.cache),
    settleMs: parseDuration(spec.settle ?? settle),
    server: lowerServer(spec.server),
    session: {
      store: spec.session?.store ?? session.store,
      onStoreLoss: spec.session?.onStoreLoss ?? session.onStoreLoss,
    },
    health: lowerHealth(spec),
    tools: (spec.tools ?? []).map(tool => lowerTool(tool, spec, policyOf)),
    resources: (spec.resources ?? []).map(one => lowerResource(one, slotsOf(one, policyOf))),
    prompts: (spec.prompts ?? []).map(one => lowerPrompt(one, slotsOf(one, policyOf))),
  }
}

function lowerHealth(spec: AgentSpec): Agent['health'] {
  if (!spec.health) return undefined
  const { check, interval, timeout } = { ...health, ...spec.health }
  return {
    check: parseHandler(check),
    intervalMs: parseDuration(interval),
    timeoutMs: parseDuration(timeout),
  }
}

function lowerTool(tool: Tool, spec: AgentSpec, policyOf: PolicyOf): AgentTool {
  const annotations = tool.annotations ?? {}
  return {
    name: tool.name,
    title: tool.title,
    icons: tool.icons ?? [],
    handler: tool.handler === undefined ? undefined : parseHandler(tool.handler),
    description: tool.description ?? '',
    capability: tool.capability ?? tool.name,
    version: tool.version ?? spec.version,
    tags: tool.tags ?? [],
    // MCP wants the type of the arguments said.
    inputSchema: { ...anyObject, ...tool.inputSchema },
    outputSchema: tool.outputSchema && { ...tool.outputSchema },
    returns: tool.returns ?? 'value',
    annotations: { ...annotations },
    isRepeatable: annotations.readOnlyHint === true || annotations.idempotentHint === true,
    timeoutMs: parseDuration(tool.timeout ?? (tool.task ? taskTimeout : toolTimeout)),
    concurrency: tool.concurrency && { queue: 0, ...tool.concurrency },
    session: lowerSession(tool, spec),
    task: lowerTask(tool),
    dependencies: slotsOf(tool, policyOf),
  }
}

function slotsOf({ dependencies = {} }: Pick<Tool, 'dependencies'>, policyOf: PolicyOf) {
  return Object.entries(dependencies).map(([name, one]) => lowerDependency(name, one, policyOf))
}

function lowerSession({ session: own }: Tool, spec: AgentSpec): AgentTool['session'] {
  if (!own) return undefined
  return {
    argument: own.argument,
    required: own.required ?? true,
    isSticky: own.affinity !== 'none',
    ttlMs: parseDuration(own.ttl ?? spec.session?.ttl ?? session.ttl),
    isConcurrent: own.concurrent ?? false,
  }
}

function lowerTask({ task: own = false }: Tool): AgentTool['task'] {
  if (own === false) return undefined
  const { ttl, pollInterval, ...rest } = { ...task, ...(own === true ? {} : own) }
  const { max, required, begin } = rest
  const pollIntervalMs = parseDuration(pollInterval)
  const beginsLate = begin === 'handler'
  return { ttlMs: parseDuration(ttl), pollIntervalMs, max, required, beginsLate }
}

function lowerExpectation({ expects }: DependencyManifest): Expectation | undefined {
  if (!expects) return undefined
  const { inputSchema, outputSchema, match = 'subset' } = expects
  return { inputSchema: inputSchema && { ...anyObject, ...inputSchema }, outputSchema, match }
}

function lowerDependency(
  name: string,
  dependency: DependencyManifest | DependencyManifest[],
  policyOf: PolicyOf,
): Dependency {
  const alternatives = Array.isArray(dependency) ? dependency : [dependency]
  return {
    name,
    required: alternatives[0]?.required ?? true,
    alternatives: alternatives.map(alternative => ({
      capability: alternative.capability,
      version: alternative.version ?? '*',
      tags: parseTags(alternative.tags ?? []),
      expects: lowerExpectation(alternative),
      pins: alternative.pins && { ...alternative.pins },
      ...policyOf(alternative),
      bearer: alternative.auth?.bearer,
    })),
  }
}
