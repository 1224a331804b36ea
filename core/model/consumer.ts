/**
 * What of an agent has dependencies, each under a key by which the registry, processes and people name it. It is the same
 * list whether it is read from a manifest as it was written or from an agent as the mesh works with it.
 */
import type { Agent, Dependency } from './agent.ts'
import type { AgentSpec, Tool } from './generated/manifest.ts'
import type { Manifest } from './manifest.ts'

/** Which consumer of an agent, and where it stands. */
export interface ConsumerName {
  kind: 'tool' | 'resource' | 'prompt'
  /** As the manifest has it. */
  name: string
  /** Unique in its agent: the name of a tool, which has no colon; `resource:<name>` or `prompt:<name>` of others. */
  key: string
  /** In the manifest: `spec.tools[0]`. */
  path: readonly (string | number)[]
}

/** Of an agent: its dependencies as they are lowered. */
export interface Consumer extends ConsumerName {
  dependencies: readonly Dependency[]
}

/** Of a manifest: its dependencies as they are written. */
export interface WrittenConsumer extends ConsumerName {
  dependencies: NonNullable<Tool['dependencies']>
}

const kinds = { tools: 'tool', resources: 'resource', prompts: 'prompt' } as const

/** Every tool, and the resources and prompts that have dependencies. */
export function consumersOf(agent: Pick<Agent, 'tools' | 'resources' | 'prompts'>): Consumer[] {
  return lists.flatMap(list =>
    agent[list].flatMap(({ name, dependencies }, i) =>
      list === 'tools' || dependencies.length > 0
        ? [{ ...consumerName(list, name, i), dependencies }]
        : [],
    ),
  )
}

/** The same of a manifest, which need not be lowered; a gateway has none. */
export function consumersIn({ spec }: Pick<Manifest, 'spec'>): WrittenConsumer[] {
  const own: Partial<AgentSpec> = spec
  return lists.flatMap(list =>
    (own[list] ?? []).flatMap(({ name, dependencies = {} }, i) =>
      list === 'tools' || Object.keys(dependencies).length > 0
        ? [{ ...consumerName(list, name, i), dependencies }]
        : [],
    ),
  )
}

const lists = ['tools', 'resources', 'prompts'] as const

/** By the list of the spec that it stands in. */
function consumerName(list: (typeof lists)[number], name: string, index: number): ConsumerName {
  const kind = kinds[list]
  return { kind, name, key: keyOf(kind, name), path: ['spec', list, index] }
}

/** See `ConsumerName`. */
export const keyOf = (kind: ConsumerName['kind'], name: string): string =>
  kind === 'tool' ? name : `${kind}:${name}`

/** `tool "hello"`, for people. */
export const textOf = ({ kind, name }: Pick<ConsumerName, 'kind' | 'name'>): string =>
  `${kind} "${name}"`
