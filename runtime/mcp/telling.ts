/** A handler's log for its caller: what is logged goes to the client as well, where it asked for that level. */
import type { HandlerLog } from '../handler.ts'

/** As MCP orders them, the least first. */
export const logLevels = [
  ...(['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const),
]
export type McpLogLevel = (typeof logLevels)[number]

/** Sends one line; the caller has asked for such ones. */
export type Tell = (level: McpLogLevel, data: Readonly<Record<string, unknown>>) => void

type Fields = Readonly<Record<string, unknown>>

/** The same log, told on. */
export function telling(log: HandlerLog, tell: Tell): HandlerLog {
  return {
    debug(message, fields) {
      log.debug(message, fields)
      tell('debug', dataOf(message, fields))
    },
    info(message, fields) {
      log.info(message, fields)
      tell('info', dataOf(message, fields))
    },
    warn(message, fields) {
      log.warn(message, fields)
      tell('warning', dataOf(message, fields))
    },
    error(message, fields) {
      log.error(message, fields)
      tell('error', dataOf(message, fields))
    },
  }
}

/** Sends what is at least of the level; undefined for a level that MCP does not have. */
export function atLeast(level: unknown, send: Tell): Tell | undefined {
  const least = logLevels.findIndex(one => one === level)
  if (least < 0) return undefined
  return (of, data) => {
    if (logLevels.indexOf(of) >= least) send(of, data)
  }
}

/** What JSON cannot carry is the log's trouble, not the call's. */
function dataOf(message: string, fields: Fields = {}): Fields {
  try {
    return { message, ...(JSON.parse(JSON.stringify(fields)) as Fields) }
  } catch {
    return { message }
  }
}
