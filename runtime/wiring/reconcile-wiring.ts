/**
 * From desired dependencies and resolutions to compiled calls, built when something changes and never per call. A slot
 * is one dependency of one consumer; it lives as long as the consumer has it, so proxies that were handed out see a rewire
 * with their next call.
 */
import { isDialable } from '../../core/model/dialable.ts'
import type { Agent, Dependency, DependencyAlternative } from '../../core/model/agent.ts'
import { consumersOf } from '../../core/model/consumer.ts'
import type { Resolution, ResolutionKey, WatchEvent } from '../../core/model/registry-api.ts'
import type { Call } from '../proxy/call.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import { Edge, figuresOf, type EdgeFigures } from '../proxy/edge.ts'
import { createLoad } from '../proxy/load.ts'
import { mcpCall } from '../proxy/mcp-call.ts'
import { policyStack } from '../proxy/policy-stack.ts'
import type { Pools } from '../proxy/pools.ts'
import { createRetryBudgets } from '../proxy/retry-budget.ts'
import { createSessionOwners } from '../proxy/session-owners.ts'
import { createWaiters } from '../proxy/waiters.ts'
import { referencesIn } from '../secrets.ts'

export interface Slot {
  readonly dependency: Dependency
  /** `agent.consumer -> dependency`, for errors. */
  readonly edge: string
  /** Undefined while nothing fills the dependency. */
  readonly call: Call | undefined
  /** Why `call` is undefined, for people. */
  readonly reason: string
  /** Figures and state of its calls; a dependency that asks for the same keeps it. */
  readonly traffic: Edge
}

export type ResolutionsEvent = Extract<WatchEvent, { type: 'snapshot' | 'resolutions' }>

export interface Wiring {
  /** Those of a consumer, by its key. */
  slots(consumer: string): readonly Slot[]
  /** Takes what the registry resolved; keys that are absent stay as they are. */
  update(event: ResolutionsEvent): void
  /** Takes another manifest; a dependency that asks for the same keeps what fills it. */
  replace(agent: Agent): void
  /** Resolves when each slot is filled or its settle window is over; rejects when the signal aborts. */
  settled(slots: readonly Slot[], signal: CancelSignal): Promise<void>
  /** What the calls of each dependency have come to since the start of this process. */
  figures(): EdgeFigures[]
}

export interface WiringOptions {
  agent: Agent
  pools: Pools
  /** The token that an alternative presents, resolved. */
  bearerOf: (alternative: DependencyAlternative) => string | undefined
  /** The headers that an alternative sends, resolved. */
  headersOf: (alternative: DependencyAlternative) => Readonly<Record<string, string>>
}

interface OpenSlot extends Slot {
  call: Call | undefined
  reason: string
  traffic: Edge
  resolution: Resolution | undefined
  /** Kept from before the registry that speaks now had started, which has not resolved it yet. */
  isInherited: boolean
  /** In milliseconds of `performance.now()`. */
  settlesAt: number
}

export function createWiring(options: WiringOptions): Wiring {
  const { pools, bearerOf, headersOf } = options
  const load = createLoad()
  const owners = createSessionOwners()
  const budgetOf = createRetryBudgets()
  const waiters = createWaiters()
  let agent = options.agent
  let slots = new Map<ResolutionKey, OpenSlot>()
  let byConsumer = new Map<string, OpenSlot[]>()
  replace(agent)

  function replace(next: Agent): void {
    const old = slots
    agent = next
    slots = new Map()
    byConsumer = new Map()
    for (const consumer of consumersOf(next)) {
      const own: OpenSlot[] = []
      byConsumer.set(consumer.key, own)
      for (const dependency of consumer.dependencies) {
        const key = `${consumer.key}/${dependency.name}`
        const slot = open(dependency, `${next.name}.${consumer.key} -> ${dependency.name}`)
        const before = old.get(key)
        if (before && queryOf(before.dependency) === queryOf(dependency)) {
          slot.settlesAt = before.settlesAt
          slot.reason = before.reason
          slot.isInherited = before.isInherited
          slot.traffic = before.traffic
          if (before.resolution) compile(slot, before.resolution)
        }
        slots.set(key, slot)
        own.push(slot)
      }
    }
    tidy()
  }

  function open(dependency: Dependency, edge: string): OpenSlot {
    return {
      ...{ dependency, edge, call: undefined, resolution: undefined, isInherited: false },
      reason: 'the registry has not resolved it yet',
      settlesAt: performance.now() + agent.settleMs,
      traffic: new Edge(edge),
    }
  }

  function compile(slot: OpenSlot, resolution: Resolution): void {
    const policy = slot.dependency.alternatives[resolution.alternative]
    const { endpoints, capability } = resolution
    const { traffic: edge } = slot
    const known = new Set(slot.resolution?.endpoints.map(endpoint => endpoint.instance))
    slot.resolution = resolution
    slot.reason = resolution.reason ?? `nothing offers ${resolution.capability}`
    if (!policy || endpoints.length === 0) {
      slot.call = undefined
      edge.wire(undefined)
      return
    }
    if (endpoints.some(({ instance }) => !known.has(instance))) edge.breaker.reconsider()
    const client = { name: agent.name, version: agent.version }
    const [bearer, headers] = [bearerOf(policy), headersOf(policy)]
    const isSecret = (name: string) => referencesIn(policy.headers[name] ?? '').length > 0
    const secrets = Object.entries(headers).flatMap(([name, text]) =>
      isSecret(name) ? [text] : [],
    )
    const credentials = { bearer, headers, secrets: [bearer ?? '', ...secrets] }
    const leaf = mcpCall({ pools, client }, slot.edge, credentials)
    edge.capability = capability
    const budget = budgetOf(`${agent.namespace}/${capability}`)
    slot.call = policyStack(policy, { edge, endpoints, load, owners, budget }, leaf)
  }

  /** Lets go of connections and counts of endpoints that no slot has any more. */
  function tidy(): void {
    const endpoints = [...slots.values()].flatMap(slot => slot.resolution?.endpoints ?? [])
    pools.keep(new Set(endpoints.map(endpoint => new URL(endpoint.url).origin)))
    load.keep(new Set(endpoints.map(endpoint => endpoint.instance)))
  }

  return {
    replace,
    slots: consumer => byConsumer.get(consumer) ?? [],
    figures: () => [...slots.values()].map(slot => figuresOf(slot.traffic)),
    update({ type, resolutions, settling }) {
      for (const [key, said] of Object.entries(resolutions)) {
        const slot = slots.get(key)
        if (!slot) continue
        const resolution = {
          ...said,
          endpoints: said.endpoints.filter(({ url }) => isDialable(url)),
        }
        // A registry that has just started does not know everybody yet: what works is kept until it has resolved
        // it once. After that its word counts, as then somebody has left.
        const isKept = settling && resolution.endpoints.length === 0 && slot.call !== undefined
        slot.isInherited = isKept && (type === 'snapshot' || slot.isInherited)
        if (slot.isInherited) continue
        if (JSON.stringify(slot.resolution) === JSON.stringify(resolution)) continue
        compile(slot, resolution)
      }
      tidy()
      waiters.wake()
    },
    async settled(wanted, signal) {
      for (;;) {
        const now = performance.now()
        const open = (wanted as OpenSlot[]).filter(slot => !slot.call && slot.settlesAt > now)
        if (open.length === 0) return
        await waiters.wait(Math.max(...open.map(slot => slot.settlesAt)) - now, signal)
      }
    },
  }
}

/** What a dependency asks the registry for, without how it is called. */
function queryOf(dependency: Dependency): string {
  return JSON.stringify(
    dependency.alternatives.map(({ capability, version, tags, pins }) => [
      ...[capability, version, tags, pins],
    ]),
  )
}
