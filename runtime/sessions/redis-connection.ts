/**
 * Connections to the three forms of Redis as one: a command goes to whoever has its key now, or rejects. Each is reached
 * again by itself. The first connection to sentinels and to a cluster is what the client gives up on, so that is begun anew here.
 */
import { createClient, createCluster, createSentinel } from 'redis'
import { sleep } from '../../core/model/sleep.ts'
import type { RedisAddress } from './redis-address.ts'

export interface RedisConnection {
  /** One command as its words, the first of its keys apart. Rejects with the client's errors. */
  send(key: string, command: string[]): Promise<unknown>
  /** Messages of the channel from then on; `onResumed` whenever some may have been missed. Rejects with the client's errors. */
  subscribe(
    channel: string,
    onMessage: (text: string) => void,
    onResumed: () => void,
  ): Promise<void>
  close(): Promise<void>
}

export interface ConnectionListener {
  onError: (error: unknown) => void
  /** A server was reached, or is another one: it may have lost what the one before it held. */
  onReady: () => void
}

const connectMs = 1_000
/** How often the sentinels are asked by themselves who serves; they tell it as well. */
const scanMs = 1_000
const restMs = 500

export function connectTo(address: RedisAddress, listener: ConnectionListener): RedisConnection {
  const { username, password, isTls, database } = address
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  }
  const options = {
    ...credentials,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (failures: number) =>
        Math.min(50 * 2 ** failures, 1_000) * (0.5 + Math.random() / 2),
      ...(isTls && { tls: true as const }),
    },
  }
  switch (address.kind) {
    case 'single':
      return single(address, { ...options, database }, listener)
    case 'sentinel':
      return untilConnected(listener, async () => {
        const client = createSentinel({
          name: address.name,
          sentinelRootNodes: address.nodes,
          nodeClientOptions: options,
          sentinelClientOptions: { socket: options.socket },
          scanInterval: scanMs,
          maxCommandRediscovers: 1,
        })
        client.on('error', listener.onError)
        client.on('topology-change', (event: { type: string }) => {
          if (event.type === 'MASTER_CHANGE') listener.onReady()
        })
        await client.connect()
        return {
          send: (_key, command) => client.sendCommand(false, command),
          async subscribe(channel, onMessage, onResumed) {
            client.on('topology-change', (event: { type: string }) => {
              if (event.type === 'MASTER_CHANGE') onResumed()
            })
            await client.subscribe(channel, onMessage)
            onResumed()
          },
          close: () => client.destroy(),
        }
      })
    case 'cluster':
      return untilConnected(listener, async () => {
        const client = createCluster({
          rootNodes: address.nodes.map(({ host, port }) => ({
            ...options,
            socket: { ...options.socket, host, port },
          })),
          defaults: options,
          topologyRefreshOnReconnectionAttemptStrategy: scanMs,
        })
        client.on('error', listener.onError)
        client.on('node-error', listener.onError)
        client.on('node-ready', listener.onReady)
        await client.connect()
        return {
          send: (key, command) => client.sendCommand(key, false, command),
          async subscribe(channel, onMessage, onResumed) {
            client.on('node-ready', onResumed)
            await client.subscribe(channel, onMessage)
            onResumed()
          },
          close: async () => client.destroy(),
        }
      })
  }
}

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>

function single(
  { nodes: [node], isTls }: RedisAddress,
  options: Omit<ClientOptions, 'socket'> & { socket: object },
  { onError, onReady }: ConnectionListener,
): RedisConnection {
  const { host = '127.0.0.1', port = 6_379 } = node ?? {}
  const name = host.includes(':') ? `[${host}]` : host
  const client = createClient({ ...options, url: `redis${isTls ? 's' : ''}://${name}:${port}` })
  client.on('error', onError)
  client.on('ready', onReady)
  client.connect().catch(onError) // it goes on trying
  const subscribers: { destroy(): void }[] = []
  return {
    send: (_key, command) => client.sendCommand(command),
    async subscribe(channel, onMessage, onResumed) {
      const subscriber = client.duplicate({ disableOfflineQueue: false })
      subscribers.push(subscriber)
      const ignore = () => undefined // the connection for commands tells of it
      subscriber.on('error', ignore)
      // By then it is subscribed again; the same listener is called once.
      subscriber.on('ready', () => {
        subscriber.subscribe(channel, onMessage).then(onResumed, ignore)
      })
      subscriber.connect().catch(ignore) // it goes on trying
    },
    close: async () => {
      for (const subscriber of subscribers) subscriber.destroy()
      client.destroy()
    },
  }
}

/** Until there is one each command rejects. */
function untilConnected(
  { onError, onReady }: ConnectionListener,
  connect: () => Promise<RedisConnection>,
): RedisConnection {
  const closing = new AbortController()
  let connection: RedisConnection | undefined
  let cause: unknown = new Error('not connected yet')
  const connecting = (async () => {
    while (!closing.signal.aborted && !connection) {
      try {
        connection = await connect()
        onReady()
      } catch (error) {
        cause = error
        onError(error)
        await sleep(restMs, closing.signal).catch(() => undefined) // closed
      }
    }
  })()
  return {
    async send(key, command) {
      if (connection) return connection.send(key, command)
      throw cause
    },
    async subscribe(channel, onMessage, onResumed) {
      await connecting
      await connection?.subscribe(channel, onMessage, onResumed)
    },
    async close() {
      closing.abort()
      await connecting
      await connection?.close()
    },
  }
}
