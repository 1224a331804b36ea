/** What a gateway shows of the mesh, with every default filled in; it stands in the `Agent` that a gateway is for the rest of the mesh. */
import type { TagQuery } from './agent.ts'
import type { CallPolicy } from './call-policy.ts'

export interface Gateway {
  /** In order: of two that match, the first says how. Not empty. */
  exposures: readonly Exposure[]
  /** When a name begins with that of its agent. */
  prefix: 'collisions' | 'always'
  /** The tool that finds the tools which are not listed; undefined where all are. */
  search: { tool: string; limit: number } | undefined
  /** Of every call. */
  policy: CallPolicy
}

/** A choice of agents and of their tools. */
export interface Exposure {
  /** Undefined for every namespace. */
  namespaces: readonly string[] | undefined
  /** Undefined for every agent. */
  agents: readonly string[] | undefined
  /** Undefined for every tool; resources and prompts only then, and without tags. */
  capabilities: readonly string[] | undefined
  tags: TagQuery | undefined
  /** How the names of these tools and prompts begin; undefined as the gateway says. */
  prefix: string | undefined
  /** Whether its tools are listed where there is a search. */
  isPinned: boolean
  /** Reference to the token that the gateway presents to these agents. */
  bearer: string | undefined
}
