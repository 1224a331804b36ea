/**
 * Which tools can work: those whose required dependencies are filled by tools that can work. The least fixed point of
 * that, kept up to date with work for what changed only. Each available tool remembers the stage (`depth`) at which it was
 * derived; it stays available while each required slot has a provider of a lower stage. So two tools that only
 * hold each other up fall together, which a plain count of providers would miss.
 */
import { explain, closest } from '../../resolver/explain.ts'
import { unlocked, unsuited, wantOf } from '../../resolver/filter.ts'
import { compareText } from '../../resolver/rank.ts'
import type { Capability, ServedTool, Slot } from './mesh-index.ts'

/** Brings `depth` and `broken` of every tool concerned up to date. Gives back the capabilities whose offers look different now. */
export function updateAvailability(
  touched: Iterable<Capability>,
  fresh: Iterable<Slot>,
): Set<Capability> {
  const before = new Map<ServedTool, boolean>()
  const setDepth = (tool: ServedTool, depth: number) => {
    if (!before.has(tool)) before.set(tool, isAvailable(tool))
    tool.depth = depth
  }
  const concerned = new Set<ServedTool>()
  for (const capability of touched) addDependants(capability, concerned)
  for (const { tool, dependency } of fresh) if (tool && dependency.required) concerned.add(tool)

  const falling = new Set(concerned)
  for (const tool of falling) {
    falling.delete(tool) // it may be added again
    if (!isAvailable(tool) || isHeld(tool)) continue
    setDepth(tool, Infinity)
    concerned.add(tool)
    addDependants(tool.offered, falling)
  }
  const rising = new Set(concerned)
  for (const tool of rising) {
    rising.delete(tool)
    if (isAvailable(tool)) continue
    const depth = 1 + Math.max(...tool.required.map(slot => lowestDepth(slot)))
    if (depth === Infinity) continue
    setDepth(tool, depth)
    addDependants(tool.offered, rising)
  }
  for (const [tool, was] of before) if (was !== isAvailable(tool)) concerned.add(tool)
  return updateReasons(concerned)
}

/** Reasons are told upwards: a change of one changes those that quote it. */
function updateReasons(tools: Set<ServedTool>): Set<Capability> {
  const changed = new Set<Capability>()
  for (const tool of tools) {
    tools.delete(tool)
    const broken = isAvailable(tool) ? undefined : firstBrokenEdge(tool)
    if (broken === tool.broken) continue
    tool.broken = broken
    changed.add(tool.offered)
    addDependants(tool.offered, tools)
  }
  return changed
}

/** Follows the first unfilled slot down to the one that nothing below can explain. */
function firstBrokenEdge(tool: ServedTool): string {
  const path: ServedTool[] = []
  for (let at: ServedTool | undefined = tool; at;) {
    const seen = path.indexOf(at)
    if (seen >= 0) return cycleText(path.slice(seen))
    path.push(at)
    const slot: Slot | undefined = at.required.find(each => lowestDepth(each) === Infinity)
    if (!slot) break
    const below: ServedTool | undefined = brokenProvider(slot)
    if (!below) {
      const edge = `${nameOf(at)} -> ${slot.dependency.name}`
      return `the required dependency ${edge} is unresolved: ${slotReason(slot)}`
    }
    at = below
  }
  return 'a required dependency is unresolved'
}

/** The provider that would fill the slot if only its own dependencies were filled. */
function brokenProvider(slot: Slot): ServedTool | undefined {
  for (const { want, capability } of wantsOf(slot)) {
    const found = closest(want, capability.offers)
    if (found?.left.stage === 'availability') return found.offer
  }
  return undefined
}

function slotReason(slot: Slot): string {
  return wantsOf(slot)
    .map(({ want, capability }) => explain(want, () => capability.offers))
    .join('; or ')
}

function cycleText(cycle: readonly ServedTool[]): string {
  const names = cycle.map(nameOf)
  const first = names.indexOf([...names].sort(compareText)[0] ?? '')
  const turned = [...names.slice(first), ...names.slice(0, first), names[first]]
  return `required dependencies form a cycle: ${turned.join(' -> ')}`
}

function isAvailable(tool: ServedTool): boolean {
  return tool.depth !== Infinity
}

function isHeld(tool: ServedTool): boolean {
  return tool.required.every(slot => lowestDepth(slot) < tool.depth)
}

/** The lowest stage among the providers that fill the slot, Infinity when nothing fills it. */
function lowestDepth(slot: Slot): number {
  let lowest = Infinity
  for (const { want, capability } of wantsOf(slot)) {
    for (const offer of capability.offers) {
      if (offer.depth >= lowest || offer.serving.readyCount === 0) continue
      if (!unsuited(want, offer) && !unlocked(want, offer)) lowest = offer.depth
    }
  }
  return lowest
}

function wantsOf({ serving, dependency, wanted }: Slot) {
  return wanted.flatMap((capability, i) => {
    const alternative = dependency.alternatives[i]
    return alternative ? [{ want: wantOf(serving.agent.namespace, alternative), capability }] : []
  })
}

/** The tools that need the capability. */
function addDependants(capability: Capability, tools: Set<ServedTool>): void {
  for (const { tool, dependency } of capability.slots)
    if (tool && dependency.required) tools.add(tool)
}

function nameOf(tool: ServedTool): string {
  return `${tool.agent}/${tool.tool}`
}
