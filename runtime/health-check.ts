/**
 * Asks the agent's own health check by interval. Only its own word withdraws the agent: a check that throws or takes too
 * long tells of a fault in the check, which is logged once and leaves things as they were.
 */
import type { Agent } from '../core/model/agent.ts'
import { messageOf } from '../core/model/error.ts'
import { sleep } from '../core/model/sleep.ts'
import { handlerKey, type Handlers } from './handlers.ts'
import type { Log } from './telemetry/log.ts'

export interface Health {
  /** Why the agent should get no calls; undefined while it is well. */
  readonly unhealthy: { reason: string } | undefined
  close(): void
}

export interface HealthOptions {
  onChange: () => void
  log: Log
}

/**
 * Undefined where the agent has no check. The first one runs at once, each further one an interval after the last has ended
 * or its time was over; `{ signal }` is what it is called with, and aborts then.
 */
export function startHealth(
  { health: spec }: Agent,
  handlers: Handlers,
  { onChange, log }: HealthOptions,
): Health | undefined {
  const check = spec && (handlers.get(handlerKey(spec.check)) as Check | undefined)
  return check && watch(spec, check, { onChange, log })
}

type Check = (context: { signal: AbortSignal }) => unknown

function watch(
  spec: NonNullable<Agent['health']>,
  check: Check,
  { onChange, log }: HealthOptions,
): Health {
  const end = new AbortController()
  let unhealthy: Health['unhealthy']
  let hasFailed = false
  let running: Promise<unknown> | undefined

  async function ask(): Promise<void> {
    const timeout = new AbortController()
    running ??= run(timeout.signal).finally(() => (running = undefined))
    try {
      const late = sleep(spec.timeoutMs, AbortSignal.any([end.signal, timeout.signal]))
      const over = late.then(() => Promise.reject(new Error(`no answer in ${spec.timeoutMs} ms`)))
      take(reasonIn(await Promise.race([running, over])))
      hasFailed = false
    } catch (error) {
      if (end.signal.aborted) return
      if (!hasFailed) log.warn('health check failed; it says nothing', { error: messageOf(error) })
      hasFailed = true
    } finally {
      timeout.abort()
    }
  }

  async function run(signal: AbortSignal): Promise<unknown> {
    return check({ signal })
  }

  function take(reason: string | undefined): void {
    if (reason === unhealthy?.reason) return
    unhealthy = reason === undefined ? undefined : { reason }
    if (unhealthy) log.warn('unhealthy', unhealthy)
    else log.info('healthy again')
    onChange()
  }

  async function loop(): Promise<void> {
    while (!end.signal.aborted) {
      await ask()
      await sleep(spec.intervalMs, end.signal).catch(() => undefined) // ended: the loop sees it
    }
  }

  void loop()
  return {
    get unhealthy() {
      return unhealthy
    },
    close: () => end.abort(),
  }
}

const REASON_MAX = 1_000

/** Anything but `false` and `{ ok: false }` is a yes. */
function reasonIn(answer: unknown): string | undefined {
  if (answer === false) return 'the health check says no'
  if (typeof answer !== 'object' || answer === null || !('ok' in answer) || answer.ok !== false)
    return undefined
  const reason = 'reason' in answer && typeof answer.reason === 'string' ? answer.reason : ''
  return reason.slice(0, REASON_MAX) || 'the health check says no'
}
