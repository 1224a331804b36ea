/**
 * The meaning of policies: known names, durations, and fields that go together. Judged is what holds once all is laid over
 * one another, and told is what the place in question says itself: a fault of what lies below is told there.
 */
import { checkHeaders } from './check-headers.ts'
import { durationFaults, durationOf } from './check-values.ts'
import {
  agentLevels,
  effective,
  effectiveOver,
  entriesOf,
  fieldsOf,
  switchable,
  type EffectivePolicy,
  type PolicyLevel,
} from './effective-policy.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import type { Policies } from './policies.ts'
import { isRecord, record } from './record.ts'
import { lists } from './shape-words.ts'
import { nearest } from './suggest.ts'

type Values = Readonly<Record<string, unknown>>

/** `spec.policy` of an agent: a known name, or values that go together. */
export function checkPolicy(policy: unknown, path: Path, policies: Policies): Fault[] {
  if (typeof policy === 'string') return nameFault(policy, path, policies)
  if (!isRecord(policy)) return []
  return [
    ...nameFault(policy.from, [...path, 'from'], policies),
    ...checkValues(policy, effective(agentLevels(policy, policies)), path),
  ]
}

/** `spec` of the CallPolicy of that name: values that go together, and no policy that starts from itself. */
export function checkNamedPolicy(spec: Values, name: unknown, policies: Policies): Fault[] {
  const path = ['spec']
  const { from } = spec
  const names = [name, ...fromNames(from, policies)]
  const isCircle = from !== undefined && names.lastIndexOf(name) > 0
  if (!isCircle) return checkPolicy(spec, path, policies)
  const message = `the policy "${String(name)}" starts from itself: ${names.slice(0, names.indexOf(name, 1) + 1).join(' -> ')}`
  const mend = 'remove it, or write the name of a policy that does not lead back here'
  return [faultOf('MESH_FIELD_INVALID', ['spec', 'from'], message, { mend })]
}

/** The names that follow on each other by `from`; a circle is followed once. */
function fromNames(from: unknown, policies: Policies): unknown[] {
  const names: unknown[] = []
  let name = from
  while (typeof name === 'string') {
    const isKnown = names.includes(name)
    names.push(name)
    if (isKnown) break
    name = policies.get(name)?.spec.from
  }
  return names
}

/** The faults of what a dependency at `path` says itself, over the levels of its agent. */
export function checkOverLevels(own: Values, path: Path, levels: readonly PolicyLevel[]): Fault[] {
  return checkValues(own, effectiveOver(levels, own), path)
}

/** The faults of the highest level, which stands at `path`; `all` is what holds with it. */
function checkValues(own: Values, all: EffectivePolicy, path: Path): Fault[] {
  const retries = record(own.retries)
  const at = (...steps: string[]) => [...path, ...steps]
  return [
    ...durationFaults(own, path, ['timeout', 'deadline'], 1),
    ...durationFaults(record(retries.backoff), at('retries', 'backoff'), ['initial', 'max'], 0),
    ...durationFaults(record(own.hedge), at('hedge'), ['after'], 1),
    ...durationFaults(record(own.breaker), at('breaker'), ['open'], 1),
    ...durationFaults(record(own.ejection), at('ejection'), ['for'], 1),
    ...timeoutFault(own, path, all),
    ...partFaults(own, path, all),
    ...backoffFault(own, path, all),
    ...attemptsFault(own, path, all),
    ...hedgeFault(own, path, all),
    ...hashFault(own, path, all),
    ...checkHeaders(own.headers, at('headers')),
  ]
}

function nameFault(name: unknown, path: Path, policies: Policies): Fault[] {
  if (typeof name !== 'string' || !/^[a-z0-9-]+$/.test(name) || policies.has(name)) return []
  const names = [...policies.keys()].sort()
  const near = nearest(name, names)
  const message = `no policy is named "${name}"; there are ${lists(names)}`
  const mend = near
    ? `write ${near}`
    : `write ${names[0]}, or give the file that describes the CallPolicy "${name}" too`
  return [faultOf('MESH_POLICY_UNKNOWN', path, message, { mend })]
}

/** An own timeout beyond the deadline that holds for it. */
function timeoutFault(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  const { timeout } = own
  const deadline = all.get('deadline')?.value
  const [timeoutMs, deadlineMs] = [durationOf(timeout), durationOf(deadline)]
  if (timeoutMs === undefined || deadlineMs === undefined || timeoutMs <= deadlineMs) return []
  const isOwn = own.deadline === deadline
  const whole = isOwn
    ? `its deadline of ${String(deadline)}`
    : `the deadline of ${String(deadline)} that its policy sets`
  const message = `${pathText(path)} has a timeout of ${String(timeout)} for one attempt, longer than ${whole} for the whole call`
  const mend = `write a timeout of at most ${String(deadline)}, or ${isOwn ? 'raise deadline to' : 'add deadline:'} ${String(timeout)}`
  return [faultOf('MESH_TIMEOUT_EXCEEDED', [...path, 'timeout'], message, { mend })]
}

/** A part that is on needs all its fields, and where it was `none` below nothing there gives them. */
function partFaults(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  return switchable.flatMap(part => {
    if (!isRecord(own[part]) || all.has(part)) return []
    const given = record(own[part])
    // A field of the wrong type is there: its shape is told.
    const missing = fieldsOf(part).filter(key => !all.has(`${part}.${key}`) && !(key in given))
    if (missing.length === 0) return []
    const at = [...path, part]
    const message = `${pathText(at)} has no ${missing.join(' and no ')}, and the policy below it says none`
    return [
      faultOf('MESH_FIELD_MISSING', at, message, { at: 'key', mend: `add ${missing.join(', ')}` }),
    ]
  })
}

function backoffFault(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  const { initial, max } = record(record(own.retries).backoff)
  const at = (key: string) => all.get(`retries.backoff.${key}`)?.value
  const [initialMs, maxMs] = [durationOf(at('initial')), durationOf(at('max'))]
  if (initialMs === undefined || maxMs === undefined || initialMs <= maxMs) return []
  const key = initial === undefined ? 'max' : 'initial'
  if (initial === undefined && max === undefined) return []
  const message = `the first pause of ${String(at('initial'))} is longer than the longest, ${String(at('max'))}`
  const mend = `write initial: ${String(at('max'))} or less, or raise max`
  return [faultOf('MESH_FIELD_INVALID', [...path, 'retries', 'backoff', key], message, { mend })]
}

/** Attempts that somebody asked for and that the deadline ends before they began, where each takes its whole time. */
function attemptsFault(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  const { attempts } = record(own.retries)
  const ms = (key: string) => durationOf(all.get(key)?.value)
  const [timeout, deadline] = [ms('timeout'), ms('deadline')]
  const [initial, max] = [ms('retries.backoff.initial'), ms('retries.backoff.max')]
  if (typeof attempts !== 'number' || attempts < 2 || attempts > 10) return []
  if (timeout === undefined || deadline === undefined) return []
  if (initial === undefined || max === undefined || timeout > deadline) return []
  const after = (count: number): number =>
    Array.from({ length: count - 1 }, (_, i) => Math.min(initial * 2 ** i, max)).reduce(
      (sum, pause) => sum + pause,
      (count - 1) * timeout,
    )
  if (after(attempts) < deadline) return []
  const fit = Array.from({ length: attempts }, (_, i) => i + 1).filter(n => after(n) < deadline)
  const times = `attempts of ${String(all.get('timeout')?.value)} and their pauses`
  const message = `${attempts} ${times} do not fit into the deadline of ${String(all.get('deadline')?.value)}: where each takes its whole time, ${fit.length === 1 ? 'one begins' : `${fit.length} begin`}`
  const mend = `write attempts: ${fit.at(-1) ?? 1}, shorten timeout, or raise deadline`
  return [
    faultOf('MESH_DEADLINE_SHORT', [...path, 'retries', 'attempts'], message, {
      ...{ mend, severity: 'warning' },
    }),
  ]
}

/** A hedge that comes when the attempt is over already. */
function hedgeFault(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  const { after } = record(own.hedge)
  const timeout = all.get('timeout')?.value
  const [afterMs, timeoutMs] = [durationOf(after), durationOf(timeout)]
  if (afterMs === undefined || timeoutMs === undefined || afterMs < timeoutMs) return []
  const message = `the second attempt would begin after ${String(after)}, when the first has run into its timeout of ${String(timeout)}`
  const mend = `write less than ${String(timeout)}, or hedge: none`
  return [faultOf('MESH_FIELD_INVALID', [...path, 'hedge', 'after'], message, { mend })]
}

/** `consistent-hash` and the argument that it goes by belong together. */
function hashFault(own: Values, path: Path, all: EffectivePolicy): Fault[] {
  const isHash = all.get('balance')?.value === 'consistent-hash'
  const said = new Set(entriesOf(own).map(([key]) => key))
  if (isHash && said.has('balance') && !all.has('hashOn')) {
    const message = `${pathText(path)} balances by consistent-hash and names no argument to go by`
    const mend = 'add hashOn: session_id, with the name of an argument'
    return [faultOf('MESH_FIELD_MISSING', [...path, 'balance'], message, { mend })]
  }
  if (!isHash && said.has('hashOn')) {
    const message = `hashOn does nothing with balance: ${String(all.get('balance')?.value)}`
    const mend = 'add balance: consistent-hash, or remove hashOn'
    return [faultOf('MESH_FIELD_INVALID', [...path, 'hashOn'], message, { mend, at: 'key' })]
  }
  return []
}
