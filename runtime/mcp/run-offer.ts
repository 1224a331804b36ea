/** Runs the handlers of resources, prompts and completions: as those of tools, within a time and until the caller is gone. */
import { formatDuration } from '../../core/model/duration.ts'
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Completion, HandlerRef } from '../../core/model/agent.ts'
import type { DependencyFunctions, Handler } from '../handler.ts'
import { handlerKey, type Handlers } from '../handlers.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import { withTimeLimit, type Clock } from '../proxy/time-limit.ts'
import type { Log } from '../telemetry/log.ts'
import type { ServedMethod, ServedTrace } from '../telemetry/tracing.ts'
import { ClientLacks, InputRequired } from './asking.ts'
import { ContextOfCall } from './context-of-call.ts'
import type { CallContext } from './invoke.ts'
import { RunningCall } from './running-call.ts'
import { unlessAborted } from './unless-aborted.ts'
import type { Caller, Typed } from './offers.ts'

/** The longest that one may run. */
const longestMs = 60_000

/** Runs the handler for one caller; `trace` is that of the request. */
export type RunHandler = (
  args: Record<string, unknown>,
  caller: Caller,
  trace: ServedTrace,
) => Promise<unknown>

/** What a request is for: its method, and the name, URI or template that the manifest has. */
export interface Requested {
  method: ServedMethod
  name: string
}

/** Follows a request from end to end; what `run` gives or throws comes through. */
export type ObserveOffer = <T>(
  requested: Requested,
  caller: Caller,
  run: (trace: ServedTrace) => Promise<T>,
) => Promise<T>

/** Whose handler it is: its dependencies are those of `consumer`, which is a key. */
export interface Owner {
  /** For people: `resource "docs://readme"`. */
  what: string
  consumer: string
}

export interface Runner {
  /** Throws MESH_HANDLER_MISSING where it is not loaded. */
  handlerOf(ref: HandlerRef, owner: Owner): RunHandler
  completionOf(completion: Completion, owner: Owner): Complete
}

/** Those that go with what is typed. */
export type Complete = (
  typed: Typed,
  caller: Caller,
  trace: ServedTrace,
) => Promise<readonly string[]>

export interface RunnerMeans {
  handlers: Handlers
  log: Log
  /** Told of resources that a handler has changed. */
  changed?: ((uri: string) => void) | undefined
  inject: InjectOffer
}

/** The dependency functions of a consumer for one run; waits, within the settle window, for those not there yet. */
export type InjectOffer = (consumer: string, context: CallContext) => Promise<DependencyFunctions>

export function createRunner({ handlers, log, changed, inject }: RunnerMeans): Runner {
  function handlerOf(ref: HandlerRef, { what, consumer }: Owner): RunHandler {
    const handler = handlers.get(handlerKey(ref))
    if (!handler) {
      const found = `${what}: the handler ${handlerKey(ref)} is not loaded in this process`
      const mend = 'restart the agent with that handler beside its manifest'
      throw new MeshError('MESH_HANDLER_MISSING', found, mend)
    }
    const own = log.with({ of: what })
    const dependenciesOf = (context: CallContext) => inject(consumer, context)
    const means = { log: own, changed, dependenciesOf }
    return (args, caller, trace) => run(handler, what, { args, caller, trace, ...means })
  }
  return {
    handlerOf,
    completionOf(completion, owner) {
      if ('values' in completion) {
        const { values } = completion
        return typed => Promise.resolve(startingWith(values, typed.value))
      }
      const { what } = owner
      const complete = handlerOf(completion.handler, owner)
      return async ({ value, others }, caller, trace) => {
        const values = await complete({ ...others, value }, caller, trace)
        if (Array.isArray(values) && values.every(one => typeof one === 'string')) return values
        const mend = 'return a list of texts'
        throw new MeshError('MESH_OUTPUT_INVALID', `${what} returned no list of texts`, mend)
      }
    },
  }
}

/** Case aside, as people type. */
function startingWith(values: readonly string[], typed: string): readonly string[] {
  const start = typed.toLowerCase()
  return values.filter(value => value.toLowerCase().startsWith(start))
}

interface Run extends Pick<RunnerMeans, 'log' | 'changed'> {
  args: Record<string, unknown>
  caller: Caller
  trace: ServedTrace
  dependenciesOf: (context: CallContext) => Promise<DependencyFunctions>
}

const limitOf = ({ timeoutMs }: Caller) => Math.min(longestMs, timeoutMs)

/** Runs for a minute, or for what the caller has left. */
export function withinLimit<T>(
  what: string,
  caller: Caller,
  run: (limited: Cancellation, clock: Clock) => Promise<T>,
): Promise<T> {
  const ms = limitOf(caller)
  const late = () => {
    const found = `${what} did not finish within ${formatDuration(ms)}`
    const isOwn = longestMs <= caller.timeoutMs
    return new MeshError(isOwn ? 'MESH_TIMEOUT_ELAPSED' : 'MESH_DEADLINE_EXCEEDED', found)
  }
  return withTimeLimit(ms, caller.signal, late, run)
}

async function run(
  handler: Handler,
  what: string,
  { args, caller, trace, log, dependenciesOf, changed = () => undefined }: Run,
): Promise<unknown> {
  const ms = limitOf(caller)
  const [expiresAt, deadline] = [performance.now() + ms, Date.now() + ms]
  const { asker } = caller
  try {
    return await withinLimit(what, caller, (limited, clock) =>
      unlessAborted(limited, async () => {
        const call = new RunningCall(limited, { expiresAt, clock, trace, leave: undefined })
        if (asker) call.endWithQuestion()
        try {
          const context = new ContextOfCall(log, {
            ...{ limited, deadline, notes: undefined, session: undefined },
            ...{ asker, clock, changed },
          })
          return await handler(args, await dependenciesOf(call), context)
        } finally {
          call.end()
        }
      }),
    )
  } catch (error) {
    if (error instanceof InputRequired || error instanceof ClientLacks) throw error
    log[caller.signal.aborted ? 'debug' : 'warn']('handler failed', {
      ...{ traceId: trace.traceId, error: messageOf(error) },
    })
    throw error
  }
}
