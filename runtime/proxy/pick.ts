/**
 * Picks the endpoint of an attempt: of those that rank equal to the first, the one with the fewest calls in flight, in
 * turn where that is equal. The others are for when none of those can be had; one that was unreachable a moment ago
 * comes last.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { Layer } from './call.ts'
import type { Load } from './load.ts'

/** `endpoints` are ranked, best first, and not empty. */
export const pick = (endpoints: readonly Endpoint[], load: Load, edge: string): Layer => {
  const first = endpoints[0]
  const isLeading = (e: Endpoint) => e.score === first?.score && e.version === first.version
  const groups = [
    endpoints.filter(isLeading),
    ...endpoints.filter(e => !isLeading(e)).map(e => [e]),
  ]
  let turn = 0
  const choose = (tried: ReadonlySet<Endpoint>): Endpoint | undefined => {
    turn++
    let avoided: Endpoint | undefined
    for (const group of groups) {
      const best = leastLoaded(group, turn, e => !tried.has(e) && !load.isAvoided(e), load)
      if (best) return best
      avoided ??= leastLoaded(group, turn, e => !tried.has(e), load)
    }
    return avoided
  }
  return next => async request => {
    const { args, signal, expiresAt, tried = new Set() } = request
    const endpoint = choose(tried)
    if (!endpoint) {
      throw new MeshError('MESH_ENDPOINT_UNREACHABLE', `${edge}: every endpoint has been tried`)
    }
    tried.add(endpoint)
    return load.track(endpoint, () => next({ args, signal, expiresAt, tried, endpoint }))
  }
}

/** Of a large group so many are compared, others each time: the best of a few is nearly the best of all. */
const maxCompared = 16

function leastLoaded(
  group: readonly Endpoint[],
  turn: number,
  isFit: (endpoint: Endpoint) => boolean,
  load: Load,
): Endpoint | undefined {
  let best: Endpoint | undefined
  let least = Infinity
  for (let i = 0, compared = 0; i < group.length && compared < maxCompared && least > 0; i++) {
    const endpoint = group[(turn + i) % group.length]
    if (!endpoint || !isFit(endpoint)) continue
    compared++
    const inFlight = load.inFlight(endpoint)
    if (inFlight >= least) continue
    best = endpoint
    least = inFlight
  }
  return best
}
