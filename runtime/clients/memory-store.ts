/** Of one process, which has nobody to tell anything. Bounded: the session that was quiet for the longest time is forgotten. */
import { idleMs, mostUris, type ClientStore } from './store.ts'

const mostKept = 1_000
const mostEnded = 10_000

interface Kept {
  logLevel: string | undefined
  uris: Set<string>
  usedAt: number
}

export function memoryClientStore(): ClientStore {
  /** The one that was used last is at the end. */
  const kept = new Map<string, Kept>()
  const ended = new Set<string>()
  const nothing = () => Promise.resolve()

  function touch(id: string, session: Kept): Kept {
    const now = performance.now()
    session.usedAt = now
    kept.delete(id)
    kept.set(id, session)
    for (const [oldest, { usedAt }] of kept) {
      if (now - usedAt <= idleMs && kept.size <= mostKept) break
      kept.delete(oldest)
    }
    return session
  }
  const use = (id: string) =>
    touch(id, kept.get(id) ?? { logLevel: undefined, uris: new Set(), usedAt: 0 })

  return {
    key: undefined,
    async look(id) {
      const session = kept.get(id)
      if (session) touch(id, session)
      return { hasEnded: ended.has(id), logLevel: session?.logLevel }
    },
    async read(id) {
      const { logLevel, uris = new Set<string>() } = kept.get(id) ?? {}
      return { hasEnded: ended.has(id), logLevel, uris, speaker: undefined }
    },
    async setLogLevel(id, level) {
      use(id).logLevel = level
    },
    async subscribe(id, uri) {
      const { uris } = use(id)
      if (uris.size >= mostUris && !uris.has(uri)) return false
      uris.add(uri)
      return true
    },
    async unsubscribe(id, uri) {
      kept.get(id)?.uris.delete(uri)
    },
    async end(id) {
      kept.delete(id)
      ended.add(id)
      for (const oldest of ended) {
        if (ended.size <= mostEnded) break
        ended.delete(oldest)
      }
    },
    ...{ speak: nothing, hush: nothing, restore: nothing, asks: nothing, settle: nothing },
    ...{ tell: nothing, close: nothing },
    answer: () => Promise.resolve(false),
    isAlive: () => Promise.resolve(false),
    placeOf: () => Promise.resolve(undefined),
    answerTo: () => Promise.resolve(undefined),
    onTold() {
      // there is no other
    },
    onBack() {
      // it is never away
    },
  }
}
