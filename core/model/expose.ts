/** What of the mesh a gateway shows: pure, by its exposures in order, of which the first that matches says how. */
import type { Exposure } from './gateway.ts'

/** An agent, as exposures choose by it. */
export interface Exposed {
  readonly namespace: string
  readonly name: string
}

/** What the mesh knows of a tool, for those who choose by it. */
export interface Chosen {
  capability: string
  tags: readonly string[]
}

/** The first that may show any of its offers. */
export function exposureOfAgent(
  exposures: readonly Exposure[],
  agent: Exposed,
): Exposure | undefined {
  return exposures.find(exposure => takesAgent(exposure, agent))
}

/** By which exposure a tool is shown; undefined where it is not. `tool` is undefined where the manifest does not list it. */
export function exposureOfTool(
  exposures: readonly Exposure[],
  agent: Exposed,
  tool: Chosen | undefined,
): Exposure | undefined {
  return exposures.find(
    exposure => takesAgent(exposure, agent) && (isWhole(exposure) || takesTool(exposure, tool)),
  )
}

/** By which exposure the agent's resources and prompts are shown; undefined where they are not. */
export function exposureOfOffers(
  exposures: readonly Exposure[],
  agent: Exposed,
): Exposure | undefined {
  return exposures.find(exposure => takesAgent(exposure, agent) && isWhole(exposure))
}

function takesAgent({ namespaces, agents }: Exposure, { namespace, name }: Exposed): boolean {
  return (
    (namespaces === undefined || namespaces.includes(namespace)) &&
    (agents === undefined || agents.includes(name))
  )
}

/** It asks for agents, and takes all that they offer. */
const isWhole = ({ capabilities, tags }: Exposure) =>
  capabilities === undefined && tags === undefined

function takesTool({ capabilities, tags }: Exposure, tool: Chosen | undefined): boolean {
  if (!tool) return false
  const has = (tag: string) => tool.tags.includes(tag)
  return (
    (capabilities === undefined || capabilities.includes(tool.capability)) &&
    (tags === undefined ||
      (tags.required.every(has) &&
        !tags.excluded.some(has) &&
        tags.anyOf.every(group => group.some(has))))
  )
}
