/**
 * Picks the endpoint of an attempt: of those that rank equal to the first by the balance of the policy, else the next in
 * rank; a call of a session whose owner is known goes there. One that is ejected comes after all others, one that this call has asked before comes last. What comes of the
 * attempt is remembered of the endpoint (load.ts, ejection.ts).
 */
import type { CallPolicy } from '../../core/model/call-policy.ts'
import { hasCode, MeshError } from '../../core/model/error.ts'
import type { Endpoint } from '../../core/model/registry-api.ts'
import { isFit, p2c, roundRobin, type Balancer, type Choice, type Member } from './balance.ts'
import type { Layer } from './call.ts'
import { consistentHash } from './consistent-hash.ts'
import type { Edge } from './edge.ts'
import { ejectFailed } from './ejection.ts'
import { failureOf, type Failure } from './failure.ts'
import type { Load } from './load.ts'
import { createSessionOwners, type SessionOwners } from './session-owners.ts'

export type PickPolicy = Pick<CallPolicy, 'balance' | 'hashOn' | 'ejection' | 'timeoutMs'>

export interface PickOptions {
  edge: Edge
  /** Ranked, best first, and not empty. */
  endpoints: readonly Endpoint[]
  load: Load
  /** What answers have told; default nothing yet. */
  owners?: SessionOwners
  random?: () => number
}

/** An endpoint that fails fast must not look like a fast one: a failure counts as a latency of at least this. */
const failureMs = 1_000

export const pick = (policy: PickPolicy, options: PickOptions): Layer => {
  const { edge, endpoints, load, owners = createSessionOwners(), random } = options
  const best = endpoints[0]
  const members = endpoints.map(endpoint => ({ endpoint, load: load.of(endpoint) }))
  const isLeading = ({ endpoint: e }: Member) =>
    e.score === best?.score && e.version === best.version
  const rest = members.filter(member => !isLeading(member))
  const balancer = balancerOf(policy, members.filter(isLeading), random)

  const { session } = best ?? {}
  const byInstance = new Map(members.map(member => [member.endpoint.instance, member]))
  /** The one that owns the session of the call, where that is known. */
  const owner = (choice: Choice): Member | undefined => {
    if (session === undefined) return undefined
    const member = byInstance.get(owners.of(session, choice.args) ?? '')
    return member && isFit(member, choice) ? member : undefined
  }
  const choose = (choice: Choice) =>
    owner(choice) ?? balancer(choice) ?? rest.find(member => isFit(member, choice))
  return next => async request => {
    const { args, signal, expiresAt, trail, stream, record, passed } = request
    const began = performance.now()
    const member =
      choose({ now: began, trail, args, strictness: 'fresh' }) ??
      choose({ now: began, trail, args, strictness: 'new' }) ??
      choose({ now: began, trail, args, strictness: 'any' })
    if (!member) {
      const found = `${edge.name}: no endpoint is left that this call may be sent to`
      throw new MeshError('MESH_ENDPOINT_UNREACHABLE', found)
    }
    const { endpoint, load: state } = member
    trail?.endpoints.push(endpoint)
    edge.attempts++
    record?.attempt(endpoint)
    state.inFlight++
    try {
      const attempt = { args, signal, expiresAt, trail, endpoint, stream, record, passed }
      const result = await next(attempt)
      const now = performance.now()
      state.observe(now - began, now)
      state.failures = 0
      if (endpoint.session !== undefined) owners.learn(endpoint, result)
      return result
    } catch (error) {
      if (!signal.aborted) record?.attemptFailed(endpoint, error)
      const now = performance.now()
      const failure = signal.aborted
        ? tooLate(error, now - began, policy.timeoutMs)
        : failureOf(error)
      state.atLeast(failure ? Math.max(now - began, failureMs) : now - began, now)
      if (failure) edge.breaker.blame(endpoint.instance)
      if (failure && !failure.isBusy && policy.ejection) {
        if (ejectFailed(state, members, policy.ejection, { ...failure, now })) edge.ejections++
      }
      throw error
    } finally {
      state.inFlight--
    }
  }
}

/** A call that ended by its deadline says something of the endpoint where that had the time of a whole attempt. */
function tooLate(error: unknown, ms: number, timeoutMs: number): Failure | undefined {
  if (!hasCode(error, 'MESH_DEADLINE_EXCEEDED') || ms < timeoutMs * 0.9) return undefined
  return { cause: 'timeout', isUnexecuted: false }
}

function balancerOf(
  { balance, hashOn }: PickPolicy,
  leading: readonly Member[],
  random?: () => number,
): Balancer {
  switch (balance) {
    case 'auto': {
      const { session } = leading[0]?.endpoint ?? {}
      return session === undefined ? p2c(leading, random) : consistentHash(leading, session, random)
    }
    case 'p2c':
      return p2c(leading, random)
    case 'round-robin':
      return roundRobin(leading)
    case 'consistent-hash':
      return consistentHash(leading, hashOn ?? '', random)
  }
}
