/**
 * What an instance is to the others that share its tasks in Redis: a sign of life each second, good for five, so that a handler
 * that keeps the process busy for a moment does not lose its task; and the key by which ids are sealed, which whoever
 * knows it puts back where Redis has lost it.
 */
import { randomBytes } from 'node:crypto'
import type { RedisLink } from '../sessions/redis-link.ts'

const aliveMs = 5_000
const beatMs = 1_000

/** KEYS sign of life, sealing key; ARGV for how long, the sealing key where it is known. */
const beatScript = `
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
if ARGV[2] ~= '' then redis.call('SET', KEYS[2], ARGV[2], 'NX') end
return 1`

export interface Life {
  /** 32 bytes, made by whoever asks first. */
  readonly key: () => Promise<Buffer>
  /** Whether the instance has said within the last seconds that it lives. */
  readonly isAlive: (instance: string) => Promise<boolean>
  /** Says no more that it lives. */
  end(): Promise<void>
}

/** `agent` is `namespace/name`. */
export function keepAlive(link: RedisLink, agent: string, instance: string): Life {
  const keyName = `mesh:task-key:{${agent}}`
  const aliveOf = (other: string) => `mesh:task-instance:{${agent}}:${other}`
  let known = ''
  // A probe: it also finds out that a Redis that was away is back.
  const beat = () =>
    void link
      .probe(beatScript, [aliveOf(instance), keyName], [String(aliveMs), known])
      .catch(() => undefined) // the link logs it
  const timer = setInterval(beat, beatMs)
  timer.unref()
  beat()
  link.onBack(beat)
  return {
    async key() {
      await link.run(['SET', keyName, randomBytes(32).toString('base64'), 'NX'])
      known = String(await link.run(['GET', keyName]))
      return Buffer.from(known, 'base64')
    },
    isAlive: async other => (await link.run(['EXISTS', aliveOf(other)])) === 1,
    async end() {
      clearInterval(timer)
      await link.run(['DEL', aliveOf(instance)]).catch(() => undefined) // it expires by itself
    },
  }
}
