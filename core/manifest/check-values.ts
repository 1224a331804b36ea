/** The meaning of single values: versions, durations and policies. What the schema already refuses is passed over. */
import valid from 'semver/functions/valid.js'
import { parseDuration } from '../model/duration.ts'
import { hasCode } from '../model/error.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { effectivePolicy, shippedPolicies } from './policies.ts'
import { isRecord, record } from './record.ts'
import { lists } from './shape-words.ts'
import { nearest } from './suggest.ts'

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
    const message = `${pathText(at)} is "${value}"; it has to be longer than nothing`
    return [
      faultOf('MESH_DURATION_INVALID', at, message, {
        mend: 'write at least 1ms, or remove the key for the default',
      }),
    ]
  })
}

/** `spec.policy`: a known name, or values that go together. */
export function checkPolicy(policy: unknown, path: Path): Fault[] {
  if (isRecord(policy)) return checkCallPolicy(policy, path)
  const names = [...shippedPolicies().keys()].sort()
  if (typeof policy !== 'string' || !/^[a-z0-9-]+$/.test(policy) || names.includes(policy))
    return []
  const near = nearest(policy, names)
  const message = `no shipped policy is named "${policy}"; there are ${lists(names)}`
  const mend = near
    ? `write ${near}`
    : `write ${names[0]}, or values: { timeout: 3s, deadline: 10s }`
  return [faultOf('MESH_POLICY_UNKNOWN', path, message, { mend })]
}

/** Values of a policy: durations, and no attempt longer than the whole call. */
export function checkCallPolicy(values: Readonly<Record<string, unknown>>, path: Path): Fault[] {
  return [
    ...durationFaults(values, path, ['timeout', 'deadline'], 1),
    ...timeoutFault(values, path, effectivePolicy('default')),
  ]
}

/** An own timeout beyond the deadline that holds for it, which is its own or that of `defaults`. */
export function timeoutFault(
  owner: Readonly<Record<string, unknown>>,
  path: Path,
  defaults: { deadline: string },
): Fault[] {
  const { timeout, deadline } = record(owner)
  const whole = typeof deadline === 'string' ? deadline : defaults.deadline
  const [timeoutMs, deadlineMs] = [durationOf(timeout), durationOf(whole)]
  if (timeoutMs === undefined || deadlineMs === undefined || timeoutMs <= deadlineMs) return []
  const own =
    deadline === undefined
      ? `the deadline of ${defaults.deadline} that its policy sets`
      : `its deadline of ${whole}`
  const message = `${pathText(path)} has a timeout of ${String(timeout)} for one attempt, longer than ${own} for the whole call`
  const mend = `write a timeout of at most ${whole}, or ${deadline === undefined ? 'add deadline:' : 'raise deadline to'} ${String(timeout)}`
  return [faultOf('MESH_TIMEOUT_EXCEEDED', [...path, 'timeout'], message, { mend })]
}
