/** Hears which of a server's lists have changed: as the SDK does it, and in the modern era again after a stream has broken. */
import type { SubscriptionFilter } from '@modelcontextprotocol/client'
import { sleep } from '../model/sleep.ts'
import type { SortingClient } from './list-tools.ts'

/** For the SDK's client. */
export function followed(onChanged: () => void) {
  const list = { autoRefresh: false, debounceMs: 50, onChanged }
  return { tools: list, resources: list, prompts: list }
}

/** The lists of which the server says that it tells their changes. */
function listenedTo(client: SortingClient): SubscriptionFilter {
  const { tools, resources, prompts } = client.getServerCapabilities() ?? {}
  return {
    ...(tools?.listChanged && { toolsListChanged: true }),
    ...(resources?.listChanged && { resourcesListChanged: true }),
    ...(prompts?.listChanged && { promptsListChanged: true }),
  }
}

/** A subscription of the modern era ends with its connection; the tools may have changed until it stands again. */
export async function keepListening(
  client: SortingClient,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  let subscription = client.autoOpenedSubscription
  while (subscription && !signal.aborted) {
    const how = await subscription.closed
    if (how === 'local') return
    subscription = undefined
    for (
      let waitMs = 250;
      !subscription && !signal.aborted;
      waitMs = Math.min(waitMs * 2, 10_000)
    ) {
      try {
        await sleep(waitMs, signal)
        subscription = await client.listen(listenedTo(client), { signal })
        onChange()
      } catch {
        continue // the server is away, which its pings tell, or it has closed: the loop sees it
      }
    }
  }
}
