/**
 * The ambient context of a call, for handlers that use OpenTelemetry's API by themselves. It rests on AsyncLocalStorage, one
 * use of which slows every promise of the process down on Node 20: so it is off until it is known that somebody may need it.
 */
import { context, type Context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

export interface Ambient {
  /** Undefined while it is off. */
  active(): Context | undefined
  /** Runs within the context, which is made only where it is on. */
  within<T>(make: () => Context, run: () => T): T
  /** For all calls that begin from now on; for good. */
  turnOn(): void
}

export function createAmbient(): Ambient {
  let isOn = false
  return {
    active: () => (isOn ? context.active() : undefined),
    within: (make, run) => (isOn ? context.with(make(), run) : run()),
    turnOn() {
      if (isOn) return
      isOn = true
      // Where the process was set up by someone else (node --import), theirs stays in force.
      context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    },
  }
}
