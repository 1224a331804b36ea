/** A store whose operations are timed, whether they succeed or fail. */
import { performance } from 'node:perf_hooks'
import type { Store } from './store.ts'

type Operation = (...args: unknown[]) => unknown

/** `observe` is given the name of the operation and how long it took. Those of `shared` are timed as well. */
export function measuredStore(
  store: Store,
  observe: (operation: string, seconds: number) => void,
): Store {
  const timed = <T extends object>(of: T): T => {
    const entries = Object.entries(of) as [string, unknown][]
    const measured = entries.map(([name, value]) => [
      name,
      typeof value === 'function' ? timedOperation(name, value as Operation, observe) : value,
    ])
    return Object.fromEntries(measured) as T // the same names, the same operations
  }
  return { ...timed(store), shared: store.shared && timed(store.shared) }
}

function timedOperation(
  name: string,
  operation: Operation,
  observe: (operation: string, seconds: number) => void,
): Operation {
  return (...args) => {
    const began = performance.now()
    const result = operation(...args)
    if (!(result instanceof Promise)) return result
    return result.finally(() => observe(name, (performance.now() - began) / 1_000))
  }
}
