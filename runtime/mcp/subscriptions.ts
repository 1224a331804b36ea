/**
 * Resources that have to be listened to elsewhere (at a wrapped server, at the agents of a gateway) while a client of this process
 * listens to them, counted over all clients.
 */
export interface Subscriptions {
  /** Resolves to what gives it back, when it is listened to or has proved that it cannot be soon. Never rejects. */
  want(uri: string): Promise<() => void>
}

/** A client that does not wait for more. */
const longestMs = 5_000
/** So long a resource is listened to after the last client has left: one whose line broke comes back. */
const lingerMs = 60_000

/** `apply` listens to exactly these from then on, one call of it after the other; `onFault` is told where it cannot. */
export function createSubscriptions(
  apply: (uris: ReadonlySet<string>) => Promise<void>,
  { onFault, linger = lingerMs }: { onFault: (error: unknown) => void; linger?: number },
): Subscriptions & { readonly uris: ReadonlySet<string>; again(): Promise<void> } {
  const counts = new Map<string, number>()
  const timers = new Map<string, NodeJS.Timeout>()
  let applying: Promise<void> | undefined
  let isStale = false

  async function run(): Promise<void> {
    await Promise.resolve() // what is wanted at one time is asked for at once
    while (isStale) {
      isStale = false
      await apply(new Set(counts.keys())).catch(onFault)
    }
    applying = undefined
  }

  function again(): Promise<void> {
    isStale = true
    return (applying ??= run())
  }

  function giveBack(uri: string): void {
    const left = (counts.get(uri) ?? 1) - 1
    counts.set(uri, left)
    if (left > 0) return
    const forget = () => {
      counts.delete(uri)
      timers.delete(uri)
      void again()
    }
    timers.set(uri, setTimeout(forget, linger).unref())
  }

  return {
    get uris() {
      return new Set(counts.keys())
    },
    again,
    async want(uri) {
      clearTimeout(timers.get(uri))
      timers.delete(uri)
      const isNew = !counts.has(uri)
      counts.set(uri, (counts.get(uri) ?? 0) + 1)
      let isWanted = true
      const done = isNew ? again() : (applying ?? Promise.resolve())
      await soon(done)
      return () => {
        if (isWanted) giveBack(uri)
        isWanted = false
      }
    },
  }
}

async function soon(done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => (timer = setTimeout(resolve, longestMs).unref()))
  await Promise.race([done, late])
  clearTimeout(timer)
}

/** What one client wants, as it changes. */
export class WantedResources {
  readonly #subscriptions: Subscriptions | undefined
  readonly #wanted = new Map<string, Promise<() => void>>()

  constructor(subscriptions: Subscriptions | undefined) {
    this.#subscriptions = subscriptions
  }

  /** Resolves when the new ones are listened to, or cannot be soon. */
  async be(uris: Iterable<string>): Promise<void> {
    if (!this.#subscriptions) return
    const next = new Set(uris)
    for (const [uri, release] of this.#wanted) {
      if (next.has(uri)) continue
      this.#wanted.delete(uri)
      void release.then(giveBack => giveBack())
    }
    for (const uri of next)
      if (!this.#wanted.has(uri)) this.#wanted.set(uri, this.#subscriptions.want(uri))
    await Promise.all(this.#wanted.values())
  }
}
