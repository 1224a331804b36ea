/** Waits for what is to become of an agent, by its watch: the change itself ends the wait. */
import type { RegistryClient } from '../../client/registry-client.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { sleep } from '../../model/sleep.ts'

const AGAIN_AFTER_MS = 200

export interface FollowOptions {
  readonly namespace: string
  readonly name: string
  /** Ends the wait. */
  readonly signal: AbortSignal
  /** True for what is waited for; undefined: the agent is not there. */
  isEnough(this: void, agent: AgentResource | undefined): boolean
}

/**
 * Resolves with what was enough, or to `elapsed` when the signal came first. A watch that breaks is opened again, at another
 * registry where this one is gone; nothing is missed meanwhile, as a watch begins with how things are.
 */
export async function followAgent(
  registry: RegistryClient,
  { namespace, name, signal, isEnough }: FollowOptions,
): Promise<{ agent: AgentResource | undefined } | 'elapsed'> {
  while (!signal.aborted) {
    const enough = new AbortController()
    const seen: { agent: AgentResource | undefined; isEnough: boolean } = {
      ...{ agent: undefined, isEnough: false },
    }
    await registry.watchAgents({
      ...{ namespace, name, signal: AbortSignal.any([signal, enough.signal]) },
      onEvent(event) {
        if (seen.isEnough) return
        if (event.type === 'agent') seen.agent = event.agent
        if (event.type === 'gone') seen.agent = undefined
        seen.isEnough = isEnough(seen.agent)
        if (seen.isEnough) enough.abort()
      },
    })
    if (seen.isEnough) return { agent: seen.agent }
    await sleep(AGAIN_AFTER_MS, signal).catch(() => undefined) // elapsed: the loop sees it
    if (!signal.aborted) await registry.isReachable(1_000) // moves the client on to one that answers
  }
  return 'elapsed'
}
