/**
 * The wrapped server as its agent sees it. The SDK's client is loaded only for an agent that wraps one: that costs as
 * much as the rest of its start.
 */
import type { Agent, WrappedServer } from '../../core/model/agent.ts'
import { HeldRuns } from '../mcp/held-runs.ts'
import type { Subscriptions } from '../mcp/subscriptions.ts'
import type { Tools } from '../mcp/tools.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import type { Offers } from '../mcp/offers.ts'
import type { ObserveOffer } from '../mcp/run-offer.ts'
import { forward, type Forwarding } from '../sessions/forward.ts'
import type { Held } from './run-forwarded.ts'
import { createWrappedOffers } from './wrapped-offers.ts'
import { createWrappedTools, wrappedReason } from './wrapped-tools.ts'

export interface ServerOfAgent {
  /** For the manifest that is served now. */
  readonly tools: (agent: Agent) => Tools
  /** Resources and prompts, as the server has them now. */
  readonly offers: (observe: ObserveOffer) => Offers
  /** Why the agent should get no calls; undefined while all is well. */
  unhealthy(agent: Agent): { reason: string } | undefined
  /** Who is told that what it offers has changed, or that the server came or went; what happened before is told at once. */
  onChange(listener: () => void): void
  /** Resources of the server that clients listen to. */
  readonly subscriptions: Subscriptions
  /** Says where this instance is and how calls get to the others, and who is told of resources that have changed. */
  join(means: Forwarding, url: string, updated: (uri: string) => void): void
  /** Resolves when nothing of the server is left. */
  close(): Promise<void>
}

/** Throws MESH_SECRET_MISSING, and MESH_PROCESS_FAILED where the program is not there. */
export async function wrapServer(
  agent: Agent,
  server: WrappedServer,
  means: { folder: string; env: Environment; log: Log },
): Promise<ServerOfAgent> {
  const { startWrapped } = await import('./wrapped-server.ts')
  let tell: (() => void) | undefined
  let here: { means: Forwarding; url: string; updated: (uri: string) => void } | undefined
  const self = { name: agent.name, version: agent.version }
  const wrapped = await startWrapped({
    ...{ ...means, server, self },
    onChange: () => tell?.(),
    onResourceUpdated: uri => here?.updated(uri),
  })
  const serving = () => {
    if (here) return here
    throw new Error('the agent does not serve yet') // nobody calls it before
  }
  const runs = new HeldRuns(() => ({ instance: serving().means.instance, url: serving().url }))
  const held: Held = {
    runs,
    forward: (call, place, trace) => forward(call, place, serving().means, trace?.context),
  }
  return {
    tools: createWrappedTools(wrapped, held),
    offers: createWrappedOffers(wrapped, runs),
    subscriptions: wrapped.subscriptions,
    join(means, url, updated) {
      here = { means, url, updated }
    },
    unhealthy(agent) {
      const reason = wrappedReason(agent, wrapped)
      return reason === undefined ? undefined : { reason }
    },
    onChange(listener) {
      tell = listener
      listener()
    },
    close: () => wrapped.close(),
  }
}
