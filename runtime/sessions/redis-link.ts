/**
 * Commands to Redis. One is answered, or rejects with StoreLost within half a second: nobody waits for a Redis that is away
 * or hangs. Once it was found so, commands reject at once, until one that probes is answered.
 */
import { createHash } from 'node:crypto'
import { messageOf } from '../../core/model/error.ts'
import { LatencyHistogram } from '../proxy/latency-histogram.ts'
import type { Log } from '../telemetry/log.ts'
import { parseRedisAddress } from './redis-address.ts'
import { connectTo } from './redis-connection.ts'
import { StoreLost, type StoreFigures } from './store.ts'

const commandMs = 500

export interface RedisLink {
  /** One command as its words, the second of which is its key. Rejects with StoreLost. */
  run(command: readonly string[]): Promise<unknown>
  /** A script on keys that lie in one slot. Rejects with StoreLost. */
  script(text: string, keys: readonly string[], args: readonly string[]): Promise<unknown>
  /** The same, also while Redis is away: it is how it is found back. */
  probe(text: string, keys: readonly string[], args: readonly string[]): Promise<unknown>
  /** Messages of the channel; `onResumed` whenever some may have been missed, the first time when it listens. */
  subscribe(channel: string, onMessage: (text: string) => void, onResumed: () => void): void
  /** Called when it answers again, and when another server does. */
  onBack(listener: () => void): void
  close(): Promise<void>
  readonly figures: StoreFigures
}

/** `url` may hold a password, and is never logged. Throws MESH_FIELD_INVALID. */
export function openRedis(url: string, log: Log): RedisLink {
  const listeners: (() => void)[] = []
  const digests = new Map<string, string>()
  const figures = { latency: new LatencyHistogram(), lost: 0 }
  let awayFor: string | undefined
  /** Commands wait for the first word of the first connection. */
  let isOpening = true
  let endOpening: () => void = () => undefined
  const opening = new Promise<void>(resolve => (endOpening = resolve))
  const opened = () => {
    isOpening = false
    endOpening()
  }
  let hasAnswered = false
  const away = (error: unknown) => {
    if (awayFor === undefined) {
      log.warn('Redis is away; sessions go by onStoreLoss', { error: causeOf(error) })
    }
    awayFor = causeOf(error)
    opened()
  }
  const back = () => {
    if (awayFor !== undefined) log.info('Redis is back')
    awayFor = undefined
    opened()
    // What it holds was never seen before the first answer, and cannot be lost.
    if (hasAnswered) for (const listener of listeners) listener()
  }
  const connection = connectTo(parseRedisAddress(url), { onError: away, onReady: back })

  async function send(key: string, command: string[], isProbe = false): Promise<unknown> {
    if (awayFor !== undefined && !isProbe) {
      figures.lost++
      throw new StoreLost(awayFor)
    }
    const began = performance.now()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${commandMs} ms`)), commandMs)
    })
    try {
      if (isOpening) await Promise.race([opening, late])
      const answer = await Promise.race([connection.send(key, command), late])
      hasAnswered = true
      figures.latency.observe(performance.now() - began)
      if (awayFor !== undefined) back()
      return answer
    } catch (error) {
      if (isNoScript(error)) throw error
      figures.lost++
      if (!isRefusal(error)) away(error)
      throw new StoreLost(causeOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  async function script(
    text: string,
    keys: readonly string[],
    args: readonly string[],
    isProbe = false,
  ): Promise<unknown> {
    const [first = ''] = keys
    const rest = [String(keys.length), ...keys, ...args]
    let digest = digests.get(text)
    if (digest === undefined) {
      digest = createHash('sha1').update(text).digest('hex')
      digests.set(text, digest)
    }
    try {
      return await send(first, ['EVALSHA', digest, ...rest], isProbe)
    } catch (error) {
      if (!isNoScript(error)) throw error
      return send(first, ['EVAL', text, ...rest], isProbe)
    }
  }

  return {
    figures,
    script,
    run: command => send(command[1] ?? '', [...command]),
    probe: (text, keys, args) => script(text, keys, args, true),
    subscribe: (channel, onMessage, onResumed) =>
      void connection.subscribe(channel, onMessage, onResumed).catch(away),
    onBack: listener => void listeners.push(listener),
    close: () => connection.close(),
  }
}

/** Redis has not seen it, or has forgotten it. */
function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** It answers, and says no to this command alone. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(OOM|ERR|WRONGTYPE|MISCONF) /.test(error.message)
}

/** The client's words may hold the address with its password: codes are told, and words of Redis itself. */
function causeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string') return code
  return messageOf(error).replaceAll(/rediss?(-\w+)?:\/\/\S+/g, 'redis://…')
}
