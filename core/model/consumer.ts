/**
 * What of an agent has dependencies, each under a key by which the registry, processes and people name it. The list is the
 * same whether it is read from a manifest as it was written or from an agent as the mesh works with it.
 */
import type { Agent, Dependency } from './agent.ts'
import type { Tool } from './generated/manifest.ts'
import { toolsIn, type Manifest } from './manifest.ts'

/** Where a consumer is, and how it is called. */
export interface ConsumerName {
  kind: 'tool'
  /** As the manifest has it. */
  name: string
  /** Unique in its agent. */
  key: string
  /** In the manifest: `spec.tools[0]`. */
  path: readonly (string | number)[]
}

/** Of an agent; `dependencies` as it is lowered. */
export interface Consumer extends ConsumerName {
  dependencies: readonly Dependency[]
}

/** Of a manifest. */
export interface WrittenConsumer extends ConsumerName {
  dependencies: NonNullable<Tool['dependencies']>
}

/** Every tool. */
export function consumersOf({ tools }: Pick<Agent, 'tools'>): Consumer[] {
  return tools.map(({ name, dependencies }, i) => ({ ...named(name, i), dependencies }))
}

/** The same of a manifest, which need not be lowered. */
export function consumersIn(manifest: Pick<Manifest, 'spec'>): WrittenConsumer[] {
  return toolsIn(manifest).map(({ name, dependencies = {} }, i) => ({
    ...named(name, i),
    dependencies,
  }))
}

/** `tool "hello"`, for people. */
export const textOf = ({ kind, name }: Pick<ConsumerName, 'kind' | 'name'>): string =>
  `${kind} "${name}"`

const named = (name: string, index: number): ConsumerName => ({
  ...{ kind: 'tool', name, key: name },
  path: ['spec', 'tools', index],
})
