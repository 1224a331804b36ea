/**
 * The ways to choose one of several endpoints that are equally good. What may be chosen at all is the same for each of
 * them: not ejected, not asked by this call before, and safe to ask once more.
 */
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { EndpointLoad } from './load.ts'
import type { Trail } from './trail.ts'

export interface Member {
  readonly endpoint: Endpoint
  readonly load: EndpointLoad
}

/** What a choice goes by. */
export interface Choice {
  readonly now: number
  readonly trail: Trail | undefined
  readonly args: Readonly<Record<string, unknown>>
  /** Takes what is ejected or was asked before too: for when there is nothing else. */
  readonly strictness: Strictness
}

/** `fresh`: not ejected and not asked before; `new`: not asked before; `any`: all that is safe. */
export type Strictness = 'fresh' | 'new' | 'any'

/** Undefined where none is fit. */
export type Balancer = (choice: Choice) => Member | undefined

export function isFit({ endpoint, load }: Member, { now, trail, strictness }: Choice): boolean {
  if (strictness === 'fresh' && load.ejectedUntil > now) return false
  if (!trail || trail.endpoints.length === 0) return true
  if (!trail.allows(endpoint)) return false
  return strictness === 'any' || !trail.hasAsked(endpoint)
}

/**
 * Of two drawn at random the one that costs less (Mitzenmacher, The Power of Two Choices, 2001): nearly as good as the best
 * of all, and callers that know no more of each other do not all run to the same one.
 */
export function p2c(members: readonly Member[], random: () => number = Math.random): Balancer {
  const count = members.length
  const cheaper = (a: Member, b: Member, now: number) =>
    a.load.cost(now) <= b.load.cost(now) ? a : b
  return choice => {
    if (count === 1) return first(members, 0, choice)
    const i = Math.floor(random() * count)
    const j = (i + 1 + Math.floor(random() * (count - 1))) % count
    const [a, b] = [members[i], members[j]]
    const fitA = a && isFit(a, choice) ? a : undefined
    const fitB = b && isFit(b, choice) ? b : undefined
    if (fitA && fitB) return cheaper(fitA, fitB, choice.now)
    const one = fitA ?? fitB
    const other = first(members, j, choice, one)
    return one && other ? cheaper(one, other, choice.now) : (one ?? other)
  }
}

/** In turn, however long each takes. */
export function roundRobin(members: readonly Member[]): Balancer {
  let turn = 0
  return choice => first(members, turn++ % members.length, choice)
}

/** The first fit one from an index on, around; all are looked at only where none is fit. */
function first(
  members: readonly Member[],
  from: number,
  choice: Choice,
  but?: Member,
): Member | undefined {
  for (let i = 0; i < members.length; i++) {
    const member = members[(from + i) % members.length]
    if (member && member !== but && isFit(member, choice)) return member
  }
  return undefined
}
