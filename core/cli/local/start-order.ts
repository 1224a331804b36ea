/**
 * Which agents of a start wait for which: a consumer starts when those are ready that could fill its dependencies, so that
 * its first call finds them. Where they depend on each other in a circle, one of them starts first: a dependency that
 * waits is no reason to wait for ever. A gateway comes last, so that it shows everything when it is ready.
 */
import type { Agent } from '../../model/agent.ts'
import { consumersOf } from '../../model/consumer.ts'
import { unsuited, wantOf } from '../../resolver/filter.ts'

/** For each agent, in the order given, the indexes of those it starts after; following them never leads back. */
export function startOrder(agents: readonly Agent[]): number[][] {
  const offers = new Map<string, { index: number; tool: Agent['tools'][number] }[]>()
  for (const [index, { namespace, tools }] of agents.entries()) {
    for (const tool of tools) {
      const key = `${namespace}/${tool.capability}`
      const known = offers.get(key)
      if (known) known.push({ index, tool })
      else offers.set(key, [{ index, tool }])
    }
  }
  const shown = [...agents.keys()].filter(index => agents[index]?.gateway === undefined)
  const wanted = agents.map((agent, self) => {
    if (agent.gateway) return shown
    const { namespace } = agent
    const wants = consumersOf(agent)
      .flatMap(({ dependencies }) => dependencies)
      .flatMap(({ alternatives }) => alternatives)
      .map(alternative => ({ ...wantOf(namespace, alternative), expects: undefined }))
    const providers = wants.flatMap(want =>
      (offers.get(`${namespace}/${want.capability}`) ?? [])
        .filter(({ tool }) => !unsuited(want, { ...tool, schemas: tool }))
        .map(({ index }) => index),
    )
    return [...new Set(providers)].filter(index => index !== self)
  })
  return withoutCircles(wanted)
}

/** Depth first with a stack of its own; an edge back to an agent that is still open is left out. */
function withoutCircles(wanted: readonly (readonly number[])[]): number[][] {
  const kept: number[][] = wanted.map(() => [])
  const state: ('open' | 'done' | undefined)[] = []
  for (const root of wanted.keys()) {
    const path = state[root] === undefined ? [{ at: root, next: 0 }] : []
    if (path.length > 0) state[root] = 'open'
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const target = wanted[top.at]?.[top.next++]
      if (target === undefined) {
        state[top.at] = 'done'
        path.pop()
      } else if (state[target] !== 'open') {
        kept[top.at]?.push(target)
        if (state[target] === 'done') continue
        state[target] = 'open'
        path.push({ at: target, next: 0 })
      }
    }
  }
  return kept
}
