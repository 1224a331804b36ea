/**
 * The lease of an instance in Redis: six times a second it says that it lives, for two thirds of a second. Within a second
 * after it died or stands still others may take its sessions over. It also finds out what it must not trust any more:
 * its own ownership, where its lease had lapsed; and Redis, where that has lost what it held (the birth of the data is
 * another one then).
 */
import { sleep } from '../../core/model/sleep.ts'
import type { RedisLink } from './redis-link.ts'
import { beatScript } from './redis-scripts.ts'

export const leaseMs = 650
const beatMs = 150
/** So long after a loss every owner that lives has put back what it holds. */
const settleMs = 1_000

export interface Lease {
  /** See SessionStore. */
  isSure(since: number): boolean
  /** Whether Redis has lost something since then; asks it. */
  hasLost(since: number): Promise<boolean>
  /** Whether this process has run since then without a standstill longer than its lease. */
  hasRun(since: number): boolean
  /** Whether a loss is so fresh that owners may still be putting back. */
  isSettling(): boolean
  settled(): Promise<void>
  /** Called when Redis answers again, is another server, or has lost what it held. */
  onBack(listener: () => void): void
  close(): Promise<void>
}

/** `alive` and `birth` are keys in one slot. All times are in milliseconds of `performance.now()`. */
export function keepLease(
  link: RedisLink,
  { alive, birth }: { alive: string; birth: string },
): Lease {
  const listeners: (() => void)[] = []
  let confirmedAt = -Infinity
  let lapsedAt = -Infinity
  let lostAt = -Infinity
  let stoodStillAt = -Infinity
  let tickedAt = performance.now()
  let known: string | undefined
  let beating: Promise<void> | undefined
  const lose = (at: number) => {
    lostAt = Math.max(lostAt, at)
    for (const listener of listeners) listener()
  }

  async function sayAlive(): Promise<void> {
    const sentAt = performance.now()
    const answer = await link.probe(beatScript, [alive, birth], [String(leaseMs)])
    const [had, born = '', now = ''] = answer as string[]
    if (had === '0') lapsedAt = sentAt
    confirmedAt = sentAt
    if (born === known) return
    const ageMs = Number(now) - Number(born)
    const isFirst = known === undefined
    known = born
    if (!isFirst) lose(performance.now())
    else if (ageMs < settleMs) lostAt = performance.now() - ageMs // as it may be for others
  }
  const beat = () => (beating ??= sayAlive().finally(() => (beating = undefined)))
  const tick = () => {
    const now = performance.now()
    if (now - tickedAt > leaseMs) stoodStillAt = now
    tickedAt = now
    beat().catch(() => undefined) // the link logs it
  }
  const timer = setInterval(tick, beatMs)
  timer.unref()
  tick()
  link.onBack(() => lose(performance.now()))

  return {
    isSure: since => performance.now() - confirmedAt < leaseMs && since >= lapsedAt,
    async hasLost(since) {
      await beat()
      return lostAt > since
    },
    hasRun: since => stoodStillAt < since && performance.now() - tickedAt <= leaseMs,
    isSettling: () => performance.now() < lostAt + settleMs,
    settled: () => sleep(Math.max(0, lostAt + settleMs - performance.now())),
    onBack: listener => void listeners.push(listener),
    async close() {
      clearInterval(timer)
      await link.run(['DEL', alive]).catch(() => undefined) // it expires by itself
    },
  }
}
