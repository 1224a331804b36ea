/**
 * Policies laid over one another, field by field: what holds for a call, and where each value came from. It works on what
 * is written, also where that has faults: a value of the wrong type is passed over, and the shape tells of it.
 */
import { chainOf, type Policies } from './policies.ts'
import { isRecord, record } from './record.ts'

/** Values from one place. */
export interface PolicyLevel {
  /** For people: `CallPolicy patient (shipped)`, `spec.policy`. */
  origin: string
  values: Readonly<Record<string, unknown>>
}

/** A value that holds, and the origin of the level that it is from. */
export interface EffectiveValue {
  value: unknown
  origin: string
}

/** By field, nested ones with dots: `timeout`, `retries.backoff.max`, `headers.x-version`; a part is `none` where it is off. */
export type EffectivePolicy = ReadonlyMap<string, EffectiveValue>

type Kind = 'text' | 'count' | 'list'
type Fields = Readonly<Record<string, Kind | Readonly<Record<string, Kind>>>>

/** Every part that is made of fields; the others are single texts. */
const parts: Readonly<Record<string, Fields>> = {
  retries: {
    attempts: 'count',
    backoff: { initial: 'text', max: 'text' },
    on: 'list',
    budget: 'text',
  },
  hedge: { after: 'text' },
  breaker: { failures: 'count', open: 'text' },
  concurrency: { max: 'count', queue: 'count' },
  ejection: { failures: 'count', for: 'text', max: 'text' },
}
const single = ['timeout', 'deadline', 'balance', 'hashOn', 'stream'] as const

const policyKeys = [
  ...['timeout', 'deadline', 'retries', 'hedge', 'breaker', 'concurrency', 'ejection'],
  ...['balance', 'hashOn', 'headers', 'stream'],
] as const

/** Parts that `none` switches off. */
export const switchable = ['hedge', 'breaker', 'concurrency', 'ejection'] as const

const namedLevels = new WeakMap<Policies, Map<unknown, readonly PolicyLevel[]>>()

/**
 * The levels under a dependency's own values: shipped default, named policies, values of the agent; lowest first. Agents that
 * say nothing, or the same name, have one list, which is merged once.
 */
export function agentLevels(policy: unknown, policies: Policies): readonly PolicyLevel[] {
  if (isRecord(policy)) return levelsOf(policy, policies)
  const known = namedLevels.get(policies) ?? new Map<unknown, readonly PolicyLevel[]>()
  namedLevels.set(policies, known)
  const levels = known.get(policy) ?? levelsOf(policy, policies)
  known.set(policy, levels)
  return levels
}

function levelsOf(policy: unknown, policies: Policies): readonly PolicyLevel[] {
  const named = chainOf(typeof policy === 'string' ? policy : record(policy).from, policies)
  const levels = named.map(({ name, spec, place }) => ({
    origin: `CallPolicy ${name} (${place ?? 'shipped'})`,
    values: spec,
  }))
  return isRecord(policy) ? [...levels, { origin: 'spec.policy', values: policy }] : levels
}

/**
 * The levels as one; the last that has a value says it, and within a part each field by itself. `under` is what lies
 * below them all, for levels that many share.
 */
export function effective(
  levels: readonly PolicyLevel[],
  under?: EffectivePolicy,
): EffectivePolicy {
  const found = new Map(under)
  for (const { origin, values } of levels) {
    for (const [path, value] of entriesOf(values)) {
      const [part = ''] = path.split('.')
      // `none` forgets the fields below it, and a field forgets a `none` below it.
      if (path !== part) found.delete(part)
      else if (part in parts)
        for (const other of found.keys()) if (other.startsWith(`${part}.`)) found.delete(other)
      found.set(path, { value, origin })
    }
  }
  return found
}

const merged = new WeakMap<readonly PolicyLevel[], EffectivePolicy>()

/** What a dependency says itself, `values`, over the levels of its agent; those are merged once for all that lies over them. */
export function effectiveOver(
  levels: readonly PolicyLevel[],
  values: PolicyLevel['values'],
): EffectivePolicy {
  const under = merged.get(levels) ?? effective(levels)
  merged.set(levels, under)
  return effective([{ origin: 'dependency', values }], under)
}

/** The fields that a level says, each with its path. */
export function entriesOf(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  const entries: [string, unknown][] = single.flatMap((key): [string, unknown][] =>
    typeof values[key] === 'string' ? [[key, values[key]]] : [],
  )
  for (const [part, fields] of Object.entries(parts)) {
    if (values[part] === undefined) continue
    if (values[part] === 'none') entries.push([part, 'none'])
    else entries.push(...partEntries(record(values[part]), fields, part))
  }
  if (values.headers === undefined) return entries
  for (const [name, value] of Object.entries(record(values.headers)))
    if (typeof value === 'string') entries.push([`headers.${name.toLowerCase()}`, value])
  return entries
}

function partEntries(
  values: Readonly<Record<string, unknown>>,
  fields: Fields,
  path: string,
): [string, unknown][] {
  return Object.entries(fields).flatMap(([key, kind]): [string, unknown][] => {
    const value = values[key]
    const at = `${path}.${key}`
    if (typeof kind === 'object') return partEntries(record(value), kind, at)
    const isKind =
      kind === 'list'
        ? Array.isArray(value)
        : typeof value === (kind === 'text' ? 'string' : 'number')
    return isKind ? [[at, value]] : []
  })
}

/** The values in the order in which people read them. */
export function inReadingOrder(policy: EffectivePolicy): [string, EffectiveValue][] {
  const rank = (path: string) => policyKeys.findIndex(key => key === path.split('.')[0])
  return [...policy].sort(([a], [b]) => rank(a) - rank(b))
}

/** The fields of a part that can be switched off; all of them are needed where it is on. */
export function fieldsOf(part: (typeof switchable)[number]): string[] {
  return Object.keys(parts[part] ?? {})
}
