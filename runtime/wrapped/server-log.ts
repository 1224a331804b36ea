/**
 * What a wrapped server writes to stderr, as lines of the agent's log: so many in a while, and then only how many more there
 * were. A server that writes without end would else fill the disk with the log of somebody else.
 */
import type { Log } from '../telemetry/log.ts'

const window = { ms: 30_000, lines: 10_000 }

/** Takes each line; `now` in milliseconds. */
export function serverLog(
  log: Log,
  mask: (text: string) => string,
  now: () => number = () => performance.now(),
): (line: string) => void {
  let beganAt = -Infinity
  let lines = 0
  return line => {
    if (now() - beganAt >= window.ms) {
      const leftOut = lines - window.lines
      if (leftOut > 0) log.warn('lines of the server were left out', { lines: leftOut })
      beganAt = now()
      lines = 0
    }
    lines++
    if (lines <= window.lines) log.info('server', { line: mask(line) })
    else if (lines === window.lines + 1)
      log.warn('the server writes too many lines; more are left out for a while', window)
  }
}
