/**
 * The connection to Redis. A command is answered, or rejects with StoreLost within half a second: nobody waits for a Redis that
 * is away or hangs. It is reached again by itself.
 */
import { createHash } from 'node:crypto'
import { createClient } from 'redis'
import { messageOf } from '../../core/model/error.ts'
import type { Log } from '../telemetry/log.ts'
import { StoreLost } from './store.ts'

const commandMs = 500
const connectMs = 1_000

export interface RedisLink {
  /** One command as its words. Rejects with StoreLost. */
  run(command: readonly string[]): Promise<unknown>
  /** A script on one key. Rejects with StoreLost. */
  script(text: string, key: string, args: readonly string[]): Promise<unknown>
  /** Called when it answers again. */
  onBack(listener: () => void): void
  close(): Promise<void>
  /** Time of the answered commands so far. */
  readonly figures: { commands: number; ms: number; lost: number }
}

/** `url` as `redis://` or `rediss://`; it may hold a password, and is never logged. */
export function openRedis(url: string, log: Log): RedisLink {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: failures =>
        Math.min(50 * 2 ** failures, 1_000) * (0.5 + Math.random() / 2),
    },
  })
  const listeners: (() => void)[] = []
  const digests = new Map<string, string>()
  const figures = { commands: 0, ms: 0, lost: 0 }
  let isAway = false
  const away = (error: unknown) => {
    if (isAway) return
    isAway = true
    log.warn('Redis is away; sessions go by onStoreLoss', { error: causeOf(error) })
  }
  client.on('error', away)
  client.on('ready', () => {
    if (isAway) log.info('Redis is back')
    isAway = false
    for (const listener of listeners) listener()
  })
  client.connect().catch(away) // it goes on trying

  async function run(command: readonly string[]): Promise<unknown> {
    const began = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${commandMs} ms`)), commandMs)
    })
    try {
      const answer = await Promise.race([client.sendCommand([...command]), late])
      figures.commands++
      figures.ms += performance.now() - began
      return answer
    } catch (error) {
      if (isNoScript(error)) throw error
      figures.lost++
      throw new StoreLost(causeOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    run,
    figures,
    async script(text, key, args) {
      let digest = digests.get(text)
      if (digest === undefined) {
        digest = createHash('sha1').update(text).digest('hex')
        digests.set(text, digest)
      }
      try {
        return await run(['EVALSHA', digest, '1', key, ...args])
      } catch (error) {
        if (!isNoScript(error)) throw error
        return run(['EVAL', text, '1', key, ...args])
      }
    },
    onBack: listener => void listeners.push(listener),
    async close() {
      client.destroy()
    },
  }
}

/** Redis has not seen it, or has forgotten it. */
function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** The client's words may hold the address with its password: codes are told, and words of Redis itself. */
function causeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string') return code
  return messageOf(error).replaceAll(/rediss?:\/\/\S+/g, 'redis://…')
}
