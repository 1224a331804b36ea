/**
 * Ends calls that were handed to an owner which then gives no sign of life: one that stands still keeps its connections open,
 * and they would wait for it until their deadline. Owners are looked at only while calls are with them, all of an owner at once.
 */
import { MeshError } from '../../core/model/error.ts'
import type { IsPresent } from './signs-of-life.ts'
import type { Owner } from './store.ts'
import { Cancellation, type CancelSignal } from '../proxy/cancellation.ts'

const lookMs = 150

/** It gave no sign of life while the call was with it. */
export class OwnerGone extends MeshError {}

export interface OwnerWatch {
  /** Runs with a signal that aborts when `parent` does, and with OwnerGone. */
  during<T>(
    owner: Owner,
    parent: CancelSignal,
    run: (signal: Cancellation) => Promise<T>,
  ): Promise<T>
  close(): void
}

interface Watched {
  calls: Set<Cancellation>
  timer: NodeJS.Timeout
}

/** Where `isPresent` rejects nothing is known of the owner. */
export function watchOwners(isPresent: IsPresent): OwnerWatch {
  const watched = new Map<string, Watched>()

  function watch(owner: Owner): Watched {
    const { instance } = owner
    const calls = new Set<Cancellation>()
    const look = async () => {
      if (calls.size === 0) return close(instance)
      if (await isPresent(owner).catch(() => true)) return
      const found = `${instance}, which owns the session, gives no sign of life; the call may have been executed`
      for (const call of calls) call.abort(new OwnerGone('MESH_CALL_INTERRUPTED', found))
    }
    const timer = setInterval(() => void look(), lookMs)
    timer.unref()
    const entry = { calls, timer }
    watched.set(instance, entry)
    return entry
  }

  function close(instance: string): void {
    clearInterval(watched.get(instance)?.timer)
    watched.delete(instance)
  }

  return {
    async during(owner, parent, run) {
      if (parent.aborted) throw parent.reason
      const { calls } = watched.get(owner.instance) ?? watch(owner)
      const signal = new Cancellation()
      const onAbort = () => signal.abort(parent.reason)
      parent.addEventListener('abort', onAbort)
      calls.add(signal)
      try {
        return await run(signal)
      } finally {
        calls.delete(signal)
        parent.removeEventListener('abort', onAbort)
      }
    },
    close() {
      for (const instance of watched.keys()) close(instance)
    },
  }
}
