/**
 * The same endpoint for the same value of an argument, as long as it is there: a ring of points (Karger and others,
 * Consistent Hashing and Random Trees, 1997), so that an endpoint that comes or goes moves only its own share of the values. A
 * call without that argument has no place on the ring and is balanced by p2c.
 */
import { isFit, p2c, type Balancer, type Member } from './balance.ts'

/** Of each endpoint: enough for an even share among few, little enough to build the ring of a thousand in milliseconds. */
const mostPoints = 160
const allPoints = 32_768
/** A point is `hash * 2^20 + index`, which a double holds exactly; sorted they are the ring. */
const indexes = 2 ** 20

/** `argument` names the argument; its value counts as JSON writes it. */
export function consistentHash(
  members: readonly Member[],
  argument: string,
  random?: () => number,
): Balancer {
  const ring = ringOf(members)
  const otherwise = p2c(members, random)
  return choice => {
    const value = choice.args[argument]
    if (value === undefined) return otherwise(choice)
    const hash = hashOf(typeof value === 'string' ? value : JSON.stringify(value))
    const from = firstAtOrAfter(ring, hash * indexes)
    for (let i = 0; i < ring.length; i++) {
      const member = members[(ring[(from + i) % ring.length] ?? 0) % indexes]
      if (member && isFit(member, choice)) return member
    }
    return undefined
  }
}

/** By URL: an instance that restarts where it was takes over its own share. */
function ringOf(members: readonly Member[]): Float64Array {
  const points = Math.max(Math.min(mostPoints, Math.floor(allPoints / members.length)), 1)
  const ring = new Float64Array(members.length * points)
  for (const [index, { endpoint }] of members.entries()) {
    for (let i = 0; i < points; i++) {
      ring[index * points + i] = hashOf(`${endpoint.url}#${i}`) * indexes + index
    }
  }
  return ring.sort()
}

function firstAtOrAfter(ring: Float64Array, value: number): number {
  let low = 0
  let high = ring.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ring[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** 32 bits: FNV-1a, its bits mixed once more (murmur3's finalizer), as URLs that differ in a digit lie close otherwise. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
