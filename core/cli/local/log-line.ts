/** A line of a program's log (pino's JSON) as people read it; what is no such JSON is left as it is. */
import { printable } from '../output/output.ts'

const levels: Record<number, readonly [string, number]> = {
  10: ['trace', 90],
  20: ['debug', 90],
  30: ['info', 32],
  40: ['warn', 33],
  50: ['error', 31],
  60: ['fatal', 31],
}
/** Fields that the line shows elsewhere, or that every line of a process repeats. */
const quiet = new Set(['time', 'level', 'msg', 'pid', 'hostname', 'agent', 'instance', 'name'])
const nameColors = [36, 35, 34, 33, 32, 96, 95, 94]

export interface LineStyle {
  readonly name: string
  /** Names are filled up to this. */
  readonly width: number
  readonly hasColor: boolean
}

/** `hello-world │ 12:03:04.123 info  ready endpoint=http://…` */
export function readableLine(line: string, { name, width, hasColor }: LineStyle): string {
  const paint = (text: string, color: number) =>
    hasColor ? `\u001b[${color}m${text}\u001b[0m` : text
  const sum = [...name].reduce((sum, char) => sum + char.charCodeAt(0), 0)
  const prefix = `${paint(name.padEnd(width), nameColors[sum % nameColors.length] ?? 36)} | `
  const record = parse(line)
  if (!record) return prefix + printable(line)
  const [level, color] = levels[Number(record.level)] ?? [String(record.level), 0]
  const time = new Date(record.time as number | string)
  const at = Number.isNaN(time.getTime()) ? '' : `${time.toISOString().slice(11, 23)} `
  const fields = Object.entries(record)
    .filter(([key]) => !quiet.has(key))
    .map(([key, value]) => ` ${key}=${fieldText(value)}`)
  const message = printable(`${typeof record.msg === 'string' ? record.msg : ''}${fields.join('')}`)
  return `${prefix}${paint(at, 90)}${paint(level.padEnd(5), color)} ${message}`
}

/** Text of several lines, such as a stack, as JSON: on one line, and to be read all the same. */
const fieldText = (value: unknown) =>
  typeof value === 'string' && !value.includes('\n') ? value : JSON.stringify(value)

/** Milliseconds of a log line, for merging; undefined where it has none. */
export function timeOf(line: string): number | undefined {
  const time = parse(line)?.time
  const ms = typeof time === 'number' ? time : Date.parse(String(time))
  return Number.isNaN(ms) ? undefined : ms
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value = JSON.parse(line) as Record<string, unknown>
    return 'level' in value ? value : undefined
  } catch {
    return undefined // no JSON after all
  }
}
