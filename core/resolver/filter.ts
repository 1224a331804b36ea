/**
 * Why a candidate is left out, at the first stage that it does not pass: namespace, state, availability of its own
 * required dependencies, tags, version, schema. The order is that of DESIGN section 2, so that the reason given is the first one.
 */
import Range from 'semver/classes/range.js'
import satisfies from 'semver/functions/satisfies.js'
import validRange from 'semver/ranges/valid.js'
import { mismatchOf } from '../contract/contract.ts'
import type { DependencyAlternative, Expectation, TagQuery } from '../model/agent.ts'
import type { Exclusion } from '../model/registry-api.ts'
import type { Offer, Provider } from './offer.ts'

export interface Left {
  stage: Exclusion['stage']
  reason: string
  code?: 'MESH_LOCK_DRIFTED'
}

/** What is wanted of a capability, and by whom. */
export interface Want {
  namespace: string
  capability: string
  version: string
  tags: TagQuery
  expects: Expectation | undefined
  /** Digests by `namespace/agent.tool`; undefined where any may fill it. */
  pins: Readonly<Record<string, string>> | undefined
}

export function wantOf(namespace: string, alternative: DependencyAlternative): Want {
  const { capability, version, tags, expects, pins } = alternative
  return { namespace, capability, version, tags, expects, pins }
}

/** The stage at which one instance of the offer is left out, undefined when it passes all. */
export function leftOut(want: Want, offer: Offer, provider: Provider): Left | undefined {
  if (offer.namespace !== want.namespace) {
    const reason = `it is in namespace "${offer.namespace}", not "${want.namespace}"`
    return { stage: 'namespace', reason }
  }
  if (provider.state !== 'ready') return { stage: 'state', reason: stateReasons[provider.state] }
  if (offer.broken !== undefined) return { stage: 'availability', reason: offer.broken }
  return unsuited(want, offer) ?? unlocked(want, offer)
}

/** Whether it is what mesh.lock says, where the want is held to one. */
export function unlocked(
  { pins }: Pick<Want, 'pins'>,
  offer: Pick<Offer, 'namespace' | 'agent' | 'tool' | 'digest'>,
): Left | undefined {
  if (!pins) return undefined
  const name = `${offer.namespace}/${offer.agent}.${offer.tool}`
  const digest = Object.hasOwn(pins, name) ? pins[name] : undefined
  if (digest === offer.digest()) return undefined
  const reason =
    digest === undefined
      ? `MESH_LOCK_DRIFTED: mesh.lock has no ${name}`
      : `MESH_LOCK_DRIFTED: ${name} is not what mesh.lock says`
  return { stage: 'lock', reason, code: 'MESH_LOCK_DRIFTED' }
}

/** Whether tags, version and schemas of the offer suit, whatever the state of its instances: undefined when they do. */
export function unsuited(
  want: Want,
  offer: Pick<Offer, 'tags' | 'version' | 'schemas'>,
): Left | undefined {
  const reason = tagFault(want.tags, offer.tags)
  if (reason !== undefined) return { stage: 'tags', reason }
  if (!takesVersion(want.version, offer.version)) {
    return { stage: 'version', reason: versionFault(want.version, offer.version) }
  }
  const mismatch = want.expects && mismatchOf(want.expects, offer.schemas)
  return mismatch?.answer === 'no' ? { stage: 'schema', reason: mismatch.reason } : undefined
}

/** What could not be decided of an offer that suits: it stays in, since leaving it out for a guess could leave nobody. */
export function doubt(want: Want, offer: Pick<Offer, 'schemas'>): string | undefined {
  const mismatch = want.expects && mismatchOf(want.expects, offer.schemas)
  return mismatch?.answer === 'unknown' ? mismatch.reason : undefined
}

const stateReasons = {
  unhealthy: 'its own health check fails',
  suspect: 'it is suspect: its watch stream is broken',
  draining: 'it is draining',
} as const

function tagFault(query: TagQuery, tags: readonly string[]): string | undefined {
  const missing = query.required.find(tag => !tags.includes(tag))
  if (missing !== undefined) return `it has no tag "${missing}"`
  const excluded = query.excluded.find(tag => tags.includes(tag))
  if (excluded !== undefined) return `it has the excluded tag "${excluded}"`
  const group = query.anyOf.find(any => !any.some(tag => tags.includes(tag)))
  return group && `it has none of the tags ${group.map(tag => `"${tag}"`).join(', ')}`
}

/** Ranges and versions are few and are compared again with every change; parsing them costs more than all else here. */
const verdicts = new Map<string, boolean>()
const MAX_VERDICTS = 10_000

function takesVersion(range: string, version: string): boolean {
  const key = `${range}\n${version}`
  let verdict = verdicts.get(key)
  if (verdict === undefined) {
    verdict = range === version || satisfies(version, range)
    if (verdicts.size >= MAX_VERDICTS) verdicts.clear()
    verdicts.set(key, verdict)
  }
  return verdict
}

function versionFault(range: string, version: string): string {
  if (validRange(range) === null) return `"${range}" is no range of versions`
  const isPrerelease =
    version.includes('-') && satisfies(version, range, { includePrerelease: true })
  if (!isPrerelease) return `its version ${version} is not in ${quoteRange(range)}`
  return `its version ${version} is a prerelease, which ${quoteRange(range)} does not name`
}

function quoteRange(range: string): string {
  return `"${new Range(range).raw}"`
}
