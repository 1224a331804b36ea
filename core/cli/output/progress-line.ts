/**
 * Progress for people: one line on a terminal, written over by the next one and gone when anything else is written. Work that is
 * over at once shows nothing. It is drawn when it is told, at most every 100 ms, as work that does not give way runs no
 * timer; and by a timer, as whoever waits tells nothing more.
 */

export interface ProgressLine {
  /** Takes the place of the last text. */
  readonly show: (text: string) => void
  /** Takes it away, before something else is written and at the end. */
  readonly clear: () => void
}

/** A terminal, as Node's streams are one. */
export interface Screen {
  readonly columns?: number
  write(text: string): unknown
}

const FIRST_AFTER_MS = 300
const AGAIN_AFTER_MS = 100
const DEFAULT_COLUMNS = 80

export const noProgress: ProgressLine = { show: () => undefined, clear: () => undefined }

/** Of a terminal that takes cursor movements. `now` in milliseconds. */
export function createProgressLine(screen: Screen, now = () => performance.now()): ProgressLine {
  let latest = ''
  let isDrawn = false
  let dueAt: number | undefined
  let timer: NodeJS.Timeout | undefined

  function draw() {
    clearTimeout(timer)
    timer = undefined
    // A line that is as wide as the terminal would begin another one.
    screen.write(`\r\u001b[K${latest.slice(0, (screen.columns ?? DEFAULT_COLUMNS) - 1)}`)
    isDrawn = true
    dueAt = now() + AGAIN_AFTER_MS
  }

  return {
    show(text) {
      latest = text
      const at = now()
      dueAt ??= at + FIRST_AFTER_MS
      if (at >= dueAt) draw()
      else timer ??= setTimeout(draw, dueAt - at).unref()
    },
    clear() {
      clearTimeout(timer)
      timer = undefined
      if (!isDrawn) return
      screen.write('\r\u001b[K')
      isDrawn = false
    },
  }
}
