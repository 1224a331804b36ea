/** The order among candidates that all suit: score, then version, then instance id, so that every registry ranks alike. */
import compareBuild from 'semver/functions/compare-build.js'
import type { TagQuery } from '../model/agent.ts'
import type { Endpoint } from '../model/registry-api.ts'

const REQUIRED_TAG = 5
const PREFERRED_TAG = 10

/** Points of an offer's tags: 5 for each required one and each any-of group (all are there, or it were left out), 10 for each preferred one. */
export function scoreOf(query: TagQuery, tags: readonly string[]): number {
  const preferred = query.preferred.filter(tag => tags.includes(tag)).length
  return REQUIRED_TAG * (query.required.length + query.anyOf.length) + PREFERRED_TAG * preferred
}

/** Sorts best first. */
export function byRank(a: Endpoint, b: Endpoint): number {
  return (
    b.score - a.score ||
    compareBuild(b.version, a.version) ||
    compareText(a.instance, b.instance) ||
    compareText(a.tool, b.tool)
  )
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
