/** The meaning of single values: versions and durations. What the schema already refuses is passed over. */
import valid from 'semver/functions/valid.js'
import { formatDuration, parseDuration } from '../model/duration.ts'
import { hasCode } from '../model/error.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'

/** Versions that look like one and are none, such as `1.0.0-01`. */
export function versionFault(value: unknown, path: Path): Fault[] {
  if (typeof value !== 'string' || !/^\d+\.\d+\.\d+/.test(value) || valid(value) !== null) return []
  const message = `${pathText(path)} "${value}" is no semantic version`
  const mend = `write ${/^\d+\.\d+\.\d+/.exec(value)?.[0]}`
  return [faultOf('MESH_VERSION_INVALID', path, message, { mend })]
}

/** A duration in milliseconds; undefined for what is none. */
export function durationOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return parseDuration(value)
  } catch (error) {
    if (hasCode(error, 'MESH_DURATION_INVALID')) return undefined
    throw error
  }
}

/** Durations that are too long for a timer, or shorter than `leastMs`. */
export function durationFaults(
  owner: Readonly<Record<string, unknown>>,
  path: Path,
  keys: readonly string[],
  leastMs: number,
): Fault[] {
  return keys.flatMap(key => {
    const value = owner[key]
    if (typeof value !== 'string' || !/^\d+(\.\d+)?(ms|s|m|h)$/.test(value)) return []
    const at = [...path, key]
    const ms = durationOf(value)
    if (ms === undefined) {
      const message = `${pathText(at)} is "${value}", longer than a timer runs (24 days)`
      return [faultOf('MESH_DURATION_INVALID', at, message, { mend: 'write at most 596h' })]
    }
    if (ms >= leastMs) return []
    const least = leastMs > 1 ? `at least ${formatDuration(leastMs)}` : 'longer than nothing'
    const message = `${pathText(at)} is "${value}"; it has to be ${least}`
    const mend = `write at least ${formatDuration(leastMs)}, or remove the key for the default`
    return [faultOf('MESH_DURATION_INVALID', at, message, { mend })]
  })
}
