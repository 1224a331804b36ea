/**
 * The calls of a gateway, compiled when the mesh changes and never per call: for each tool that is shown, and for what else an
 * agent offers, the same stack of policies as an injected proxy has. What its calls came to, its breaker and its
 * bulkhead outlive rewires.
 */
import type { Agent } from '../../core/model/agent.ts'
import type { CallPolicy } from '../../core/model/call-policy.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Call } from '../proxy/call.ts'
import { Edge, figuresOf, type EdgeFigures } from '../proxy/edge.ts'
import { createLoad } from '../proxy/load.ts'
import { policyStack } from '../proxy/policy-stack.ts'
import type { Pools } from '../proxy/pools.ts'
import { createRetryBudgets } from '../proxy/retry-budget.ts'
import type { SessionOwners } from '../proxy/session-owners.ts'
import type { Provider, ProviderTool } from './providers.ts'
import { relayCall } from './relay-call.ts'
import { instanceArgument, taskMethods } from './task-ids.ts'

/** Where one kind of request goes. */
export interface Route {
  readonly edge: Edge
  /** What is asked for there. */
  readonly call: Call
  readonly provider: Provider
}

export interface Wanted {
  provider: Provider
  method: string
  /** Of a tool or a prompt, as its agent calls it; undefined for what is asked for by URI. */
  name: string | undefined
  /** What the manifest says of the tool. */
  tool: ProviderTool | undefined
  bearer: string | undefined
}

export interface Routes {
  /** That of what is wanted; the one that is there where nothing of it changed. */
  take(wanted: Wanted): Route
  /** Forgets all that were not taken since the last time, and connections that nobody needs. */
  tidy(): void
  /** Another manifest holds: everything is compiled anew. */
  replace(agent: Agent, policy: CallPolicy): void
  figures(): EdgeFigures[]
}

interface Kept extends Route {
  /** Of what it was compiled from. */
  sign: string
  isTaken: boolean
}

export function createRoutes(options: { agent: Agent; policy: CallPolicy; pools: Pools }): Routes {
  const { pools } = options
  const load = createLoad()
  const budgetOf = createRetryBudgets()
  let { agent, policy } = options
  const kept = new Map<string, Kept>()

  function compile(wanted: Wanted, edge: Edge): Call {
    const { provider, method, name, bearer } = wanted
    const endpoints = endpointsOf(wanted)
    edge.capability = wanted.tool?.capability ?? name ?? ''
    const budget = budgetOf(`${provider.namespace}/${edge.capability}`)
    const leaf = relayCall({ pools, edge: edge.name, method, name, bearer })
    const owners = isOfTask(method) ? byInstance : undefined
    return policyStack(policy, { edge, endpoints, load, budget, ...(owners && { owners }) }, leaf)
  }

  return {
    take(wanted) {
      const { provider, method, name, bearer, tool } = wanted
      const key = JSON.stringify([provider.key, method, name])
      const sign = JSON.stringify([provider.instances, tool, bearer])
      const known = kept.get(key)
      if (known?.sign === sign) {
        known.isTaken = true
        return known
      }
      const what = name === undefined ? method : `${provider.name}.${name}`
      const edge = known?.edge ?? new Edge(`${agent.name} -> ${what}`)
      const ids = new Set(known?.provider.instances.map(({ id }) => id))
      if (known && provider.instances.some(({ id }) => !ids.has(id))) edge.breaker.reconsider()
      const route = { edge, call: compile(wanted, edge), provider, sign, isTaken: true }
      kept.set(key, route)
      return route
    },
    tidy() {
      const instances = new Set<string>()
      const origins = new Set<string>()
      for (const [key, route] of kept) {
        if (!route.isTaken) {
          route.edge.wire(undefined) // a call that waits for its repeat has nobody to ask
          kept.delete(key)
          continue
        }
        route.isTaken = false
        for (const { id, endpoint } of route.provider.instances) {
          instances.add(id)
          origins.add(new URL(endpoint).origin)
        }
      }
      pools.keep(origins)
      load.keep(instances)
    },
    replace(nextAgent, nextPolicy) {
      agent = nextAgent
      policy = nextPolicy
      for (const route of kept.values()) route.sign = ''
    },
    figures: () => [...kept.values()].map(({ edge }) => figuresOf(edge)),
  }
}

const isOfTask = (method: string) => taskMethods.some(one => one === method)

/** The instance that gave out a task is asked first, as the owner of a session is; the id says which. */
const byInstance: SessionOwners = {
  of(argument, args) {
    const instance = args[argument]
    return typeof instance === 'string' ? instance : undefined
  },
  learn: () => undefined,
}

/** All alike: they are instances of one agent. */
function endpointsOf({ provider, name, tool, method }: Wanted): Endpoint[] {
  return provider.instances.map(({ id, endpoint }) => ({
    ...{ instance: id, agent: provider.name, namespace: provider.namespace, url: endpoint },
    ...{ tool: name ?? method, version: tool?.version ?? provider.version },
    ...{ tags: [...(tool?.tags ?? [])], score: 0 },
    isRepeatable: method !== 'tools/call' || tool?.isRepeatable === true, // the others only read
    deduplicates: method === 'tools/call' && !provider.isWrapped,
    ...(isOfTask(method) && { session: instanceArgument }),
  }))
}
