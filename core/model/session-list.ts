/** What an instance answers under `/sessions`: those that it owns, for people. No handle and no value is in it. */

export interface SessionList {
  /** Where the sessions of the agent are kept. */
  store: 'memory' | 'redis'
  /** It gives each free as soon as no call of it runs. */
  isDraining: boolean
  items: {
    /** Tells it from others of the agent, whoever owns it; nothing can be called by it. */
    id: string
    /** ISO 8601. */
    expiresAt: string
    idleMs: number
    /** Those that run or wait. */
    calls: number
    /** What its values hold, as JSON text. */
    characters: number
    /** False while the store is away and has not taken what is set. */
    isSaved: boolean
  }[]
}

/** So many sessions the memory of one process keeps. */
export const mostInMemory = 100_000
