/**
 * The names under which a gateway shows tools and prompts of many agents. They depend on what is shown and on nothing else,
 * not on who came first: where two collide, both are prefixed. `_` stands between, as no agent's name has one and every client
 * takes it; no name is longer than 64 characters, which is what clients take.
 */
import { createHash } from 'node:crypto'

export interface Named {
  readonly namespace: string
  readonly agent: string
  /** As its agent calls it. */
  readonly name: string
  /** What its exposure puts before it; undefined where it says nothing. */
  readonly prefix: string | undefined
}

export const maxName = 64
const hashDigits = 8

/**
 * The name of each, in their order; all differ where no two are the same tool of one agent. `taken` is another's: who would
 * have it has a rival.
 */
export function namesFor(
  items: readonly Named[],
  prefix: 'collisions' | 'always',
  taken?: string,
): string[] {
  const levels = items.map((item): number =>
    item.prefix === undefined && prefix === 'always' ? 1 : 0,
  )
  for (;;) {
    const names = items.map((item, i) => nameAt(item, levels[i] ?? 0))
    const holders = new Map<string, number[]>()
    for (const [i, name] of names.entries()) holders.set(name, [...(holders.get(name) ?? []), i])
    // Each that has a rival goes one step on, so that none of them is the plain one by chance.
    const rivals = [...holders].flatMap(([name, of]) => (of.length > 1 || name === taken ? of : []))
    const raised = rivals.filter(i => (levels[i] ?? 0) < 3)
    if (raised.length === 0) return names
    for (const i of raised) levels[i] = (levels[i] ?? 0) + 1
  }
}

/** 0 as it is, 1 with its agent, 2 with its namespace too, 3 with a hash of all. */
function nameAt(item: Named, level: number): string {
  const { namespace, agent, name, prefix } = item
  const own = prefix === undefined ? name : `${prefix}_${name}`
  if (level === 0) return shortened(own, item)
  if (level === 1) return shortened(`${agent}_${own}`, item)
  if (level === 2) return shortened(`${namespace}_${agent}_${own}`, item)
  return hashed(`${agent}_${own}`, item)
}

function shortened(text: string, item: Named): string {
  return text.length <= maxName ? text : hashed(text, item)
}

function hashed(text: string, { namespace, agent, name }: Named): string {
  const identity = JSON.stringify([namespace, agent, name])
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, hashDigits)
  return `${text.slice(0, maxName - hashDigits - 1)}_${hash}`
}
