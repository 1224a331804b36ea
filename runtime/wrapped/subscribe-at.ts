/** Resources of a wrapped server that clients of its agent listen to, over all lives of the server. */
import type { Connection } from '../../core/mcp/connection.ts'
import { messageOf } from '../../core/model/error.ts'
import { createSubscriptions, type Subscriptions } from '../mcp/subscriptions.ts'
import type { Log } from '../telemetry/log.ts'

export interface SubscribeOptions {
  /** Undefined while the server is away, and where it has no subscriptions. */
  connection: () => Connection | undefined
  log: Log
  mask: (text: string) => string
  onResourceUpdated: (uri: string) => void
}

export interface ServerSubscriptions {
  subscriptions: Subscriptions
  /** At a new life of the server: subscribes to what is listened to, and tells of it, as it may have changed. */
  listenAgain: () => Promise<void>
}

export function subscribeAt(options: SubscribeOptions): ServerSubscriptions {
  const { connection, log, mask, onResourceUpdated } = options
  const subscriptions = createSubscriptions(
    async uris => {
      await connection()?.watch(uris)
    },
    {
      onFault: error =>
        log.warn('a resource of the wrapped server cannot be listened to', {
          error: mask(messageOf(error)),
        }),
    },
  )
  return {
    subscriptions,
    async listenAgain() {
      const { uris } = subscriptions
      if (uris.size === 0) return
      await subscriptions.again()
      for (const uri of uris) onResourceUpdated(uri)
    },
  }
}
