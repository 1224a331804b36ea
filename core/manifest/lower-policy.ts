/** A call's policy as the layers take it: every text parsed, every part whole or absent. */
import type { CallPolicy, RetryCause } from '../model/call-policy.ts'
import { parseDuration } from '../model/duration.ts'
import type { EffectivePolicy } from './effective-policy.ts'

/** The policy has to be without faults (check-policy.ts); what it lacks is a fault of ours. */
export function lowerPolicy(policy: EffectivePolicy): CallPolicy {
  const text = (path: string): string => {
    const value = policy.get(path)?.value
    if (typeof value !== 'string') throw new Error(`the policy has no ${path}`)
    return value
  }
  const count = (path: string): number => {
    const value = policy.get(path)?.value
    if (typeof value !== 'number') throw new Error(`the policy has no ${path}`)
    return value
  }
  const ms = (path: string): number => parseDuration(text(path))
  const isOn = (part: string): boolean => policy.get(part)?.value !== 'none'
  const deadlineMs = ms('deadline')
  const balance = text('balance') as CallPolicy['balance']
  return {
    // Who only shortens the deadline shortens the attempts too.
    timeoutMs: Math.min(ms('timeout'), deadlineMs),
    deadlineMs,
    retries: {
      attempts: count('retries.attempts'),
      backoff: { initialMs: ms('retries.backoff.initial'), maxMs: ms('retries.backoff.max') },
      on: [...(policy.get('retries.on')?.value as readonly RetryCause[])],
      budget: parseShare(text('retries.budget')),
    },
    hedge: isOn('hedge') ? { afterMs: ms('hedge.after') } : undefined,
    breaker: isOn('breaker')
      ? { failures: count('breaker.failures'), openMs: ms('breaker.open') }
      : undefined,
    concurrency: isOn('concurrency')
      ? { max: count('concurrency.max'), queue: count('concurrency.queue') }
      : undefined,
    ejection: isOn('ejection')
      ? {
          failures: count('ejection.failures'),
          forMs: ms('ejection.for'),
          maxShare: parseShare(text('ejection.max')),
        }
      : undefined,
    balance,
    hashOn: balance === 'consistent-hash' ? text('hashOn') : undefined,
    headers: headersOf(policy),
    stream: text('stream') as CallPolicy['stream'],
  }
}

/** `20%` to 0.2. */
export function parseShare(text: string): number {
  return Number(text.slice(0, -1)) / 100
}

/** By name in lower case: names of headers are one whatever their case. */
function headersOf(policy: EffectivePolicy): Record<string, string> {
  const prefix = 'headers.'
  const entries = [...policy].filter(([path]) => path.startsWith(prefix))
  return Object.fromEntries(
    entries.map(([path, { value }]) => [path.slice(prefix.length), String(value)]),
  )
}
