/** A store whose operations are timed, whether they succeed or fail. */
import { performance } from 'node:perf_hooks'
import type { Store } from './store.ts'

type Operation = (...args: unknown[]) => Promise<unknown>

/** `observe` is given the name of the operation and how long it took. */
export function measuredStore(
  store: Store,
  observe: (operation: string, seconds: number) => void,
): Store {
  const timed = (name: string, operation: Operation): Operation => {
    return async (...args) => {
      const began = performance.now()
      try {
        return await operation(...args)
      } finally {
        observe(name, (performance.now() - began) / 1_000)
      }
    }
  }
  const operations = Object.entries(store) as [string, Operation][]
  return Object.fromEntries(
    operations.map(([name, operation]) => [name, timed(name, operation)]),
  ) as unknown as Store // the same names, the same operations
}
