/** Counts what runs, and once closed lets nothing new in: how an agent drains. */

export interface Gate {
  /** A function that ends what began, to be called once; undefined when the gate is closed. */
  enter(): (() => void) | undefined
  readonly isClosed: boolean
  readonly running: number
  /** How many were not let in. */
  readonly refused: number
  close(): void
  /** Resolves true when nothing runs any more, false when that takes longer than `ms`. */
  drained(ms: number): Promise<boolean>
}

export function createGate(): Gate {
  let isClosed = false
  let running = 0
  let refused = 0
  let onEmpty: (() => void) | undefined
  return {
    get isClosed() {
      return isClosed
    },
    get running() {
      return running
    },
    get refused() {
      return refused
    },
    enter() {
      if (isClosed) {
        refused++
        return undefined
      }
      running++
      return () => {
        running--
        if (running === 0) onEmpty?.()
      }
    },
    close() {
      isClosed = true
    },
    drained(ms) {
      if (running === 0) return Promise.resolve(true)
      return new Promise(resolve => {
        const timer = setTimeout(() => resolve(false), ms)
        onEmpty = () => {
          clearTimeout(timer)
          resolve(true)
        }
      })
    },
  }
}
